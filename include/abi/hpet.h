/* SPDX-License-Identifier: BSD-2-Clause */
/* IA-PC HPET specification 1.0a (Intel, October 2004): 2.3 and 3.2.4. */
#pragma once

#include <abi/acpi.h>

#define ACPI_HPET_SIGNATURE "HPET"

struct acpi_hpet {
	struct acpi_sdt_header header;
	le32 event_timer_block_id;
	struct acpi_gas base_address;
	u8 hpet_number;
	le16 minimum_tick;
	u8 page_protection;
} __attribute__((packed));
_Static_assert(sizeof(struct acpi_hpet) == 56, "HPET table");
_Static_assert(offsetof(struct acpi_hpet, base_address) == 40, "HPET table");

#define HPET_SIZE	   0x400
#define HPET_CAPABILITIES  0x000
#define HPET_PERIOD	   0x004 /* femtoseconds a tick */
#define HPET_CONFIG	   0x010
#define HPET_COUNTER	   0x0f0
#define HPET_TIMER_CONFIG  0x100 /* of timer 0 */
#define HPET_TIMER_ROUTES  0x104 /* bit n: line n is possible */
#define HPET_TIMER_COMPARE 0x108

/* 2.3.4: 100 ns is the slowest there may be. */
#define HPET_PERIOD_MAX	     100000000U
#define HPET_LEGACY_POSSIBLE (1U << 15) /* capabilities */

/*
 * 2.3.5. Legacy replacement: timer 0 has line 2 of the I/O APIC, timer 1 line
 * 8, and neither PIT nor RTC interrupts.
 */
#define HPET_CONFIG_ENABLE 0x1U
#define HPET_CONFIG_LEGACY 0x2U
#define HPET_LEGACY_LINE   2

/* 2.3.8: edge-triggered, once, where no bit says otherwise */
#define HPET_TIMER_LEVEL       (1U << 1)
#define HPET_TIMER_ENABLE      (1U << 2)
#define HPET_TIMER_PERIODIC    (1U << 3)
#define HPET_TIMER_32BIT       (1U << 8)
#define HPET_TIMER_ROUTE_SHIFT 9
#define HPET_TIMER_ROUTE       (0x1fU << HPET_TIMER_ROUTE_SHIFT)
#define HPET_TIMER_FSB	       (1U << 14)
