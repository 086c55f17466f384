/* SPDX-License-Identifier: BSD-2-Clause */
/* The GIC: which version, and what all versions share. */
#define pr_fmt(fmt) "gic: " fmt

#include <abi/arm64/gic_its.h>
#include <abi/madt.h>
#include <asm/gic.h>
#include <asm/sysreg.h>
#include <kernel/acpi.h>
#include <kernel/boot_info.h>
#include <kernel/errno.h>
#include <kernel/irq_fdt.h>
#include <kernel/printk.h>
#include "gic.h"

void gic_handle(u32 intid, void (*end)(u32 token), u32 token)
{
	if (intid < INTID_SPI) {
		end(token);
		interrupt_private(intid);
		return;
	}
	if (intid >= GIC_LPI_FIRST)
		lpi_handle(intid);
	else if (v2m_line(intid) >= 0)
		irq_handle((unsigned)v2m_line(intid));
	else if (intid < gic_lines())
		irq_handle(intid);
	else
		interrupt_unexpected(intid);
	end(token);
}

static int find(struct gic_place *place)
{
	const struct acpi_sdt_header *madt;

	if (fdt_machine())
		return gic_find_fdt(fdt_machine(), place);
	acpi_init(boot_info.rsdp);
	madt = acpi_find(ACPI_MADT_SIGNATURE, 0);
	return madt ? gic_find_acpi(madt, sysreg_read(mpidr_el1), place)
		    : -ENODEV;
}

const struct irq_root *gic_init(void)
{
	const struct irq_root *root = NULL;
	struct gic_place place = { 0 };
	int ret;

	ret = find(&place);
	if (ret) {
		pr_warn("%s describes no GIC that this kernel knows",
			fdt_machine() ? "the device tree" : "ACPI");
		return NULL;
	}
	ret = place.version == 2 ? gicv2_init(&place, &root)
				 : gicv3_init(&place, &root);
	if (ret)
		return NULL;
	pr_info("%s, %u lines", root->name, gic_lines() - GIC_SPI_FIRST);
	if (place.frame.base)
		v2m_init(&place.frame);
	if (place.itss)
		its_init(&place);
	return root;
}

static enum irq_trigger fdt_trigger(u32 flags)
{
	switch (flags & GIC_FDT_TRIGGER) {
	case GIC_FDT_RISING: return IRQ_TRIGGER_EDGE_RISING;
	case GIC_FDT_FALLING: return IRQ_TRIGGER_EDGE_FALLING;
	case GIC_FDT_HIGH: return IRQ_TRIGGER_LEVEL_HIGH;
	case GIC_FDT_LOW: return IRQ_TRIGGER_LEVEL_LOW;
	default: return IRQ_TRIGGER_DEFAULT;
	}
}

int gic_fdt_line(const struct fdt_interrupt *irq, enum irq_trigger *trigger)
{
	u32 number = irq->cell[1];

	if (irq->cells < GIC_FDT_CELLS)
		return -EINVAL;
	if (trigger)
		*trigger = fdt_trigger(irq->cell[2]);
	switch (irq->cell[0]) {
	case GIC_FDT_SPI:
		return number < GIC_SPECIAL_FIRST - GIC_SPI_FIRST
			       ? (int)number + GIC_SPI_FIRST
			       : -EINVAL;
	case GIC_FDT_PPI:
		return number < INTID_SPI - INTID_PPI ? (int)number + INTID_PPI
						      : -EINVAL;
	default: return -EINVAL;
	}
}

int irq_from_fdt(int node, unsigned index, enum irq_trigger *trigger)
{
	struct fdt_interrupt irq;
	int ret = fdt_machine()
			  ? fdt_interrupt(fdt_machine(), node, index, &irq)
			  : -ENOENT;

	if (ret)
		return ret == -ENOENT ? ret : -EINVAL;
	return gic_fdt_line(&irq, trigger);
}

int irq_from_fdt_pci(int node, u8 bus, u8 devfn, u8 pin)
{
	struct fdt_interrupt irq;
	int ret = fdt_machine() ? fdt_pci_interrupt(fdt_machine(), node, bus,
						    devfn, pin, &irq)
				: -ENOENT;

	if (ret)
		return ret == -ENOENT ? ret : -EINVAL;
	return gic_fdt_line(&irq, NULL);
}
