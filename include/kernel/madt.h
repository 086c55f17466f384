/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading the Multiple APIC Description Table. */
#pragma once

#include <abi/madt.h>

/**
 * The first structure of @type and at least @size bytes after @previous (NULL:
 * from the beginning), or NULL. A structure is whole within the table; shorter
 * ones are passed over; the walk ends at one whose length cannot be.
 * @madt is verified as acpi_find() does it.
 */
const struct acpi_madt_entry *madt_next(const struct acpi_sdt_header *madt,
					const struct acpi_madt_entry *previous,
					u8 type, size_t size);
