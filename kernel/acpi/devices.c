/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The devices that a DSDT and SSDTs define: ACPI 6.5, 20.2.5. Lists of terms
 * are followed into scopes and devices, bounded in depth; what would have to
 * be run is stepped over as a whole. A term that is not known has no known
 * length, so it ends the list that it is in, and that one alone.
 */
#include <kernel/acpi.h>
#include <kernel/acpi_device.h>
#include <kernel/acpi_event.h>
#include <kernel/byteorder.h>
#include <kernel/ctype.h>
#include <kernel/errno.h>
#include <kernel/string.h>
#include <kernel/vsprintf.h>
#include "aml.h"

/* Policy: scopes and devices in each other. The stack is finite. */
#define DEPTH_MAX 16

struct walk {
	void (*fn)(const struct acpi_device *device, void *context);
	void *context;
};

static bool is(const char *segment, const char *name)
{
	return !memcmp(segment, name, ACPI_AML_NAME_SIZE);
}

static bool is_integer(u8 op)
{
	switch (op) {
	case ACPI_AML_ZERO_OP:
	case ACPI_AML_ONE_OP:
	case ACPI_AML_ONES_OP:
	case ACPI_AML_BYTE_PREFIX:
	case ACPI_AML_WORD_PREFIX:
	case ACPI_AML_DWORD_PREFIX:
	case ACPI_AML_QWORD_PREFIX: return true;
	default: return false;
	}
}

/* As text: a vendor's three letters and four digits (6.1.5). */
static void set_eisa_id(char *text, u32 swapped)
{
	u32 id = __builtin_bswap32(swapped);

	snprintf(text, ACPI_HID_MAX, "%c%c%c%04X", ACPI_EISA_LETTER(id, 0),
		 ACPI_EISA_LETTER(id, 1), ACPI_EISA_LETTER(id, 2),
		 ACPI_EISA_DIGITS(id));
}

/* Where the text of @device's object @segment goes; NULL: nowhere. */
static char *text_of(struct acpi_device *device, const char *segment)
{
	if (device && is(segment, "_HID"))
		return device->hid;
	return device && is(segment, "_CID") ? device->cid : NULL;
}

/* Too long a string is nothing that anybody knows. */
static void read_string(struct aml *aml, char *text)
{
	const u8 *start = aml->p;
	const u8 *end = memchr(start, '\0', (size_t)(aml->end - start));

	if (!end) {
		aml->bad = true;
		return;
	}
	aml->p = end + 1;
	if (text && end - start < ACPI_HID_MAX)
		memcpy(text, start, (size_t)(end - start) + 1);
}

/* ADDR of a generation counter: its "Virtual Machine Generation ID". */
static void read_address(struct aml elements, struct acpi_device *device)
{
	unsigned count = aml_byte(&elements);
	u64 low = aml_integer(&elements), high = aml_integer(&elements);

	device->has_address = count == 2 && !elements.bad &&
			      low <= UINT32_MAX && high <= UINT32_MAX;
	device->address = high << 32 | low;
}

static void read_package(struct aml *aml, struct acpi_device *device)
{
	struct aml elements = aml_package(aml);

	if (device && !aml->bad)
		read_address(elements, device);
}

/* The bytes are what there is of them; the size may say more (19.6.10). */
static void read_buffer(struct aml *aml, struct acpi_device *device)
{
	struct aml bytes = aml_package(aml);
	u64 size;

	if (aml->bad || !device)
		return;
	size = aml_integer(&bytes);
	if (bytes.bad)
		return;
	device->resources = bytes.p;
	device->resources_size = (u32)MIN(size, (u64)(bytes.end - bytes.p));
}

/* The object behind Name (@segment, ...), which is @device's or nobody's. */
static void read_object(struct aml *aml, const char *segment,
			struct acpi_device *device)
{
	u8 op = aml->p < aml->end ? *aml->p : 0;
	char name[ACPI_AML_NAME_SIZE];

