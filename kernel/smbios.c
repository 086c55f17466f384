/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SMBIOS (DMTF DSP0134): entry points, and the strings of types 0 to 2. All
 * of it is firmware's, or a hypervisor user's, and is checked accordingly.
 */
#define pr_fmt(fmt) "smbios: " fmt

#include <abi/efi.h>
#include <abi/smbios.h>
#include <kernel/bios_area.h>
#include <kernel/byteorder.h>
#include <kernel/errno.h>
#include <kernel/mm/map.h>
#include <kernel/printk.h>
#include <kernel/smbios.h>
#include <kernel/string.h>

/* Policy: far above any real table, far below what would take long. */
#define SMBIOS_TABLE_MAX      (256U << 10)
#define SMBIOS_STRUCTURES_MAX 4096
#define EFI_TABLE_ENTRIES_MAX 256

/* One structure: its formatted area, and where its strings end. */
struct structure {
	const struct smbios_header *header;
	const char *strings;
	size_t strings_size; /* without the empty string that ends them */
};

/* Split the structure off at @p; returns its total size, 0 if malformed. */
static size_t parse_structure(const u8 *p, size_t left, struct structure *s)
{
	size_t end;

	s->header = (const struct smbios_header *)p;
	if (left < sizeof(*s->header) ||
	    s->header->length < sizeof(*s->header) || s->header->length > left)
		return 0;
	for (end = s->header->length; end + 1 < left; end++)
		if (!p[end] && !p[end + 1])
			break;
	if (end + 1 >= left)
		return 0;
	s->strings = (const char *)p + s->header->length;
	s->strings_size = end - s->header->length;
	return end + 2;
}

static u8 structure_byte(const struct structure *s, size_t offset)
{
	return offset < s->header->length ? ((const u8 *)s->header)[offset] : 0;
}

/* Copy printable, without spaces at the end. */
static void copy_text(char *to, const char *from, size_t length)
{
	size_t used = 0;

	for (size_t i = 0; i < length && i < SMBIOS_STRING_MAX - 1; i++) {
		to[i] = from[i] >= ' ' && from[i] <= '~' ? from[i] : '?';
		if (to[i] != ' ')
			used = i + 1;
	}
	to[used] = '\0';
}

/* The string whose number is at @offset of the formatted area. */
static void copy_string(const struct structure *s, size_t offset, char *to)
{
	unsigned number = structure_byte(s, offset);
	const char *p = s->strings, *end = s->strings + s->strings_size;

	to[0] = '\0';
	if (number == 0)
		return;
	while (--number > 0 && p < end)
		p += strnlen(p, (size_t)(end - p)) + 1;
	if (p < end)
		copy_text(to, p, strnlen(p, (size_t)(end - p)));
}

/* Only the first structure of a type counts: boards may be many. */
static void take_structure(const struct structure *s, unsigned *seen,
			   struct smbios_info *info)
{
	if (s->header->type > SMBIOS_TYPE_BOARD ||
	    (*seen & BIT(s->header->type)))
		return;
	*seen |= BIT(s->header->type);
	switch (s->header->type) {
	case SMBIOS_TYPE_BIOS:
		copy_string(s, SMBIOS_BIOS_VENDOR, info->bios_vendor);
		copy_string(s, SMBIOS_BIOS_VERSION, info->bios_version);
		info->virtual_machine =
			structure_byte(s, SMBIOS_BIOS_EXTENSION_2) &
			SMBIOS_EXTENSION_2_VIRTUAL_MACHINE;
		break;
	case SMBIOS_TYPE_SYSTEM:
		copy_string(s, SMBIOS_SYSTEM_MANUFACTURER,
			    info->system_manufacturer);
		copy_string(s, SMBIOS_SYSTEM_PRODUCT, info->system_product);
		copy_string(s, SMBIOS_SYSTEM_VERSION, info->system_version);
		break;
	default:
		copy_string(s, SMBIOS_BOARD_MANUFACTURER,
			    info->board_manufacturer);
		copy_string(s, SMBIOS_BOARD_PRODUCT, info->board_product);
		break;
	}
}

int smbios_parse(const void *table, size_t length, struct smbios_info *info)
{
	const u8 *p = table;
	size_t left = length;
	unsigned seen = 0;

	memset(info, 0, sizeof(*info));
	for (unsigned n = 0; left && n < SMBIOS_STRUCTURES_MAX; n++) {
		struct structure s;
		size_t size;

		if (*p == SMBIOS_TYPE_END)
			return 0;
		size = parse_structure(p, left, &s);
		if (!size)
			return -EBADMSG;
		take_structure(&s, &seen, info);
		p += size;
		left -= size;
	}
	/* Before version 2.2 there was no end structure. */
	return left ? -EBADMSG : 0;
}

