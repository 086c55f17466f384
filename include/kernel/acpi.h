/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ACPI tables. Firmware is not trusted: every signature, length and checksum
 * is verified before a table is handed out, and the number of tables and
 * their sizes are bounded.
 */
#pragma once

#include <abi/acpi.h>
#include <kernel/compiler.h>

#define ACPI_MAX_TABLES	     128
#define ACPI_MAX_TABLE_BYTES (1U << 20)

/**
 * Find and check the root tables from @rsdp (a physical address; 0: search
 * the BIOS areas where there is one). Prints one line a problem. 0, -ENOENT
 * (no RSDP) or -EBADMSG (nothing usable). Safe to call again: the first
 * success stands, unless tables could not be mapped yet (before level MEMORY),
 * which are then taken up. What was handed out stays valid.
 */
int acpi_init(phys_addr_t rsdp);

/**
 * The @index-th table with four-character @signature, mapped, verified (its
 * `length` bytes can be read), or NULL. "DSDT" and "FACS" are found through
 * the FADT; of a FACS only signature and length are those of a header.
 */
const struct acpi_sdt_header *acpi_find(const char *signature, unsigned index);

/** The root table in use, an XSDT or an RSDT, or NULL. */
const struct acpi_sdt_header *acpi_root(void);

/** The @n-th usable table in the root table's order, or NULL. */
const struct acpi_sdt_header *acpi_table(unsigned n);

/**
 * A copy of the FADT, what is beyond its end being 0, or NULL. Calls
 * acpi_init() first. The next call writes the same memory again.
 */
const struct acpi_fadt *acpi_fadt(void);

/**
 * The I/O port of a register block that the FADT gives twice, in 32 bits and
 * as an address structure: the latter goes first if it is not 0 and can be
 * used (5.2.9). 0: there is none.
 */
u16 acpi_fadt_port(le32 block, const struct acpi_gas *extended);

/**
 * SLP_TYPa and SLP_TYPb of sleep state S5 from the DSDT's or an SSDT's \_S5
 * package. 0, -ENOENT or -EBADMSG.
 */
int acpi_sleep_type_s5(u8 *type_a, u8 *type_b);
