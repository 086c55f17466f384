/* SPDX-License-Identifier: BSD-2-Clause */
#include <kernel/byteorder.h>
#include <kernel/madt.h>

/* The structure at @offset, if it is whole. */
static const struct acpi_madt_entry *entry_at(
	const struct acpi_sdt_header *madt, size_t offset)
{
	size_t length = le32_to_cpu(madt->length);
	const struct acpi_madt_entry *e =
		(const void *)((const u8 *)madt + offset);

	if (offset > length || length - offset < sizeof(*e))
		return NULL;
	return e->length >= sizeof(*e) && e->length <= length - offset ? e
								       : NULL;
}

const struct acpi_madt_entry *madt_next(const struct acpi_sdt_header *madt,
					const struct acpi_madt_entry *previous,
					u8 type, size_t size)
{
	size_t offset = sizeof(struct acpi_madt);
	const struct acpi_madt_entry *e;

	if (previous)
		offset = (size_t)((const u8 *)previous - (const u8 *)madt) +
			 previous->length;
	while ((e = entry_at(madt, offset))) {
		if (e->type == type && e->length >= size)
			return e;
		offset += e->length;
	}
	return NULL;
}
