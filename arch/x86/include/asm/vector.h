/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Vectors of lines, for I/O APICs and messages; giving them out is
 * <kernel/msi.h>. Under one lock: any context but NMI.
 */
#pragma once

#include <kernel/irq.h>
#include <kernel/msi.h>

/* Intel SDM volume 3A, 11.11.1: where messages are written to. */
#define MSI_ADDRESS		 0xfee00000U
#define MSI_DESTINATION_SHIFT	 12
#define MSI_DESTINATION_LOW_BITS 8
#define MSI_DESTINATION_LOW_MASK 0xffU
/* An ID of all ones is everybody. */
#define MSI_DESTINATION_MAX 0xfeU
/*
 * Extended destination IDs, where the hypervisor has them: bits 8 to 14 of the
 * ID are bits 5 to 11 of the address, and of the low half's high word's bits
 * 49 to 55 of an I/O APIC's entry.
 */
#define MSI_EXTENDED_DESTINATION_SHIFT 5
#define MSI_EXTENDED_DESTINATION_MAX   0x7ffeU

/** This CPU takes interrupts from devices from now on. */
void vector_init_cpu(void);

/** Messages and I/O APICs have room for 15 bits of an APIC ID, not 8. */
void vector_use_extended_ids(void);

/** The APIC ID of @cpu, which has called vector_init_cpu(). */
u32 vector_apic_id(unsigned cpu);

/** The line that has @vector on this CPU, or had it last, or -ENOENT. */
int vector_irq(unsigned vector);
