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

static struct pci_message *message_of(const struct pci_irqs *irqs, unsigned irq)
{
	return &irqs->message[irq - irqs->first];
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
	struct pci_message *m = message_of(irqs, irq);
	int ret = arch_msi_route(irqs->sender, irq, 1, cpus, &m->route);

	if (ret)
		return ret;
	m->masked = false;
	write_message(entry_of(irqs, irq), &m->route);
	set_mask(entry_of(irqs, irq), false);
	return (int)m->route.cpu;
}

static void change_mask(unsigned irq, bool masked)
{
	struct pci_irqs *irqs = irq_context(irq);

	message_of(irqs, irq)->masked = masked;
	set_mask(entry_of(irqs, irq), masked);
}

static void msix_mask(unsigned irq)
{
	change_mask(irq, true);
}

static void msix_unmask(unsigned irq)
{
	change_mask(irq, false);
}

static void msix_stop(unsigned irq)
{
	msix_mask(irq);
	arch_msi_unroute(&message_of(irq_context(irq), irq)->route);
}

/* Preferably with the same vectors, which leaves nothing behind. */
static int new_route(unsigned irq, const struct cpumask *cpus,
		     struct msi_route *route)
{
	struct msi_route old = *route;
	int ret = arch_msi_reroute(irq, cpus, route);

	if (ret != -EBUSY)
		return ret;
	ret = arch_msi_route(old.device, irq, 1, cpus, route);
	if (ret)
		return -EBUSY;
	arch_msi_unroute(&old);
	return 0;
}

static int msix_move(unsigned irq, const struct cpumask *cpus)
{
	struct pci_irqs *irqs = irq_context(irq);
	struct pci_message *m = message_of(irqs, irq);
	char __iomem *entry = entry_of(irqs, irq);
	int ret;

	if (cpumask_test(cpus, m->route.cpu))
		return (int)m->route.cpu;
	ret = new_route(irq, cpus, &m->route);
	if (ret)
		return ret;
	set_mask(entry, true);
	write_message(entry, &m->route);
	set_mask(entry, m->masked);
	return (int)m->route.cpu;
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
	irqs->message = kzalloc(count * sizeof(*irqs->message));
	if (!irqs->message)
		goto err_unmap;
	ret = irq_add_messages(&msix_chip, count, irqs);
	if (ret < 0)
		goto err_free_messages;
	irqs->first = (unsigned)ret;
	irqs->count = count;
	enable(irqs);
	return 0;

err_free_messages:
	kfree(irqs->message);
err_unmap:
	iounmap(irqs->table);
	return ret;
}

void pci_msix_exit(struct pci_irqs *irqs)
{
	set_control(irqs, 0);
	irq_remove_messages(irqs->first, irqs->count);
	kfree(irqs->message);
	iounmap(irqs->table);
}

void pci_msix_restore(struct pci_irqs *irqs)
{
	enable(irqs);
	for (unsigned i = 0; i < irqs->count; i++) {
		const struct pci_message *m = &irqs->message[i];
		char __iomem *entry = entry_of(irqs, irqs->first + i);

		if (!m->route.count)
			continue;
		write_message(entry, &m->route);
		set_mask(entry, m->masked);
	}
}
