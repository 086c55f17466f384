/* SPDX-License-Identifier: BSD-2-Clause */
/* Arm PrimeCell Real Time Clock (PL031): DDI 0224, chapter 3. */
#pragma once

#define PL031_DR	 0x000 /* seconds */
#define PL031_CR	 0x00c
#define PL031_PERIPH_ID0 0xfe0
#define PL031_PERIPH_ID1 0xfe4
#define PL031_SIZE	 0x1000

#define PL031_CR_STARTED 0x1

/* The part's number: 8 bits of the first register, 4 of the second. */
#define PL031_PART	0x031
#define PL031_PART_MASK 0xfff
