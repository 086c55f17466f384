/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit.h"
#include "fake_memory.h"
#include <abi/efi.h>
#include <abi/smbios.h>
#include <kernel/byteorder.h>
#include <kernel/errno.h>
#include <kernel/printk.h>
#include <kernel/smbios.h>
#include <kernel/string.h>

static unsigned messages;

void printk(enum log_level level, unsigned flags, const char *fmt, ...)
{
	(void)level;
	(void)flags;
	(void)fmt;
	messages++;
}

static u8 table[8192];
static size_t length;
static struct smbios_info info;

/*
 * Append a structure of @size bytes before its strings; byte @n from offset 4
 * on is @n - 3: strings 1, 2, 3... @strings are separated by "|".
 */
static u8 *add(u8 type, u8 size, const char *strings)
{
	u8 *start = table + length;

	start[0] = type;
	start[1] = size;
	for (u8 i = 4; i < size; i++)
		start[i] = (u8)(i - 3);
	length += size;
	for (; *strings; strings++)
		table[length++] = *strings == '|' ? 0 : (u8)*strings;
	/* The end of the last string, if any, and the empty string. */
	table[length++] = 0;
	table[length++] = 0;
	return start;
}

static void reset(void)
{
	memset(table, 0, sizeof(table));
	length = 0;
	messages = 0;
	fake_memory_clear();
}

static int parse(void)
{
	/* In memory of its own size: the sanitizer watches its end. */
	u8 *exact = malloc(length ? length : 1);
	int ret;

	memcpy(exact, table, length);
	ret = smbios_parse(exact, length, &info);
	free(exact);
	return ret;
}

static void add_machine(void)
{
	u8 *bios = add(0, 0x18, "SeaBIOS|1.16.2");

	bios[SMBIOS_BIOS_EXTENSION_2] = 0x14;
	add(1, 0x1b, "QEMU|Standard PC|pc-q35");
	add(2, 0x0f, "Maker|Board");
	add(127, 4, "");
}

TEST(takes_the_strings_of_a_virtual_machine)
{
	reset();
	add_machine();
	CHECK_EQ(parse(), 0);
	CHECK_STR(info.bios_vendor, "SeaBIOS");
	CHECK_STR(info.bios_version, "1.16.2");
	CHECK_STR(info.system_manufacturer, "QEMU");
	CHECK_STR(info.system_product, "Standard PC");
	CHECK_STR(info.system_version, "pc-q35");
	CHECK_STR(info.board_manufacturer, "Maker");
	CHECK_STR(info.board_product, "Board");
	CHECK(info.virtual_machine);
}

TEST(a_machine_that_does_not_say_virtual_is_not)
{
	reset();
	add(0, 0x18, "X|Y")[SMBIOS_BIOS_EXTENSION_2] = 0xef;
	CHECK_EQ(parse(), 0);
	CHECK(!info.virtual_machine);
	reset();
	/* Too short to have the byte. */
	add(0, SMBIOS_BIOS_EXTENSION_2, "X|Y");
	CHECK_EQ(parse(), 0);
	CHECK(!info.virtual_machine);
}

TEST(only_the_first_structure_of_a_type_counts)
{
	reset();
	add(1, 0x1b, "First|One");
	add(1, 0x1b, "Second|Two");
	CHECK_EQ(parse(), 0);
	CHECK_STR(info.system_manufacturer, "First");
}

TEST(nothing_after_the_end_structure_counts)
{
	reset();
	add(127, 4, "");
	add(1, 0x1b, "Hidden|One");
	CHECK_EQ(parse(), 0);
	CHECK_STR(info.system_manufacturer, "");
}

TEST(the_end_structure_needs_nothing_behind_it)
{
	reset();
	add(1, 0x1b, "A|B");
	table[length++] = 127;
	CHECK_EQ(parse(), 0);
	CHECK_STR(info.system_product, "B");
}

TEST(a_string_number_past_the_strings_is_empty)
{
	reset();
	add(1, 0x1b, "Only");
	CHECK_EQ(parse(), 0);
	CHECK_STR(info.system_manufacturer, "Only");
	CHECK_STR(info.system_product, "");
	reset();
	add(1, 0x1b, "")[SMBIOS_SYSTEM_MANUFACTURER] = 255;
	CHECK_EQ(parse(), 0);
	CHECK_STR(info.system_manufacturer, "");
}

TEST(string_number_zero_is_empty)
{
	reset();
	add(1, 0x1b, "A|B")[SMBIOS_SYSTEM_MANUFACTURER] = 0;
	CHECK_EQ(parse(), 0);
	CHECK_STR(info.system_manufacturer, "");
	CHECK_STR(info.system_product, "B");
}

