/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The values that switch a PC off, without an AML interpreter: firmware
 * defines \_S5 as a constant package (ACPI 6.5, 7.4.2), which a search for its
 * encoding finds (20.2.2 names, 20.2.4 package lengths, 20.2.5.4 packages).
 */
#include <kernel/acpi.h>
#include <kernel/byteorder.h>
#include <kernel/errno.h>
#include <kernel/string.h>
#include "aml.h"

#define S5_NAME	     "_S5_"
#define S5_NAME_SIZE ACPI_AML_NAME_SIZE
/* SLP_TYPx is a field of three bits. */
#define SLP_TYP_MAX 7

/* @aml is behind the name. */
static int parse_package(struct aml *aml, u8 *type_a, u8 *type_b)
{
	unsigned count;
	u64 a, b;

	if (aml_byte(aml) != ACPI_AML_PACKAGE_OP)
		return -EBADMSG;
	aml_enter_package(aml);
	count = aml_byte(aml);
	a = aml_integer(aml);
	/* Some firmware packs both values into the bytes of one element. */
	if (count == 1) {
		b = a >> 8;
		a &= 0xff;
	} else {
		b = aml_integer(aml);
	}
	if (aml->bad || count == 0 || a > SLP_TYP_MAX || b > SLP_TYP_MAX)
		return -EBADMSG;
	*type_a = (u8)a;
	*type_b = (u8)b;
	return 0;
}

/* A definition, not a mention: NameOp, perhaps "\", then the name. */
static bool is_definition(const u8 *start, const u8 *name)
{
	if (name > start && name[-1] == ACPI_AML_NAME_OP)
		return true;
	return name > start + 1 && name[-1] == ACPI_AML_ROOT_CHAR &&
	       name[-2] == ACPI_AML_NAME_OP;
}

static int search_table(const struct acpi_sdt_header *table, u8 *type_a,
			u8 *type_b)
{
	const u8 *start = (const u8 *)(table + 1);
	const u8 *end = (const u8 *)table + le32_to_cpu(table->length);
	int ret = -ENOENT;

	for (const u8 *p = start; p + S5_NAME_SIZE < end; p++) {
		struct aml aml = { .p = p + S5_NAME_SIZE, .end = end };

		if (memcmp(p, S5_NAME, S5_NAME_SIZE) ||
		    !is_definition(start, p))
			continue;
		ret = parse_package(&aml, type_a, type_b);
		if (!ret)
			return 0;
	}
	return ret;
}

int acpi_sleep_type_s5(u8 *type_a, u8 *type_b)
{
	const struct acpi_sdt_header *table = acpi_find("DSDT", 0);
	int ret = table ? search_table(table, type_a, type_b) : -ENOENT;

	for (unsigned i = 0; ret && (table = acpi_find("SSDT", i)); i++) {
		int found = search_table(table, type_a, type_b);

		/* A malformed definition is the better answer than none. */
		if (found != -ENOENT)
			ret = found;
	}
	return ret;
}
