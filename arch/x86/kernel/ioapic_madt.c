/* SPDX-License-Identifier: BSD-2-Clause */
/* Which I/O APICs there are, and where the PC's IRQs arrive. */
#define pr_fmt(fmt) "madt: " fmt

#include "ioapic.h"
#include <abi/ioapic.h>
#include <kernel/byteorder.h>
#include <kernel/errno.h>
#include <kernel/madt.h>
#include <kernel/printk.h>

#define ISA_BUS 0

static void add_ioapic(struct ioapic_layout *layout,
		       const struct acpi_madt_io_apic *e)
{
	struct ioapic_place place = {
		.address = le32_to_cpu(e->io_apic_address),
		.gsi_base = le32_to_cpu(e->global_system_interrupt_base),
		.id = e->io_apic_id,
	};

	if (!place.address || place.address % IOAPIC_DATA ||
	    place.gsi_base >= IRQ_GSIS) {
		pr_warn("I/O APIC at %#llx for lines from %u: ignored",
			(unsigned long long)place.address, place.gsi_base);
		return;
	}
	for (unsigned i = 0; i < layout->count; i++) {
		if (layout->ioapic[i].address != place.address &&
		    layout->ioapic[i].gsi_base != place.gsi_base)
			continue;
		pr_warn("I/O APIC %u described twice: ignored", place.id);
		return;
	}
	if (layout->count == IOAPICS_MAX) {
		pr_warn("more than %u I/O APICs: ignored", IOAPICS_MAX);
		return;
	}
	layout->ioapic[layout->count++] = place;
}

/* What the bus's own rules say, where the flags leave it open, is ISA's. */
static enum irq_trigger trigger_of(u16 flags)
{
	bool low = (flags & ACPI_MPS_POLARITY) == ACPI_MPS_POLARITY_LOW;
	bool level = (flags & ACPI_MPS_TRIGGER) == ACPI_MPS_TRIGGER_LEVEL;

	if (level)
		return low ? IRQ_TRIGGER_LEVEL_LOW : IRQ_TRIGGER_LEVEL_HIGH;
	return low ? IRQ_TRIGGER_EDGE_FALLING : IRQ_TRIGGER_EDGE_RISING;
}

/* A line that another IRQ was moved to is not also the one of its number. */
static void add_override(struct ioapic_layout *layout, u16 *moved,
			 const struct acpi_madt_interrupt_override *e)
{
	u32 gsi = le32_to_cpu(e->global_system_interrupt);

	if (e->bus != ISA_BUS || e->source >= ISA_LINES || gsi >= IRQ_GSIS) {
		pr_warn("override of IRQ %u of bus %u to line %u: ignored",
			e->source, e->bus, gsi);
		return;
	}
	layout->isa[e->source] = (int)gsi;
	layout->trigger[e->source] = trigger_of(le16_to_cpu(e->flags));
	*moved |= (u16)BIT(e->source);
	if (gsi < ISA_LINES && !(*moved & BIT(gsi)))
		layout->isa[gsi] = -ENODEV;
}

void ioapic_layout_read(const struct acpi_sdt_header *madt,
			struct ioapic_layout *layout)
{
	const struct acpi_madt_entry *e = NULL;
	u16 moved = 0;

	*layout = (struct ioapic_layout){ 0 };
	for (unsigned i = 0; i < ISA_LINES; i++) {
		layout->isa[i] = (int)i;
		layout->trigger[i] = IRQ_TRIGGER_EDGE_RISING;
	}
	while ((e = madt_next(madt, e, ACPI_MADT_IO_APIC,
			      sizeof(struct acpi_madt_io_apic))))
		add_ioapic(layout, (const void *)e);
	while ((e = madt_next(madt, e, ACPI_MADT_INTERRUPT_OVERRIDE,
			      sizeof(struct acpi_madt_interrupt_override))))
		add_override(layout, &moved, (const void *)e);
}
