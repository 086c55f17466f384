/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading AML: ACPI 6.5, 20.2. Nothing here runs any of it. */
#pragma once

#include <abi/acpi.h>

/* Bytes not read yet. Reading past the end sets `bad` and gives zeros. */
struct aml {
	const u8 *p;
	const u8 *end;
	bool bad;
};

u8 aml_byte(struct aml *aml);

/** Step over @n bytes. */
void aml_skip(struct aml *aml, size_t n);

/** A PkgLength (20.2.4): @aml ends where that says from now on. */
void aml_enter_package(struct aml *aml);

/**
 * The same as a part of its own, which *@aml then stands behind. Where it
 * makes no sense *@aml is bad, and what is returned is empty.
 */
struct aml aml_package(struct aml *aml);

/** A constant integer (20.2.3); what is none sets `bad`. */
u64 aml_integer(struct aml *aml);

/**
 * A NameString (20.2.2): its last segment, of ACPI_AML_NAME_SIZE characters,
 * or zeros for the NullName. True if it is nothing but that segment.
 */
bool aml_name(struct aml *aml, char *segment);

/** True if what comes next can only be a NameString. */
bool aml_at_name(const struct aml *aml);
