/* SPDX-License-Identifier: BSD-2-Clause */
/* What `lspci -v` prints of a device: flags, regions, capabilities. */
#include <kernel/console.h>
#include <kernel/vsprintf.h>
#include "lspci.h"

static void print_size(u64 size)
{
	static const char units[] = "\0KMGTPE";
	unsigned unit = 0;

	while (size >= 1024 && units[unit + 1]) {
		size >>= 10;
		unit++;
	}
	/* A scale of 1 has no letter. */
	if (unit)
		console_printf(" [size=%llu%c]", (unsigned long long)size,
			       units[unit]);
	else
		console_printf(" [size=%llu]", (unsigned long long)size);
}

static void print_flags(const struct pci_device *pdev)
{
	static const char *const speed[] = { "fast", "medium", "slow", "??" };
	u16 command = pci_read16(pdev, PCI_COMMAND);
	u16 status = pci_read16(pdev, PCI_STATUS);

	console_puts("\tFlags: ");
	if (command & PCI_COMMAND_MASTER)
		console_puts("bus master, ");
	if (status & PCI_STATUS_66MHZ)
		console_puts("66MHz, ");
	console_printf("%s devsel", speed[(status & PCI_STATUS_DEVSEL_MASK) >>
					  PCI_STATUS_DEVSEL_SHIFT]);
	if (pdev->interrupt && pdev->irq_line)
		console_printf(", IRQ %u", pdev->irq_line);
	console_puts("\n");
}

static void print_io(const struct pci_device *pdev, const struct pci_region *r)
{
	console_puts("\tI/O ports at ");
	if (r->start)
		console_printf("%04llx", (unsigned long long)r->start);
	else
		console_puts("<unassigned>");
	if (!(pci_read16(pdev, PCI_COMMAND) & PCI_COMMAND_IO))
		console_puts(" [disabled]");
}

static void print_memory(const struct pci_device *pdev,
			 const struct pci_region *r)
{
	const char *width = r->flags & PCI_REGION_64   ? "64-bit"
			    : r->flags & PCI_REGION_1M ? "low-1M"
						       : "32-bit";

	console_puts("\tMemory at ");
	if (r->start)
		console_printf("%08llx", (unsigned long long)r->start);
	else
		console_puts("<unassigned>");
	console_printf(" (%s, %sprefetchable)", width,
		       r->flags & PCI_REGION_PREFETCH ? "" : "non-");
	if (!(pci_read16(pdev, PCI_COMMAND) & PCI_COMMAND_MEMORY))
		console_puts(" [disabled]");
}

/* Disabled by default: it shares its address decoder with other regions. */
static void print_rom(const struct pci_device *pdev, const struct pci_region *r)
{
	unsigned at = pdev->header == PCI_HEADER_TYPE_BRIDGE
			      ? PCI_BRIDGE_ROM_ADDRESS
			      : PCI_ROM_ADDRESS;

	console_puts("\tExpansion ROM at ");
	if (r->start)
		console_printf("%08llx", (unsigned long long)r->start);
	else
		console_puts("<unassigned>");
	if (!(pci_read32(pdev, at) & PCI_ROM_ADDRESS_ENABLE))
		console_puts(" [disabled]");
}

static void print_regions(const struct pci_device *pdev, unsigned begin,
			  unsigned end)
{
	for (unsigned i = begin; i < end; i++) {
		const struct pci_region *r = &pdev->region[i];

		if (!r->size)
			continue;
		if (i == PCI_ROM)
			print_rom(pdev, r);
		else if (r->flags & PCI_REGION_IO)
			print_io(pdev, r);
		else
			print_memory(pdev, r);
		print_size(r->size);
		console_puts("\n");
	}
}

static void print_window(const char *what, const struct pci_window *w,
			 unsigned digits)
{
	console_printf("\t%s behind bridge: ", what);
	if (w->limit < w->base) {
		console_puts("[disabled]\n");
		return;
	}
	console_printf("%0*llx-%0*llx", digits, (unsigned long long)w->base,
		       digits, (unsigned long long)w->limit);
	print_size(w->limit - w->base + 1);
	console_puts("\n");
}

static void print_bridge(const struct pci_device *pdev)
{
	struct pci_window memory, prefetch, io;

	console_printf("\tBus: primary=%02x, secondary=%02x, "
		       "subordinate=%02x\n",
		       pci_read8(pdev, PCI_PRIMARY_BUS),
		       pci_read8(pdev, PCI_SECONDARY_BUS),
		       pci_read8(pdev, PCI_SUBORDINATE_BUS));
	pci_read_windows(pdev, &memory, &prefetch, &io);
	print_window("I/O", &io, io.wide ? 8 : 4);
	print_window("Memory", &memory, 8);
	print_window("Prefetchable memory", &prefetch, prefetch.wide ? 16 : 8);
}

void lspci_print_details(const struct pci_device *pdev)
{
	print_flags(pdev);
	print_regions(pdev, 0, PCI_BARS);
	if (pdev->header == PCI_HEADER_TYPE_BRIDGE)
		print_bridge(pdev);
	print_regions(pdev, PCI_ROM, PCI_REGIONS);
}

static void print_msi(const struct pci_device *pdev)
{
	struct pci_msi_info msi;

	if (pci_msi_info(pdev, &msi)) {
		console_puts("MSI: <invalid>");
		return;
	}
	console_printf("MSI: Enable%c Count=%u/%u Maskable%c 64bit%c",
		       msi.enabled ? '+' : '-', msi.used, msi.vectors,
		       msi.maskable ? '+' : '-', msi.wide ? '+' : '-');
}

