/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * MSI-X: PCI 3.0, 6.8.2. A table in the device has for each message where it
 * goes and whether it may be sent; one that is masked remembers that it is due.
 */
#include <kernel/errno.h>
#include <kernel/io.h>
#include <kernel/mm/slab.h>
#include "internal.h"

static char __iomem *entry_of(const struct pci_irqs *irqs, unsigned irq)
{
	return irqs->table +
	       (irq - irqs->first) * sizeof(struct pci_msix_entry);
}

static char __iomem *control_of(char __iomem *entry)
{
	return entry + offsetof(struct pci_msix_entry, vector_control);
}

static bool is_masked(char __iomem *entry)
{
	return mmio_read32(control_of(entry)) & PCI_MSIX_VECTOR_MASKED;
}

/*
 * The other bits are reserved, to be kept: 6.8.2.9. Reading back what was
 * written makes sure that the device has it.
 */
static void set_mask(char __iomem *entry, bool masked)
{
	u32 value = mmio_read32(control_of(entry)) & ~PCI_MSIX_VECTOR_MASKED;

	mmio_write32(control_of(entry),
		     masked ? value | PCI_MSIX_VECTOR_MASKED : value);
	mmio_read32(control_of(entry));
}

/* A message that is not masked must not be changed: 6.8.2. */
static void write_message(char __iomem *entry, const struct msi_route *route)
{
	struct msi_message m;

	arch_msi_compose(route, &m);
	mmio_write32(entry + offsetof(struct pci_msix_entry, address_low),
		     (u32)m.address);
	mmio_write32(entry + offsetof(struct pci_msix_entry, address_high),
		     (u32)(m.address >> 32));
	mmio_write32(entry + offsetof(struct pci_msix_entry, data), m.data);
}

static int msix_start(unsigned irq, enum irq_trigger trigger __unused,
		      const struct cpumask *cpus)
{
	struct pci_irqs *irqs = irq_context(irq);
	struct msi_route *route = &irqs->routes[irq - irqs->first];
	int ret = arch_msi_route(irq, 1, cpus, route);

	if (ret)
		return ret;
	write_message(entry_of(irqs, irq), route);
	set_mask(entry_of(irqs, irq), false);
	return (int)route->cpu;
}

static void msix_mask(unsigned irq)
{
	set_mask(entry_of(irq_context(irq), irq), true);
}

static void msix_unmask(unsigned irq)
{
	set_mask(entry_of(irq_context(irq), irq), false);
}

static void msix_stop(unsigned irq)
{
	struct pci_irqs *irqs = irq_context(irq);

	msix_mask(irq);
	arch_msi_unroute(&irqs->routes[irq - irqs->first]);
}

/* Preferably with the same vectors, which leaves nothing behind. */
static int new_route(unsigned irq, const struct cpumask *cpus,
		     struct msi_route *route)
{
	struct msi_route old = *route;
	int ret = arch_msi_reroute(irq, cpus, route);

	if (ret != -EBUSY)
		return ret;
	ret = arch_msi_route(irq, 1, cpus, route);
	if (ret)
		return -EBUSY;
	arch_msi_unroute(&old);
	return 0;
}

static int msix_move(unsigned irq, const struct cpumask *cpus)
{
	struct pci_irqs *irqs = irq_context(irq);
	struct msi_route *route = &irqs->routes[irq - irqs->first];
	char __iomem *entry = entry_of(irqs, irq);
	bool masked = is_masked(entry);
	int ret;

	if (cpumask_test(cpus, route->cpu))
		return (int)route->cpu;
	ret = new_route(irq, cpus, route);
	if (ret)
		return ret;
	set_mask(entry, true);
	write_message(entry, route);
	set_mask(entry, masked);
	return (int)route->cpu;
}

static const struct irq_chip msix_chip = {
	.name = "MSI-X",
	.start = msix_start,
	.stop = msix_stop,
	.mask = msix_mask,
	.unmask = msix_unmask,
	.move = msix_move,
};

static void set_control(const struct pci_irqs *irqs, u16 bits)
{
	unsigned at = irqs->msix.offset + PCI_MSIX_CONTROL;
	u16 control = pci_read16(irqs->pdev, at);

	control &= (u16) ~(PCI_MSIX_CONTROL_ENABLE | PCI_MSIX_CONTROL_MASK);
	pci_write16(irqs->pdev, at, control | bits);
}

/* The table can only be relied on while the capability is enabled. */
static void enable(struct pci_irqs *irqs)
{
	set_control(irqs, PCI_MSIX_CONTROL_ENABLE | PCI_MSIX_CONTROL_MASK);
	for (unsigned i = 0; i < irqs->msix.vectors; i++) {
		char __iomem *entry =
			irqs->table + i * sizeof(struct pci_msix_entry);

		if (!is_masked(entry))
			set_mask(entry, true);
	}
	set_control(irqs, PCI_MSIX_CONTROL_ENABLE);
}

int pci_msix_init(struct pci_irqs *irqs, unsigned count)
{
	int ret = pci_msix_info(irqs->pdev, &irqs->msix);
	u64 size;

	if (ret)
		return ret;
	size = irqs->msix.vectors * sizeof(struct pci_msix_entry);
	irqs->table = pci_map_region(irqs->pdev, irqs->msix.table_bar,
				     irqs->msix.table_offset, size);
	if (!irqs->table)
		return -ENOENT;
	ret = -ENOMEM;
	irqs->routes = kzalloc(count * sizeof(*irqs->routes));
	if (!irqs->routes)
		goto err_unmap;
	ret = irq_add_messages(&msix_chip, count, irqs);
	if (ret < 0)
		goto err_free_routes;
	irqs->first = (unsigned)ret;
	irqs->count = count;
	enable(irqs);
	return 0;

err_free_routes:
	kfree(irqs->routes);
err_unmap:
	iounmap(irqs->table);
	return ret;
}

void pci_msix_exit(struct pci_irqs *irqs)
{
	set_control(irqs, 0);
	irq_remove_messages(irqs->first, irqs->count);
	kfree(irqs->routes);
	iounmap(irqs->table);
}

void pci_msix_restore(struct pci_irqs *irqs)
{
	enable(irqs);
	for (unsigned i = 0; i < irqs->count; i++) {
		char __iomem *entry = entry_of(irqs, irqs->first + i);

		if (!irqs->routes[i].count)
			continue;
		write_message(entry, &irqs->routes[i]);
		set_mask(entry, false);
	}
}
