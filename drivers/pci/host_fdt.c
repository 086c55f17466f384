/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Host bridges that a device tree describes (pci-host-ecam-generic), and what
 * firmware does elsewhere: addresses for the regions of devices on the root
 * bus, out of the bridge's "ranges", and lines for their pins, out of its
 * "interrupt-map". What firmware assigned before stays.
 */
#define pr_fmt(fmt) "pci: " fmt

#include <kernel/byteorder.h>
#include <kernel/fdt.h>
#include <kernel/irq_fdt.h>
#include <kernel/mm/map.h>
#include <kernel/printk.h>
#include "internal.h"

/* First cell of a PCI address: IEEE 1275's PCI binding, 2.2.1.1. */
#define SPACE_MASK     0x03000000U
#define SPACE_MEMORY32 0x02000000U
#define SPACE_MEMORY64 0x03000000U

#define WINDOWS_MAX 8

/* The part of "ranges" that was not given out. */
struct window {
	u64 start, next, end;
};

struct assignment {
	struct pci_host *host;
	unsigned windows;
	struct window window[WINDOWS_MAX];
	unsigned assigned, failed;
};

static void read_windows(const struct fdt *fdt, int node, struct assignment *a)
{
	struct fdt_range r;

	for (unsigned i = 0; fdt_range(fdt, node, i, &r); i++) {
		u32 space = r.space & SPACE_MASK;

		if (space != SPACE_MEMORY32 && space != SPACE_MEMORY64)
			continue;
		if (r.bus != r.cpu || r.size > arch_phys_end() ||
		    r.cpu > arch_phys_end() - r.size) {
			pr_warn("%s: window at %#lx, for the CPU %#lx, cannot "
				"be used: ignored",
				fdt_name(fdt, node), r.bus, r.cpu);
			continue;
		}
		if (a->windows < WINDOWS_MAX)
			/* Address 0 stands for none. */
			a->window[a->windows++] =
				(struct window){ r.bus, MAX(r.bus, 1ULL),
						 r.bus + r.size };
	}
}

/* What is assigned already keeps its place, and what is below it is lost. */
static void note_assigned(struct assignment *a, const struct pci_region *r)
{
	for (unsigned i = 0; i < a->windows; i++) {
		struct window *w = &a->window[i];

		if (r->start >= w->start && r->start < w->end)
			w->next = MAX(w->next, r->start + r->size);
	}
}

static bool is_memory(const struct pci_region *r)
{
	return r->size &&
	       !(r->flags & (PCI_REGION_IO | PCI_REGION_ROM | PCI_REGION_1M));
}

/* An address for @r, or 0. Wide regions leave the low addresses to others. */
static u64 take_address(struct assignment *a, const struct pci_region *r)
{
	u64 limit = r->flags & PCI_REGION_64 ? UINT64_MAX : BIT64(32);
	struct window *best = NULL;
	u64 start;

	for (unsigned i = 0; i < a->windows; i++) {
		struct window *w = &a->window[i];

		start = ALIGN_UP(w->next, r->size);
		if (start >= w->next && start < w->end &&
		    r->size <= MIN(w->end, limit) - start && start < limit &&
		    (!best || w->start > best->start))
			best = w;
	}
	if (!best)
		return 0;
	start = ALIGN_UP(best->next, r->size);
	best->next = start + r->size;
	return start;
}

static void assign_region(struct assignment *a, struct pci_device *pdev,
			  unsigned bar)
{
	struct pci_region *r = &pdev->region[bar];
	unsigned offset = PCI_BASE_ADDRESS_0 + 4 * bar;
	u64 address = take_address(a, r);

	if (!address) {
		a->failed++;
		return;
	}
	pci_write32(pdev, offset, (u32)address);
	if (r->flags & PCI_REGION_64)
		pci_write32(pdev, offset + 4, (u32)(address >> 32));
	r->start = address;
	a->assigned++;
}

/* The pin's line goes where drivers look for it, as firmware would do it. */
static void assign_line(int node, struct pci_device *pdev)
{
	int line =
		irq_from_fdt_pci(node, pdev->bus, pdev->devfn, pdev->interrupt);

	if (line < 0 || (unsigned)line > UINT8_MAX)
		return;
	pci_write8(pdev, PCI_INTERRUPT_LINE, (u8)line);
	pdev->irq_line = (u8)line;
}

