/* SPDX-License-Identifier: BSD-2-Clause */
#include <kernel/string.h>
#include "aml.h"

u8 aml_byte(struct aml *aml)
{
	if (aml->p < aml->end)
		return *aml->p++;
	aml->bad = true;
	return 0;
}

void aml_skip(struct aml *aml, size_t n)
{
	if (n > (size_t)(aml->end - aml->p)) {
		aml->bad = true;
		aml->p = aml->end;
		return;
	}
	aml->p += n;
}

void aml_enter_package(struct aml *aml)
{
	const u8 *start = aml->p;
	u8 lead = aml_byte(aml);
	unsigned more = lead >> 6;
	u32 length = more ? lead & 0x0f : lead & 0x3f;

	for (unsigned i = 0; i < more; i++)
		length |= (u32)aml_byte(aml) << (4 + 8 * i);
	/* The length counts its own encoding. */
	if (aml->bad || length > (size_t)(aml->end - start) ||
	    length < (size_t)(aml->p - start)) {
		aml->bad = true;
		return;
	}
	aml->end = start + length;
}

struct aml aml_package(struct aml *aml)
{
	struct aml part = *aml;

	aml_enter_package(&part);
	if (part.bad) {
		aml->bad = true;
		return (struct aml){ .p = aml->end, .end = aml->end };
	}
	aml->p = part.end;
	return part;
}

static u64 little_endian(struct aml *aml, unsigned bytes)
{
	u64 value = 0;

	for (unsigned i = 0; i < bytes; i++)
		value |= (u64)aml_byte(aml) << (8 * i);
	return value;
}

u64 aml_integer(struct aml *aml)
{
	switch (aml_byte(aml)) {
	case ACPI_AML_ZERO_OP: return 0;
	case ACPI_AML_ONE_OP: return 1;
	case ACPI_AML_ONES_OP: return UINT64_MAX;
	case ACPI_AML_BYTE_PREFIX: return little_endian(aml, 1);
	case ACPI_AML_WORD_PREFIX: return little_endian(aml, 2);
	case ACPI_AML_DWORD_PREFIX: return little_endian(aml, 4);
	case ACPI_AML_QWORD_PREFIX: return little_endian(aml, 8);
	default: aml->bad = true; return 0;
	}
}

static bool is_lead_char(u8 c)
{
	return (c >= 'A' && c <= 'Z') || c == '_';
}

bool aml_at_name(const struct aml *aml)
{
	u8 c = aml->p < aml->end ? *aml->p : 0;

	return is_lead_char(c) || c == ACPI_AML_ROOT_CHAR ||
	       c == ACPI_AML_PARENT_CHAR || c == ACPI_AML_DUAL_NAME_PREFIX ||
	       c == ACPI_AML_MULTI_NAME_PREFIX;
}

/* How many segments follow; 0 after a NullName or when it is none. */
static unsigned count_segments(struct aml *aml, u8 first)
{
	switch (first) {
	case 0: return 0;
	case ACPI_AML_DUAL_NAME_PREFIX: return 2;
	case ACPI_AML_MULTI_NAME_PREFIX: return aml_byte(aml);
	default:
		/* It was the segment's first character. */
		aml->p--;
		aml->bad |= !is_lead_char(first);
		return 1;
	}
}

bool aml_name(struct aml *aml, char *segment)
{
	u8 c = aml_byte(aml);
	bool plain = is_lead_char(c);
	unsigned count;

	memset(segment, 0, ACPI_AML_NAME_SIZE);
	while (c == ACPI_AML_ROOT_CHAR || c == ACPI_AML_PARENT_CHAR)
		c = aml_byte(aml);
	if (aml->bad)
		return false;
	count = count_segments(aml, c);
	for (unsigned i = 0; i < count && !aml->bad; i++) {
		const u8 *at = aml->p;

		aml_skip(aml, ACPI_AML_NAME_SIZE);
		if (!aml->bad)
			memcpy(segment, at, ACPI_AML_NAME_SIZE);
	}
	return plain && !aml->bad;
}
