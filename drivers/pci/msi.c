/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * MSI: PCI 3.0, 6.8.1. One address and one value for all messages of a
 * function, which puts the message's number into the value's low bits. So
 * they share one route, and go to one CPU.
 */
#include <kernel/errno.h>
#include "internal.h"

static void set_control(const struct pci_irqs *irqs, u16 clear, u16 set)
{
	unsigned at = irqs->msi.offset + PCI_MSI_CONTROL;
	u16 control = pci_read16(irqs->pdev, at);

	pci_write16(irqs->pdev, at, (u16)((control & ~clear) | set));
}

static unsigned log2_of(unsigned count)
{
	return (unsigned)__builtin_ctz(count);
}

static void write_message(const struct pci_irqs *irqs)
{
	unsigned at = irqs->msi.offset;
	struct msi_message m;

	arch_msi_compose(&irqs->route, &m);
	pci_write32(irqs->pdev, at + PCI_MSI_ADDRESS, (u32)m.address);
	if (irqs->msi.wide)
		pci_write32(irqs->pdev, at + PCI_MSI_ADDRESS_HIGH,
			    (u32)(m.address >> 32));
	pci_write16(irqs->pdev,
		    at + (irqs->msi.wide ? PCI_MSI_DATA_64 : PCI_MSI_DATA_32),
		    (u16)m.data);
}

/*
 * Let through what is started and not masked. A function without mask bits
 * sends nothing while the capability is off, and forgets what was due.
 */
static void write_masks(const struct pci_irqs *irqs)
{
	unsigned at = irqs->msi.wide ? PCI_MSI_MASK_64 : PCI_MSI_MASK_32;
	u32 open = irqs->started & ~irqs->masked;

	if (irqs->msi.maskable)
		pci_write32(irqs->pdev, irqs->msi.offset + at, ~open);
	else if (open)
		set_control(irqs, 0, PCI_MSI_CONTROL_ENABLE);
	else
		set_control(irqs, PCI_MSI_CONTROL_ENABLE, 0);
}

static int start_locked(struct pci_irqs *irqs, unsigned irq,
			const struct cpumask *cpus)
{
	int ret;

	if (!irqs->route.count) {
		ret = arch_msi_route(irqs->sender, irqs->first, irqs->count,
				     cpus, &irqs->route);
		if (ret)
			return ret;
		write_message(irqs);
	} else if (!cpumask_test(cpus, irqs->route.cpu)) {
		/* The others stay where they are. */
		return -EBUSY;
	}
	irqs->started |= BIT(irq - irqs->first);
	irqs->masked &= ~BIT(irq - irqs->first);
	write_masks(irqs);
	return (int)irqs->route.cpu;
}

static int msi_start(unsigned irq, enum irq_trigger trigger __unused,
		     const struct cpumask *cpus)
{
	struct pci_irqs *irqs = irq_context(irq);
	int ret;

	spin_lock(&irqs->lock);
	ret = start_locked(irqs, irq, cpus);
	spin_unlock(&irqs->lock);
	return ret;
}

static void msi_stop(unsigned irq)
{
	struct pci_irqs *irqs = irq_context(irq);

	spin_lock(&irqs->lock);
	irqs->started &= ~BIT(irq - irqs->first);
	write_masks(irqs);
	if (!irqs->started)
		arch_msi_unroute(&irqs->route);
	spin_unlock(&irqs->lock);
}

static void change_mask(unsigned irq, bool masked)
{
	struct pci_irqs *irqs = irq_context(irq);
	u32 bit = BIT(irq - irqs->first);

	spin_lock(&irqs->lock);
	irqs->masked = masked ? irqs->masked | bit : irqs->masked & ~bit;
	write_masks(irqs);
	spin_unlock(&irqs->lock);
}

static void msi_mask(unsigned irq)
{
	change_mask(irq, true);
}

static void msi_unmask(unsigned irq)
{
	change_mask(irq, false);
}

/*
 * All move together. Only the address's low half changes, which is one write:
 * each message has the old or the new CPU, whose vectors lead to its line, so
 * this needs no masking.
 */
static int move_locked(struct pci_irqs *irqs, const struct cpumask *cpus)
{
	struct msi_message m;
	int ret;

	if (cpumask_test(cpus, irqs->route.cpu))
		return (int)irqs->route.cpu;
	ret = arch_msi_reroute(irqs->first, cpus, &irqs->route);
	if (ret)
		return ret;
	arch_msi_compose(&irqs->route, &m);
	pci_write32(irqs->pdev, irqs->msi.offset + PCI_MSI_ADDRESS,
		    (u32)m.address);
	for (unsigned i = 0; i < irqs->count; i++)
		irq_note_cpu(irqs->first + i, irqs->route.cpu);
	return (int)irqs->route.cpu;
}

static int msi_move(unsigned irq, const struct cpumask *cpus)
{
	struct pci_irqs *irqs = irq_context(irq);
	int ret;

	spin_lock(&irqs->lock);
	ret = move_locked(irqs, cpus);
	spin_unlock(&irqs->lock);
	return ret;
}

static const struct irq_chip msi_chip = {
	.name = "MSI",
	.start = msi_start,
	.stop = msi_stop,
	.mask = msi_mask,
	.unmask = msi_unmask,
	.move = msi_move,
};

static void program(struct pci_irqs *irqs)
{
	set_control(irqs, PCI_MSI_CONTROL_ENABLE | PCI_MSI_CONTROL_COUNT_MASK,
		    (u16)PCI_MSI_CONTROL_COUNT(log2_of(irqs->count)));
	write_masks(irqs);
	if (irqs->msi.maskable)
		set_control(irqs, 0, PCI_MSI_CONTROL_ENABLE);
}

int pci_msi_init(struct pci_irqs *irqs, unsigned count)
{
	int ret = pci_msi_info(irqs->pdev, &irqs->msi);

	if (ret)
		return ret;
	ret = irq_add_messages(&msi_chip, count, irqs);
	if (ret < 0)
		return ret;
	irqs->first = (unsigned)ret;
	irqs->count = count;
	program(irqs);
	return 0;
}

void pci_msi_exit(struct pci_irqs *irqs)
{
	set_control(irqs, PCI_MSI_CONTROL_ENABLE, 0);
	irq_remove_messages(irqs->first, irqs->count);
}

void pci_msi_restore(struct pci_irqs *irqs)
{
	unsigned long state = spin_lock_irqsave(&irqs->lock);

	if (irqs->route.count)
		write_message(irqs);
	program(irqs);
	spin_unlock_irqrestore(&irqs->lock, state);
}