	if (is_integer(op)) {
		u64 value = aml_integer(aml);

		char *text = text_of(device, segment);

		if (text && value <= UINT32_MAX)
			set_eisa_id(text, (u32)value);
		if (device && is(segment, "_STA"))
			device->status = value;
		return;
	}
	if (aml_at_name(aml)) {
		aml_name(aml, name);
		return;
	}
	aml_byte(aml);
	switch (op) {
	case ACPI_AML_STRING_PREFIX:
		read_string(aml, text_of(device, segment));
		break;
	case ACPI_AML_BUFFER_OP:
		read_buffer(aml, is(segment, "_CRS") ? device : NULL);
		break;
	case ACPI_AML_PACKAGE_OP:
		read_package(aml, is(segment, "ADDR") ? device : NULL);
		break;
	case ACPI_AML_VAR_PACKAGE_OP: aml_package(aml); break;
	default: aml->bad = true;
	}
}

static void read_name(struct aml *aml, struct acpi_device *device)
{
	char segment[ACPI_AML_NAME_SIZE];
	bool plain = aml_name(aml, segment);

	if (!aml->bad)
		read_object(aml, segment, plain ? device : NULL);
}

/* A TermArg that is a constant or a name; others are expressions. */
static void skip_argument(struct aml *aml)
{
	char name[ACPI_AML_NAME_SIZE];

	if (aml_at_name(aml))
		aml_name(aml, name);
	else
		aml_integer(aml);
}

static void skip_names(struct aml *aml, unsigned count)
{
	char name[ACPI_AML_NAME_SIZE];

	while (count--)
		aml_name(aml, name);
}

static void skip_create_field(struct aml *aml)
{
	skip_argument(aml);
	skip_argument(aml);
	skip_names(aml, 1);
}

static void walk_list(const struct walk *walk, struct aml aml,
		      struct acpi_device *device, unsigned depth);

/* Device (20.2.5.2): a name and a list of what is in it. */
static void walk_device(const struct walk *walk, struct aml body,
			unsigned depth)
{
	struct acpi_device device = { .status = UINT64_MAX };

	aml_name(&body, device.name);
	if (body.bad)
		return;
	walk_list(walk, body, &device, depth + 1);
	walk->fn(&device, walk->context);
}

static void walk_scope(const struct walk *walk, struct aml body, unsigned depth)
{
	skip_names(&body, 1);
	if (!body.bad)
		walk_list(walk, body, NULL, depth + 1);
}

/* What follows ACPI_AML_EXT_OP_PREFIX. */
static void walk_extended(const struct walk *walk, struct aml *aml,
			  unsigned depth)
{
	switch (aml_byte(aml)) {
	case ACPI_AML_DEVICE_OP:
		walk_device(walk, aml_package(aml), depth);
		break;
	case ACPI_AML_MUTEX_OP:
		skip_names(aml, 1);
		aml_byte(aml);
		break;
	case ACPI_AML_EVENT_OP: skip_names(aml, 1); break;
	case ACPI_AML_OP_REGION_OP:
		skip_names(aml, 1);
		aml_byte(aml);
		skip_argument(aml);
		skip_argument(aml);
		break;
	case ACPI_AML_FIELD_OP:
	case ACPI_AML_PROCESSOR_OP:
	case ACPI_AML_POWER_RESOURCE_OP:
	case ACPI_AML_THERMAL_ZONE_OP:
	case ACPI_AML_INDEX_FIELD_OP:
	case ACPI_AML_BANK_FIELD_OP: aml_package(aml); break;
	default: aml->bad = true;
	}
}

static void walk_term(const struct walk *walk, struct aml *aml,
		      struct acpi_device *device, unsigned depth)
{
	switch (aml_byte(aml)) {
	case ACPI_AML_NAME_OP: read_name(aml, device); break;
	case ACPI_AML_SCOPE_OP:
		walk_scope(walk, aml_package(aml), depth);
		break;
	case ACPI_AML_EXT_OP_PREFIX: walk_extended(walk, aml, depth); break;
	case ACPI_AML_METHOD_OP:
	case ACPI_AML_IF_OP:
	case ACPI_AML_ELSE_OP:
	case ACPI_AML_WHILE_OP: aml_package(aml); break;
	case ACPI_AML_ALIAS_OP: skip_names(aml, 2); break;
	case ACPI_AML_EXTERNAL_OP:
		skip_names(aml, 1);
		aml_skip(aml, 2);
		break;
	case ACPI_AML_CREATE_DWORD_FIELD_OP:
	case ACPI_AML_CREATE_WORD_FIELD_OP:
	case ACPI_AML_CREATE_BYTE_FIELD_OP:
	case ACPI_AML_CREATE_BIT_FIELD_OP:
	case ACPI_AML_CREATE_QWORD_FIELD_OP: skip_create_field(aml); break;
	case ACPI_AML_NOOP_OP: break;
	default: aml->bad = true;
	}
}

