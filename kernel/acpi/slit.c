/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading the System Locality Information Table. */
#define pr_fmt(fmt) "slit: " fmt

#include <kernel/byteorder.h>
#include <kernel/printk.h>
#include <kernel/acpi.h>
#include "srat.h"

static bool is_whole(const struct acpi_sdt_header *header)
{
	const struct acpi_slit *slit = (const void *)header;
	u32 length = le32_to_cpu(header->length);
	u64 n;

	if (length < sizeof(*slit))
		return false;
	n = le64_to_cpu(slit->localities);
	/* A table is at most 1 MiB, so the product does not wrap. */
	return n <= ACPI_MAX_TABLE_BYTES && n * n <= length - sizeof(*slit);
}

bool slit_check(const struct acpi_sdt_header *header)
{
	const struct acpi_slit *slit = (const void *)header;
	u64 n;

	if (!is_whole(header)) {
		pr_warn("shorter than it says: ignored");
		return false;
	}
	n = le64_to_cpu(slit->localities);
	for (u64 i = 0; i < n * n; i++) {
		u8 distance = slit->entry[i];

		if (i / n == i % n ? distance == ACPI_SLIT_LOCAL
				   : distance > ACPI_SLIT_LOCAL)
			continue;
		pr_warn("from %llu to %llu it is %u: ignored",
			(unsigned long long)(i / n),
			(unsigned long long)(i % n), distance);
		return false;
	}
	return true;
}

unsigned slit_distance(const struct acpi_slit *slit, u32 from, u32 to)
{
	u64 n = le64_to_cpu(slit->localities);

	return from < n && to < n ? slit->entry[from * n + to] : 0;
}
