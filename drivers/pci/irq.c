/* SPDX-License-Identifier: BSD-2-Clause */
/* Interrupts for drivers: by MSI-X, else by MSI, else by a pin. */
#include <kernel/errno.h>
#include <kernel/mm/slab.h>
#include "internal.h"

/* How many a kind has for the device; -errno: not that kind. */
static int offered(struct pci_device *pdev, enum pci_irq_kind kind)
{
	struct pci_msix_info msix;
	struct pci_msi_info msi;
	int ret;

	switch (kind) {
	case PCI_IRQ_MSIX:
		ret = pci_msix_info(pdev, &msix);
		return ret ?: msix.vectors;
	case PCI_IRQ_MSI:
		ret = pci_msi_info(pdev, &msi);
		return ret ?: msi.vectors;
	default: return pdev->interrupt ? 1 : -ENOENT;
	}
}

static void allow_pin(const struct pci_device *pdev, bool allow)
{
	u16 command = pci_read16(pdev, PCI_COMMAND);

	command &= (u16)~PCI_COMMAND_INTX_DISABLE;
	if (!allow)
		command |= PCI_COMMAND_INTX_DISABLE;
	pci_write16(pdev, PCI_COMMAND, command);
}

static int init_pin(struct pci_irqs *irqs)
{
	const struct pci_device *pdev = irqs->pdev;
	int irq = -ENOENT;

	/* A PC's firmware means its IRQs, a device tree the lines themselves.
	 */
	if (pdev->irq_line)
		irq = pdev->host->fdt_node ? pdev->irq_line
					   : irq_from_isa(pdev->irq_line);
	if (irq < 0)
		return -ENOENT;
	irqs->first = (unsigned)irq;
	irqs->count = 1;
	allow_pin(pdev, true);
	return 0;
}

/*
 * As whom the host bridge knows the device. Bridges from and to conventional
 * PCI say their own name instead: PCI Express to PCI/PCI-X Bridge 1.0, 2.3.
 */
static struct msi_requester requester(const struct pci_device *pdev)
{
	struct msi_requester who = {
		.fdt_node = pdev->host->fdt_node,
		.segment = pdev->host->segment,
		.id = (u16)(pdev->bus << 8 | pdev->devfn),
	};

	for (const struct pci_device *b = pdev->bridge; b; b = b->bridge) {
		if (!b->express)
			who.id = (u16)(b->bus << 8 | b->devfn);
		else if (b->port_type == PCIE_TO_PCI_BRIDGE)
			who.id = (u16)(b->secondary << 8);
		else
			continue;
		who.shared = true;
	}
	return who;
}

static int init_messages(struct pci_irqs *irqs, unsigned count)
{
	struct msi_requester who = requester(irqs->pdev);
	int ret = arch_msi_open(&who, count, &irqs->sender);

	if (ret)
		return ret;
	ret = irqs->kind == PCI_IRQ_MSIX ? pci_msix_init(irqs, count)
					 : pci_msi_init(irqs, count);
	if (ret)
		arch_msi_close(irqs->sender);
	return ret;
}

/* A device that sends messages keeps its pin quiet. */
static int init(struct pci_irqs *irqs, unsigned count)
{
	if (irqs->kind == PCI_IRQ_INTX)
		return init_pin(irqs);
	allow_pin(irqs->pdev, false);
	return init_messages(irqs, count);
}

static int try_kind(struct pci_device *pdev, enum pci_irq_kind kind,
		    unsigned min, unsigned max)
{
	int count = offered(pdev, kind);
	struct pci_irqs *irqs;
	int ret;

	if (count < 0)
		return -ENOSPC;
	count = MIN(count, (int)MIN(max, (unsigned)INT32_MAX));
	/* A power of two. */
	if (kind == PCI_IRQ_MSI)
		count = (int)BIT(31 - (unsigned)__builtin_clz((unsigned)count));
	if ((unsigned)count < min)
		return -ENOSPC;
	irqs = kzalloc(sizeof(*irqs));
	if (!irqs)
		return -ENOMEM;
	irqs->pdev = pdev;
	irqs->kind = kind;
	ret = init(irqs, (unsigned)count);
	if (ret) {
		allow_pin(pdev, true);
		kfree(irqs);
		return ret;
	}
	pdev->irqs = irqs;
	return (int)irqs->count;
}

int pci_irq_vectors_alloc(struct pci_device *pdev, unsigned min, unsigned max,
			  unsigned kinds)
{
	static const enum pci_irq_kind best_first[] = {
		PCI_IRQ_MSIX,
		PCI_IRQ_MSI,
		PCI_IRQ_INTX,
	};
	int ret = -ENOSPC;

	if (!min || min > max)
		return -EINVAL;
	if (pdev->irqs)
		return -EBUSY;
	for (unsigned i = 0; i < ARRAY_SIZE(best_first) && ret < 0; i++)
		if (kinds & best_first[i])
			ret = try_kind(pdev, best_first[i], min, max);
	return ret < 0 && ret != -ENOMEM ? -ENOSPC : ret;
}

int pci_irq_vector(const struct pci_device *pdev, unsigned index)
{
	const struct pci_irqs *irqs = pdev->irqs;

	return irqs && index < irqs->count ? (int)(irqs->first + index)
					   : -ENOENT;
}

enum pci_irq_kind pci_irq_kind(const struct pci_device *pdev)
{
	return pdev->irqs ? pdev->irqs->kind : 0;
}

void pci_irq_vectors_free(struct pci_device *pdev)
{
	struct pci_irqs *irqs = pdev->irqs;

	if (!irqs)
		return;
	pdev->irqs = NULL;
	if (irqs->kind == PCI_IRQ_MSIX)
		pci_msix_exit(irqs);
	else if (irqs->kind == PCI_IRQ_MSI)
		pci_msi_exit(irqs);
	if (irqs->kind != PCI_IRQ_INTX) {
		arch_msi_close(irqs->sender);
		if (pci_present(pdev))
			allow_pin(pdev, true);
	}
	kfree(irqs);
}

void pci_restore_irqs(struct pci_device *pdev)
{
	if (!pdev->irqs)
		return;
	if (pdev->irqs->kind == PCI_IRQ_MSIX)
		pci_msix_restore(pdev->irqs);
	else if (pdev->irqs->kind == PCI_IRQ_MSI)
		pci_msi_restore(pdev->irqs);
}
