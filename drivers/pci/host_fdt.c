/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Host bridges that a device tree describes (pci-host-ecam-generic), and the
 * lines of their devices' pins, by "interrupt-map".
 */
#define pr_fmt(fmt) "pci: " fmt

#include <kernel/byteorder.h>
#include <kernel/fdt.h>
#include <kernel/irq_fdt.h>
#include <kernel/printk.h>
#include "internal.h"

/* Through each bridge the pins are turned by the slot: PCI-to-PCI 1.2, 9.1. */
static u8 pin_on_root(const struct pci_device *pdev,
		      const struct pci_device **root)
{
	unsigned pin = pdev->interrupt;

	for (; pdev->bridge; pdev = pdev->bridge)
		pin = (pin - 1 + pci_slot(pdev)) % 4 + 1;
	*root = pdev;
	return (u8)pin;
}

/*
 * The pin's line goes where drivers look for it, as firmware would do it. The
 * register has no room for every line.
 */
static void assign_line(int node, struct pci_device *pdev)
{
	const struct pci_device *root;
	u8 pin = pin_on_root(pdev, &root);
	int line = irq_from_fdt_pci(node, root->bus, root->devfn, pin);

	if (line < 0)
		return;
	pci_write8(pdev, PCI_INTERRUPT_LINE,
		   line < PCI_INTERRUPT_LINE_NONE ? (u8)line
						  : PCI_INTERRUPT_LINE_NONE);
	pdev->irq_line = (u16)line;
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

void pci_fdt_set_lines(const struct pci_host *host)
{
	struct pci_device *pdev = NULL;

	if (!fdt_machine() || !host->fdt_node)
		return;
	while ((pdev = pci_next(pdev)))
		if (pdev->host == host && pdev->interrupt)
			assign_line(host->fdt_node, pdev);
}