static void walk_list(const struct walk *walk, struct aml aml,
		      struct acpi_device *device, unsigned depth)
{
	if (depth > DEPTH_MAX)
		return;
	while (aml.p < aml.end && !aml.bad)
		walk_term(walk, &aml, device, depth);
}

/* The DSDT, then the SSDTs; false past the last. */
static bool open_table(unsigned n, struct aml *aml)
{
	const struct acpi_sdt_header *table =
		n ? acpi_find("SSDT", n - 1) : acpi_find("DSDT", 0);

	*aml = (struct aml){ 0 };
	if (!table)
		return !n;
	aml->p = (const u8 *)(table + 1);
	aml->end = (const u8 *)table + le32_to_cpu(table->length);
	return true;
}

void acpi_for_each_device(void (*fn)(const struct acpi_device *device,
				     void *context),
			  void *context)
{
	const struct walk walk = { .fn = fn, .context = context };
	struct aml aml;

	for (unsigned n = 0; open_table(n, &aml); n++)
		walk_list(&walk, aml, NULL, 0);
}

/* The next @length bytes that are @text, or NULL: no more. */
static const u8 *next_mention(struct aml *aml, const char *text, size_t length)
{
	const u8 *found;

	while (aml->p < aml->end &&
	       (found = memchr(aml->p, *text, (size_t)(aml->end - aml->p)))) {
		aml->p = found + 1;
		if ((size_t)(aml->end - found) >= length &&
		    !memcmp(found, text, length))
			return found;
	}
	return NULL;
}

bool acpi_mentions(const char *text)
{
	struct aml aml;

	for (unsigned n = 0; open_table(n, &aml); n++)
		if (next_mention(&aml, text, strlen(text)))
			return true;
	return false;
}

/* The constant behind each NameOp and @name, until there is one. */
static bool find_integer(struct aml *aml, const char *name, u64 *value)
{
	const u8 *start = aml->p, *at;

	while ((at = next_mention(aml, name, ACPI_AML_NAME_SIZE))) {
		struct aml object = { .p = at + ACPI_AML_NAME_SIZE,
				      .end = aml->end };

		if (at == start || at[-1] != ACPI_AML_NAME_OP)
			continue;
		*value = aml_integer(&object);
		if (!object.bad)
			return true;
	}
	return false;
}

int acpi_find_integer(const char *name, u64 *value)
{
	struct aml aml;

	for (unsigned n = 0; open_table(n, &aml); n++)
		if (find_integer(&aml, name, value))
			return 0;
	return -ENOENT;
}

static int hex_digit(char c)
{
	if (is_digit(c))
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* _Exx and _Lxx, edge and level (5.6.4.1); -1: another name. */
static int event_number(const u8 *segment)
{
	int high = hex_digit((char)segment[2]);
	int low = hex_digit((char)segment[3]);

	if (segment[0] != '_' || (segment[1] != 'E' && segment[1] != 'L') ||
	    high < 0 || low < 0)
		return -1;
	return high << 4 | low;
}

/* @body is what follows a method's name: flags, then Notify (@name, ...)? */
static bool begins_by_notifying(struct aml body, const char *name)
{
	char segment[ACPI_AML_NAME_SIZE];

	aml_byte(&body);
	if (aml_byte(&body) != ACPI_AML_NOTIFY_OP || !aml_at_name(&body))
		return false;
	aml_name(&body, segment);
	return !body.bad && is(segment, name);
}

int acpi_event_that_notifies(const char *name)
{
	struct aml aml;

	for (unsigned n = 0; open_table(n, &aml); n++)
		for (; (size_t)(aml.end - aml.p) > ACPI_AML_NAME_SIZE;
		     aml.p++) {
			struct aml body = aml;
			int number = event_number(aml.p);

			aml_skip(&body, ACPI_AML_NAME_SIZE);
			if (number >= 0 && begins_by_notifying(body, name))
				return number;
		}
	return -ENOENT;
}
