/* SPDX-License-Identifier: BSD-2-Clause */
/* The Root System Description Pointer: ACPI 6.5, 5.2.5. */
#define pr_fmt(fmt) "acpi: " fmt

#include "internal.h"
#include <kernel/bios_area.h>
#include <kernel/byteorder.h>
#include <kernel/errno.h>
#include <kernel/mm/map.h>
#include <kernel/printk.h>
#include <kernel/string.h>

/* Where the BIOS keeps the segment of its extended data area. */
#define BDA_PAGE	0x400U
#define BDA_SIZE	0x100U
#define BDA_EBDA_OFFSET 0x0e
#define EBDA_LOWEST	0x80000U
#define EBDA_HIGHEST	(0xa0000U - ACPI_EBDA_SEARCH_SIZE)

#define BIOS_AREA_START 0xe0000U
#define BIOS_AREA_SIZE	0x20000U

bool acpi_checksum_ok(const void *data, size_t length)
{
	const u8 *p = data;
	u8 sum = 0;

	while (length--)
		sum = (u8)(sum + *p++);
	return sum == 0;
}

/* The part that an extended checksum covers may be longer than we know. */
static bool extension_ok(const struct acpi_rsdp *rsdp, size_t left)
{
	u32 length = le32_to_cpu(rsdp->length);

	return length >= sizeof(*rsdp) && length <= left &&
	       acpi_checksum_ok(rsdp, length);
}

/* @left bytes can be read at @p. */
static bool parse_rsdp(const void *p, size_t left, struct acpi_roots *roots)
{
	const struct acpi_rsdp *rsdp = p;

	if (left < ACPI_RSDP_V1_LENGTH ||
	    memcmp(rsdp->signature, ACPI_RSDP_SIGNATURE, 8) ||
	    !acpi_checksum_ok(rsdp, ACPI_RSDP_V1_LENGTH))
		return false;
	roots->rsdt = le32_to_cpu(rsdp->rsdt_address);
	roots->xsdt = 0;
	if (rsdp->revision >= 2 && left >= sizeof(*rsdp) &&
	    extension_ok(rsdp, left))
		roots->xsdt = le64_to_cpu(rsdp->xsdt_address);
	return roots->rsdt || roots->xsdt;
}

static bool search(const u8 *area, size_t size, struct acpi_roots *roots)
{
	for (size_t i = 0; area && i < size; i += ACPI_RSDP_ALIGNMENT)
		if (parse_rsdp(area + i, size - i, roots))
			return true;
	return false;
}

static bool search_ebda(struct acpi_roots *roots)
{
	const u8 *bda = bios_area_map(BDA_PAGE, BDA_SIZE);
	phys_addr_t ebda;

	if (!bda)
		return false;
	ebda = (phys_addr_t)(bda[BDA_EBDA_OFFSET] | bda[BDA_EBDA_OFFSET + 1]
							    << 8)
	       << 4;
	if (ebda < EBDA_LOWEST || ebda > EBDA_HIGHEST)
		return false;
	return search(bios_area_map(ebda, ACPI_EBDA_SEARCH_SIZE),
		      ACPI_EBDA_SEARCH_SIZE, roots);
}

int acpi_find_rsdp(phys_addr_t hint, struct acpi_roots *roots)
{
	if (hint) {
		const void *p =
			memremap(hint, sizeof(struct acpi_rsdp), MEMORY_WB);

		if (p && parse_rsdp(p, sizeof(struct acpi_rsdp), roots))
			return 0;
		pr_warn("no RSDP at %#llx, where the loader says: searching",
			(unsigned long long)hint);
	}
	if (search_ebda(roots) ||
	    search(bios_area_map(BIOS_AREA_START, BIOS_AREA_SIZE),
		   BIOS_AREA_SIZE, roots))
		return 0;
	return hint ? -EBADMSG : -ENOENT;
}
