/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The Interrupt Translation Service of a GICv3, and what a redistributor has
 * for its interrupts, LPIs: IHI 0069H, chapters 5, 12.10 and 12.18.
 */
#pragma once

/* LPIs have numbers from here on: 2.2. */
#define GIC_LPI_FIRST 8192
/* Bits of such a number; there are none with less. */
#define GIC_LPI_BITS_MIN 14

/* What a distributor says of LPIs in GICD_TYPER: 12.9.38. */
#define GICD_TYPER_LPIS	     0x20000
#define GICD_TYPER_ID_BITS   19 /* shift; - 1, 5 bits */
#define GICD_TYPER_LPI_COUNT 11 /* shift; log2 - 1, 5 bits; 0: all */
#define GICD_TYPER_FIVE_BITS 0x1f

/* Redistributor: 12.11. */
#define GICR_PROPBASER		 0x0070 /* 64 bits */
#define GICR_PENDBASER		 0x0078 /* 64 bits */
#define GICR_CTLR_ENABLE_LPIS	 0x1
#define GICR_TYPER_PLPIS	 0x1
#define GICR_TYPER_PROCESSOR	 8 /* shift; 16 bits */
#define GICR_PENDBASER_ZERO	 (1ULL << 62)
#define GICR_PENDBASER_ALIGNMENT 0x10000

/* A byte of the configuration table: 5.1.1. */
#define LPI_ENABLED 0x01

/* How tables are accessed, in each register that has one's address. */
#define GIC_TABLE_SHARED_MASK  (3ULL << 10)
#define GIC_TABLE_SHARED_INNER (1ULL << 10)
#define GICR_TABLE_WRITE_BACK  (7ULL << 7)  /* of PROPBASER and PENDBASER */
#define GITS_TABLE_WRITE_BACK  (7ULL << 59) /* of BASER and CBASER */

/* The ITS: 12.19. Two frames, the second for devices. */
#define GITS_CTLR	0x0000
#define GITS_TYPER	0x0008 /* 64 bits, as those that follow */
#define GITS_CBASER	0x0080
#define GITS_CWRITER	0x0088
#define GITS_CREADR	0x0090
#define GITS_BASER	0x0100
#define GITS_BASERS	8
#define GITS_PIDR2	0xffe8
#define GITS_SIZE	0x10000
#define GITS_SIZE_ALL	0x20000
#define GITS_TRANSLATER 0x10040 /* a device writes the event's number here */

#define GITS_CTLR_ENABLED   0x1
#define GITS_CTLR_QUIESCENT 0x80000000U
#define GITS_PIDR2_ARCH(v)  ((v) >> 4 & 0xf)
#define GITS_CREADR_STALLED 0x1

#define GITS_TYPER_PHYSICAL	  0x1
#define GITS_TYPER_ITT_ENTRY(t)	  (((t) >> 4 & 0xf) + 1) /* bytes */
#define GITS_TYPER_EVENT_BITS(t)  (((t) >> 8 & 0x1f) + 1)
#define GITS_TYPER_DEVICE_BITS(t) (((t) >> 13 & 0x1f) + 1)
#define GITS_TYPER_PTA		  (1ULL << 19) /* targets are addresses */
#define GITS_TYPER_HCC(t)	  ((t) >> 24 & 0xff)
#define GITS_TYPER_CIL		  (1ULL << 36)
#define GITS_TYPER_COLL_BITS(t)	  (((t) >> 32 & 0xf) + 1)

/* CBASER and BASER. */
#define GITS_VALID	      (1ULL << 63)
#define GITS_BASER_INDIRECT   (1ULL << 62)
#define GITS_BASER_TYPE(b)    ((b) >> 56 & 7)
#define GITS_BASER_ENTRY(b)   (((b) >> 48 & 0x1f) + 1) /* bytes */
#define GITS_BASER_PAGE_SHIFT 8
#define GITS_BASER_PAGE(b)    ((b) >> GITS_BASER_PAGE_SHIFT & 3)
#define GITS_BASER_PAGES_MAX  256
#define GITS_BASER_ADDRESS    0x0000fffffffff000ULL
#define GITS_TYPE_DEVICES     1
#define GITS_TYPE_COLLECTIONS 4

/* Commands, of four 64-bit words: 5.3. */
#define GITS_COMMAND_SIZE 32
#define GITS_TARGET	  16 /* shift of processor numbers */
#define GITS_MOVI	  0x01
#define GITS_SYNC	  0x05
#define GITS_MAPD	  0x08
#define GITS_MAPC	  0x09
#define GITS_MAPTI	  0x0a
#define GITS_INV	  0x0c
#define GITS_DISCARD	  0x0f

/* Tables of events: MAPD takes bits from 8 on of their address. */
#define GITS_ITT_ALIGNMENT 256