static void print_msix(const struct pci_device *pdev)
{
	struct pci_msix_info msix;

	if (pci_msix_info(pdev, &msix)) {
		console_puts("MSI-X: <invalid>");
		return;
	}
	console_printf("MSI-X: Enable%c Count=%u Masked%c",
		       msix.enabled ? '+' : '-', msix.vectors,
		       msix.masked ? '+' : '-');
}

static const char *express_type(const struct pci_device *pdev)
{
	static const char *const type[] = {
		[PCIE_ENDPOINT] = "Endpoint",
		[PCIE_LEGACY_ENDPOINT] = "Legacy Endpoint",
		[PCIE_ROOT_PORT] = "Root Port",
		[PCIE_UPSTREAM_PORT] = "Upstream Port",
		[PCIE_DOWNSTREAM_PORT] = "Downstream Port",
		[PCIE_TO_PCI_BRIDGE] = "PCI-Express to PCI/PCI-X Bridge",
		[PCI_TO_PCIE_BRIDGE] = "PCI/PCI-X to PCI-Express Bridge",
		[PCIE_ROOT_COMPLEX_ENDPOINT] =
			"Root Complex Integrated Endpoint",
		[PCIE_ROOT_COMPLEX_COLLECTOR] = "Root Complex Event Collector",
	};

	if (pdev->port_type < ARRAY_SIZE(type) && type[pdev->port_type])
		return type[pdev->port_type];
	return "Unknown type";
}

static void print_capability(const struct pci_device *pdev, unsigned at)
{
	static const char *const name[] = {
		[PCI_CAP_POWER] = "Power Management",
		[PCI_CAP_AGP] = "AGP",
		[PCI_CAP_VPD] = "Vital Product Data",
		[PCI_CAP_SLOT_ID] = "Slot ID",
		[PCI_CAP_HOTSWAP] = "CompactPCI hot-swap",
		[PCI_CAP_PCIX] = "PCI-X",
		[PCI_CAP_HYPERTRANSPORT] = "HyperTransport",
		[PCI_CAP_DEBUG_PORT] = "Debug port",
		[PCI_CAP_CPCI] = "CompactPCI central resource control",
		[PCI_CAP_HOTPLUG] = "Hot-plug capable",
		[PCI_CAP_SUBSYSTEM_ID] = "Subsystem",
		[PCI_CAP_AGP8] = "AGP3",
		[PCI_CAP_SECURE] = "Secure device",
		[PCI_CAP_SATA] = "SATA HBA",
		[PCI_CAP_AF] = "PCI Advanced Features",
		[PCI_CAP_EA] = "Enhanced Allocation",
	};
	u8 id = pci_read8(pdev, at);

	console_printf("\tCapabilities: [%02x] ", at);
	if (id == PCI_CAP_MSI)
		print_msi(pdev);
	else if (id == PCI_CAP_MSIX)
		print_msix(pdev);
	else if (id == PCI_CAP_EXPRESS)
		console_printf("Express %s", express_type(pdev));
	else if (id == PCI_CAP_VENDOR)
		console_printf("Vendor Specific Information: Len=%02x",
			       pci_read8(pdev, at + 2));
	else if (id < ARRAY_SIZE(name) && name[id])
		console_puts(name[id]);
	else
		console_printf("#%02x", id);
	console_puts("\n");
}

static const char *extended_name(u16 id)
{
	switch (id) {
	case PCIE_CAP_AER: return "Advanced Error Reporting";
	case PCIE_CAP_VC: return "Virtual Channel";
	case PCIE_CAP_SERIAL: return "Device Serial Number";
	case PCIE_CAP_VENDOR: return "Vendor Specific Information";
	case PCIE_CAP_ACS: return "Access Control Services";
	case PCIE_CAP_ARI:
		return "Alternative Routing-ID Interpretation "
		       "(ARI)";
	case PCIE_CAP_ATS: return "Address Translation Service (ATS)";
	case PCIE_CAP_SRIOV: return "Single Root I/O Virtualization (SR-IOV)";
	case PCIE_CAP_PRI: return "Page Request Interface (PRI)";
	case PCIE_CAP_RESIZABLE_BAR: return "Physical Resizable BAR";
	case PCIE_CAP_LTR: return "Latency Tolerance Reporting";
	case PCIE_CAP_SECONDARY: return "Secondary PCI Express";
	case PCIE_CAP_PASID: return "Process Address Space ID (PASID)";
	case PCIE_CAP_L1SS: return "L1 PM Substates";
	case PCIE_CAP_DVSEC: return "Designated Vendor-Specific";
	default: return NULL;
	}
}

static void print_extended(const struct pci_device *pdev, unsigned at)
{
	u16 id = PCIE_CAP_ID(pci_read32(pdev, at));
	const char *name = extended_name(id);

	if (name)
		console_printf("\tCapabilities: [%03x] %s\n", at, name);
	else
		console_printf("\tCapabilities: [%03x] #%02x\n", at, id);
}

void lspci_print_capabilities(const struct pci_device *pdev)
{
	unsigned budget = PCI_CAPABILITIES_MAX;
	unsigned at = 0;

	while ((at = pci_next_capability(pdev, at, &budget)))
		print_capability(pdev, at);
	budget = PCIE_CAPABILITIES_MAX;
	while ((at = pcie_next_capability(pdev, at, &budget)))
		print_extended(pdev, at);
}
