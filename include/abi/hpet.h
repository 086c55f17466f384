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
#define HPET_PERIOD	   0x004 /* femtoseconds a tick */
#define HPET_CONFIG	   0x010
#define HPET_CONFIG_ENABLE 0x1U
#define HPET_COUNTER	   0x0f0

/* 2.3.4: 100 ns is the slowest there may be. */
#define HPET_PERIOD_MAX 100000000U
