/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The I/O APIC: Intel 82093AA data sheet (May 1996), section 3. Registers are
 * reached through a window: the index first, then the data.
 */
#pragma once

#include <kernel/types.h>

#define IOAPIC_INDEX 0x00
#define IOAPIC_DATA  0x10
#define IOAPIC_SIZE  0x20

#define IOAPIC_VERSION		 0x01
#define IOAPIC_REDIRECTION(n)	 (0x10U + 2U * (n)) /* low half; high: + 1 */
#define IOAPIC_VERSION_LAST(v)	 ((v) >> 16 & 0xffU)
#define IOAPIC_REDIRECTIONS_MAX	 240 /* that the index register can name */
#define IOAPIC_DESTINATION_SHIFT 24  /* in the high half */
/* Where the hypervisor says so: bits 8 to 14 of the APIC ID. */
#define IOAPIC_EXTENDED_DESTINATION_SHIFT 17

/* 3.2.4: redirection entry, low half. Fixed delivery, physical destination. */
#define IOAPIC_ACTIVE_LOW (1U << 13)
#define IOAPIC_LEVEL	  (1U << 15)
#define IOAPIC_MASKED	  (1U << 16)
