/* SPDX-License-Identifier: BSD-2-Clause */
/* What the MADT says about I/O APICs, checked. */
#pragma once

#include <abi/acpi.h>
#include <kernel/irq.h>

#define IOAPICS_MAX 16
#define ISA_LINES   16

struct ioapic_place {
	phys_addr_t address;
	u32 gsi_base;
	u8 id;
};

struct ioapic_layout {
	unsigned count;
	struct ioapic_place ioapic[IOAPICS_MAX];
	/* Of the PC's IRQs: the line, or -ENODEV; and how it is triggered. */
	int isa[ISA_LINES];
	enum irq_trigger trigger[ISA_LINES];
};

/** Read @madt, as acpi_find() verified it. What cannot be is said and ignored.
 */
void ioapic_layout_read(const struct acpi_sdt_header *madt,
			struct ioapic_layout *layout);