TEST(strings_are_cut_printable_and_without_padding)
{
	char text[201];

	reset();
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	add(1, 0x1b, text);
	CHECK_EQ(parse(), 0);
	CHECK_EQ(strlen(info.system_manufacturer), SMBIOS_STRING_MAX - 1);
	reset();
	add(1, 0x1b, "a\x1b[2J\x80 |Dell Inc.   |   ");
	CHECK_EQ(parse(), 0);
	CHECK_STR(info.system_manufacturer, "a?[2J?");
	CHECK_STR(info.system_product, "Dell Inc.");
	CHECK_STR(info.system_version, "");
}

TEST(a_table_cut_anywhere_is_survived)
{
	size_t whole;

	reset();
	add_machine();
	whole = length;
	for (length = 0; length < whole; length++) {
		int ret = parse();

		CHECK(ret == 0 || ret == -EBADMSG);
	}
	length = 0x18 + 5;
	CHECK_EQ(parse(), -EBADMSG);
}

TEST(what_came_before_a_bad_structure_stays)
{
	reset();
	add(1, 0x1b, "Good|One");
	table[length++] = 2;
	table[length++] = 200;
	CHECK_EQ(parse(), -EBADMSG);
	CHECK_STR(info.system_manufacturer, "Good");
}

TEST(lengths_below_the_header_are_refused)
{
	for (u8 bad = 0; bad < 4; bad++) {
		reset();
		add(1, 8, "A|B")[1] = bad;
		CHECK_EQ(parse(), -EBADMSG);
		CHECK_STR(info.system_manufacturer, "");
	}
}

TEST(strings_without_an_end_are_refused)
{
	reset();
	add(1, 0x1b, "A|B");
	length--;
	CHECK_EQ(parse(), -EBADMSG);
}

TEST(structures_without_number_are_refused)
{
	static u8 many[5000 * 6];

	for (size_t i = 0; i < sizeof(many); i += 6) {
		many[i] = 126;
		many[i + 1] = 4;
	}
	CHECK_EQ(smbios_parse(many, sizeof(many), &info), -EBADMSG);
}

TEST(an_empty_table_says_nothing)
{
	reset();
	memset(&info, 0xff, sizeof(info));
	CHECK_EQ(parse(), 0);
	CHECK_STR(info.bios_vendor, "");
	CHECK(!info.virtual_machine);
}

/* Entry points. */

#define TABLE_AT 0x7f000000U

static u8 sum_of(const void *p, size_t n)
{
	const u8 *bytes = p;
	u8 sum = 0;

	while (n--)
		sum = (u8)(sum + *bytes++);
	return sum;
}

static struct smbios3_entry entry3(void)
{
	struct smbios3_entry e = {
		.anchor = "_SM3_",
		.length = sizeof(e),
		.table_max_size = cpu_to_le32((u32)length),
		.table_address = cpu_to_le64(TABLE_AT),
	};

	e.checksum = (u8)-sum_of(&e, sizeof(e));
	return e;
}

static struct smbios_entry entry2(void)
{
	struct smbios_entry e = {
		.anchor = "_SM_",
		.length = sizeof(e),
		.intermediate_anchor = "_DMI_",
		.table_length = cpu_to_le16((u16)length),
		.table_address = cpu_to_le32(TABLE_AT),
	};

	e.intermediate_checksum = (u8)-sum_of(&e.intermediate_anchor, 15);
	e.checksum = (u8)-sum_of(&e, sizeof(e));
	return e;
}

static u8 *machine_in_memory(void)
{
	reset();
	add_machine();
	fake_memory_of(TABLE_AT, table, length);
	return fake_memory(SMBIOS_AREA_START, SMBIOS_AREA_SIZE);
}

TEST(finds_the_old_entry_point_in_the_bios_area)
{
	u8 *area = machine_in_memory();
	struct smbios_entry e = entry2();

	memcpy(area + 0x5a0, &e, sizeof(e));
	CHECK_EQ(smbios_read(0, &info), 0);
	CHECK_STR(info.system_manufacturer, "QEMU");
}

TEST(finds_the_new_entry_point_at_the_areas_end)
{
	u8 *area = machine_in_memory();
	struct smbios3_entry e = entry3();

	memcpy(area + SMBIOS_AREA_SIZE - 32, &e, sizeof(e));
	CHECK_EQ(smbios_read(0, &info), 0);
	CHECK_STR(info.system_manufacturer, "QEMU");
}

