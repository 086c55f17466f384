/* SPDX-License-Identifier: BSD-2-Clause */
/* Between the files of kernel/acpi. */
#pragma once

#include <abi/acpi.h>

/** Where the root tables are, from an RSDP whose checksums are right. */
struct acpi_roots {
	phys_addr_t rsdt; /* 0: none */
	phys_addr_t xsdt; /* 0: none */
};

/**
 * Read the RSDP at @hint, or search for one. 0, -ENOENT (there is none) or
 * -EBADMSG (@hint is no RSDP, and no other was found).
 */
int acpi_find_rsdp(phys_addr_t hint, struct acpi_roots *roots);

/**
 * Have firmware hand over the registers, of which @pm1a is the port of PM1a
 * control, if it owns them and can be asked: 4.8.2.5. False, after a message:
 * it does not.
 */
bool acpi_enable_mode(const struct acpi_fadt *f, u16 pm1a);

/** True if the @length bytes at @data add up to 0. */
bool acpi_checksum_ok(const void *data, size_t length);