static bool sums_to_zero(const void *data, size_t length)
{
	const u8 *p = data;
	u8 sum = 0;

	while (length--)
		sum = (u8)(sum + *p++);
	return sum == 0;
}

struct location {
	phys_addr_t address;
	size_t length;
};

/* @entry has @left readable bytes. */
static bool parse_entry3(const struct smbios3_entry *entry, size_t left,
			 struct location *at)
{
	if (left < sizeof(*entry) || memcmp(entry->anchor, SMBIOS3_ANCHOR, 5) ||
	    entry->length < sizeof(*entry) || entry->length > left ||
	    !sums_to_zero(entry, entry->length))
		return false;
	at->address = le64_to_cpu(entry->table_address);
	/* A maximum, not a size: firmware may state any. */
	at->length = MIN(le32_to_cpu(entry->table_max_size), SMBIOS_TABLE_MAX);
	return at->address && at->length;
}

static bool parse_entry2(const struct smbios_entry *entry, size_t left,
			 struct location *at)
{
	if (left < sizeof(*entry) || memcmp(entry->anchor, SMBIOS_ANCHOR, 4) ||
	    entry->length < SMBIOS_ENTRY_LENGTH_MIN || entry->length > left ||
	    !sums_to_zero(entry, entry->length) ||
	    memcmp(entry->intermediate_anchor, SMBIOS_INTERMEDIATE_ANCHOR, 5) ||
	    !sums_to_zero(entry->intermediate_anchor,
			  SMBIOS_INTERMEDIATE_LENGTH))
		return false;
	at->address = le32_to_cpu(entry->table_address);
	at->length = le16_to_cpu(entry->table_length);
	return at->address && at->length;
}

static bool parse_any_entry(const void *entry, size_t left, struct location *at)
{
	return parse_entry3(entry, left, at) || parse_entry2(entry, left, at);
}

/* Room for either entry point, whatever its length byte says. */
#define ENTRY_MAP_SIZE 256

static bool entry_at(phys_addr_t address, struct location *at)
{
	const void *entry = memremap(address, ENTRY_MAP_SIZE, MEMORY_WB);

	return entry && parse_any_entry(entry, ENTRY_MAP_SIZE, at);
}

static bool find_guid(const struct efi_configuration_table *tables, u64 count,
		      const struct efi_guid *guid, struct location *at)
{
	for (u64 i = 0; i < count; i++)
		if (!memcmp(&tables[i].vendor_guid, guid, sizeof(*guid)))
			return entry_at(le64_to_cpu(tables[i].vendor_table),
					at);
	return false;
}

static bool find_in_efi(phys_addr_t system_table, struct location *at)
{
	static const struct efi_guid smbios3 = EFI_SMBIOS3_TABLE_GUID;
	static const struct efi_guid smbios2 = EFI_SMBIOS_TABLE_GUID;
	const struct efi_system_table *st;
	const struct efi_configuration_table *tables;
	u64 count;

	if (!system_table)
		return false;
	st = memremap(system_table, sizeof(*st), MEMORY_WB);
	if (!st ||
	    le64_to_cpu(st->header.signature) != EFI_SYSTEM_TABLE_SIGNATURE) {
		pr_warn("no EFI system table at %#llx",
			(unsigned long long)system_table);
		return false;
	}
	count = MIN(le64_to_cpu(st->number_of_table_entries),
		    (u64)EFI_TABLE_ENTRIES_MAX);
	if (!count)
		return false;
	tables = memremap(le64_to_cpu(st->configuration_table),
			  count * sizeof(*tables), MEMORY_WB);
	return tables && (find_guid(tables, count, &smbios3, at) ||
			  find_guid(tables, count, &smbios2, at));
}

static bool find_in_bios_area(struct location *at)
{
	const u8 *area;

	area = bios_area_map(SMBIOS_AREA_START, SMBIOS_AREA_SIZE);
	if (!area)
		return false;
	for (size_t i = 0; i < SMBIOS_AREA_SIZE; i += SMBIOS_AREA_ALIGNMENT)
		if (parse_any_entry(area + i, SMBIOS_AREA_SIZE - i, at))
			return true;
	return false;
}

int smbios_read(phys_addr_t efi_system_table, struct smbios_info *info)
{
	struct location at;
	const void *table;
	int ret;

	memset(info, 0, sizeof(*info));
	if (!find_in_efi(efi_system_table, &at) && !find_in_bios_area(&at))
		return -ENOENT;
	table = memremap(at.address, at.length, MEMORY_WB);
	if (!table) {
		pr_warn("table at %#llx cannot be mapped: ignored",
			(unsigned long long)at.address);
		return -EBADMSG;
	}
	ret = smbios_parse(table, at.length, info);
	if (ret)
		pr_warn("malformed table at %#llx: what came before is used",
			(unsigned long long)at.address);
	return ret;
}