TEST(entry_points_off_their_boundary_or_damaged_are_not_taken)
{
	u8 *area = machine_in_memory();
	struct smbios3_entry e3 = entry3();
	struct smbios_entry e2 = entry2();

	memcpy(area + 0x5a8, &e3, sizeof(e3));
	CHECK_EQ(smbios_read(0, &info), -ENOENT);
	e3.minor_version ^= 1;
	memcpy(area + 0x600, &e3, sizeof(e3));
	CHECK_EQ(smbios_read(0, &info), -ENOENT);
	e2.intermediate_checksum ^= 1;
	e2.checksum =
		(u8)(e2.checksum - (e2.intermediate_checksum & 1 ? 1 : -1));
	memcpy(area + 0x700, &e2, sizeof(e2));
	CHECK_EQ(sum_of(&e2, sizeof(e2)), 0);
	CHECK_EQ(smbios_read(0, &info), -ENOENT);
}

TEST(entry_points_with_absurd_lengths_are_not_taken)
{
	u8 *area = machine_in_memory();
	struct smbios3_entry e = entry3();

	e.length = 5;
	e.checksum = (u8)(e.checksum + sizeof(e) - 5);
	memcpy(area, &e, sizeof(e));
	CHECK_EQ(smbios_read(0, &info), -ENOENT);
	e.length = 255;
	memcpy(area + SMBIOS_AREA_SIZE - 32, &e, sizeof(e));
	CHECK_EQ(smbios_read(0, &info), -ENOENT);
}

TEST(a_table_that_cannot_be_mapped_is_reported)
{
	u8 *area = machine_in_memory();
	struct smbios3_entry e;

	length += 4096;
	e = entry3();
	memcpy(area, &e, sizeof(e));
	CHECK_EQ(smbios_read(0, &info), -EBADMSG);
	CHECK_EQ(messages, 1);
}

TEST(a_hole_is_not_searched)
{
	u8 *area = machine_in_memory();
	struct smbios3_entry e = entry3();

	memset(area, 0xff, SMBIOS_AREA_SIZE);
	memcpy(area + 0x20, &e, sizeof(e));
	CHECK_EQ(smbios_read(0, &info), -ENOENT);
}

#define EFI_AT	  0x7e000000U
#define CONFIG_AT 0x7e001000U
#define ENTRY_AT  0x7e002000U

static struct efi_system_table *efi_machine(u64 count, struct efi_guid guid)
{
	struct efi_system_table st = {
		.header.signature = cpu_to_le64(EFI_SYSTEM_TABLE_SIGNATURE),
		.number_of_table_entries = cpu_to_le64(count),
		.configuration_table = cpu_to_le64(CONFIG_AT),
	};
	struct efi_configuration_table *config;

	reset();
	add_machine();
	fake_memory_of(TABLE_AT, table, length);
	config = fake_memory(CONFIG_AT, MIN(count, 256) * sizeof(*config));
	config[1].vendor_guid = guid;
	config[1].vendor_table = cpu_to_le64(ENTRY_AT);
	return fake_memory_of(EFI_AT, &st, sizeof(st));
}

TEST(finds_both_entry_points_through_efi)
{
	struct smbios3_entry e3;
	struct smbios_entry e2;

	efi_machine(3, (struct efi_guid)EFI_SMBIOS3_TABLE_GUID);
	e3 = entry3();
	memcpy(fake_memory(ENTRY_AT, 256), &e3, sizeof(e3));
	CHECK_EQ(smbios_read(EFI_AT, &info), 0);
	CHECK_STR(info.system_product, "Standard PC");

	efi_machine(3, (struct efi_guid)EFI_SMBIOS_TABLE_GUID);
	e2 = entry2();
	memcpy(fake_memory(ENTRY_AT, 256), &e2, sizeof(e2));
	CHECK_EQ(smbios_read(EFI_AT, &info), 0);
	CHECK_STR(info.system_product, "Standard PC");
}

TEST(an_efi_table_that_lies_is_survived)
{
	struct efi_system_table *st =
		efi_machine(1ULL << 60, (struct efi_guid)EFI_SMBIOS_TABLE_GUID);

	CHECK_EQ(smbios_read(EFI_AT, &info), -ENOENT);
	st->configuration_table = cpu_to_le64(~0ULL);
	CHECK_EQ(smbios_read(EFI_AT, &info), -ENOENT);
	st->header.signature = cpu_to_le64(1);
	CHECK_EQ(smbios_read(EFI_AT, &info), -ENOENT);
	CHECK_EQ(smbios_read(0x1234, &info), -ENOENT);
	CHECK_EQ(messages, 2);
}