static void assign_device(struct assignment *a, struct pci_device *pdev)
{
	u16 command = pci_read16(pdev, PCI_COMMAND);

	for (unsigned bar = 0; bar < PCI_BARS; bar++) {
		if (!is_memory(&pdev->region[bar]) || pdev->region[bar].start)
			continue;
		/* It must not decode while its address is half written. */
		pci_write16(pdev, PCI_COMMAND,
			    command & (u16)~PCI_COMMAND_MEMORY);
		assign_region(a, pdev, bar);
	}
}

static void for_each_on_root(struct assignment *a, int node,
			     void (*fn)(struct assignment *a, int node,
					struct pci_device *pdev))
{
	for (struct device *dev = device_next(NULL); dev;
	     dev = device_next(dev)) {
		struct pci_device *pdev = to_pci_device(dev);

		if (dev->bus == &pci_bus && pdev->host == a->host &&
		    !pdev->bridge)
			fn(a, node, pdev);
	}
}

static void look_at(struct assignment *a, int node __unused,
		    struct pci_device *pdev)
{
	pci_size_regions(pdev);
	for (unsigned bar = 0; bar < PCI_BARS; bar++)
		if (pdev->region[bar].start)
			note_assigned(a, &pdev->region[bar]);
}

static void set_up(struct assignment *a, int node, struct pci_device *pdev)
{
	assign_device(a, pdev);
	if (pdev->interrupt)
		assign_line(node, pdev);
}

/* A hypervisor whose guests must not change its choices says so. */
static bool probe_only(const struct fdt *fdt)
{
	u32 value = 0;

	fdt_cell(fdt, fdt_find(fdt, "/chosen"), "linux,pci-probe-only", 0,
		 &value);
	return value;
}

static void assign(const struct fdt *fdt, int node, struct pci_host *host)
{
	struct assignment a = { .host = host };

	if (probe_only(fdt))
		return;
	read_windows(fdt, node, &a);
	for_each_on_root(&a, node, look_at);
	for_each_on_root(&a, node, set_up);
	if (a.assigned || a.failed)
		pr_info("%s: %u regions assigned%s", host->dev.name, a.assigned,
			a.failed ? ", no room for others" : "");
}

/* The node as an entry of the MCFG would say it. False: it makes no sense. */
static bool read_node(const struct fdt *fdt, int node, unsigned segment,
		      struct acpi_mcfg_entry *entry)
{
	u32 first = 0, last = PCI_BUSES_MAX - 1, domain = segment;
	phys_addr_t base;
	u64 size, buses;

	if (!fdt_reg(fdt, node, 0, &base, &size))
		return false;
	buses = size >> PCIE_ECAM_BUS_SHIFT;
	fdt_cell(fdt, node, "bus-range", 0, &first);
	fdt_cell(fdt, node, "bus-range", 1, &last);
	fdt_cell(fdt, node, "linux,pci-domain", 0, &domain);
	if (!buses || first > last || last >= PCI_BUSES_MAX ||
	    domain > UINT16_MAX || base < (u64)first << PCIE_ECAM_BUS_SHIFT)
		return false;
	last = (u32)MIN((u64)last, first + buses - 1);
	*entry = (struct acpi_mcfg_entry){
		/* "reg" begins with the first bus, the MCFG's with bus 0. */
		.base_address =
			cpu_to_le64(base - ((u64)first << PCIE_ECAM_BUS_SHIFT)),
		.segment = cpu_to_le16((u16)domain),
		.start_bus = (u8)first,
		.end_bus = (u8)last,
	};
	return true;
}

void pci_fdt_for_each_host(void (*fn)(const struct fdt *fdt, int node,
				      const struct acpi_mcfg_entry *entry))
{
	const struct fdt *fdt = fdt_machine();
	struct acpi_mcfg_entry entry;
	int node = FDT_NONE;
	unsigned segment = 0;

	if (!fdt)
		return;
	while ((node = fdt_find_compatible(fdt, node,
					   "pci-host-ecam-generic")) !=
	       FDT_NONE) {
		if (read_node(fdt, node, segment++, &entry))
			fn(fdt, node, &entry);
		else
			pr_warn("%s: malformed: ignored", fdt_name(fdt, node));
	}
}

void pci_fdt_assign(struct pci_host *host)
{
	const struct fdt *fdt = fdt_machine();

	if (fdt && host->fdt_node != FDT_NONE)
		assign(fdt, host->fdt_node, host);
}
