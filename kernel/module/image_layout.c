/* SPDX-License-Identifier: BSD-2-Clause */
/* Which sections of a module's file are loaded, and where to. */
#include <kernel/byteorder.h>
#include <kernel/mm/page.h>
#include <kernel/modinfo.h>
#include <kernel/string.h>
#include <kernel/table.h>
#include "image.h"

#define TABLE_PREFIX ".table."

static u64 flags_of(const struct module_image *image, unsigned i)
{
	return le64_to_cpu(image->sections[i].flags);
}

/* .modinfo is for those who look at the file. */
static bool is_loaded(const struct module_image *image, unsigned i)
{
	return (flags_of(image, i) & ELF_FLAG_ALLOC) &&
	       strcmp(module_section_name(image, i), MODINFO_SECTION);
}

static enum module_part part_of(const struct module_image *image, unsigned i)
{
	u64 flags = flags_of(image, i);

	if (flags & ELF_FLAG_EXECINSTR)
		return MODULE_TEXT;
	return flags & ELF_FLAG_WRITE ? MODULE_DATA : MODULE_RODATA;
}

static bool is_open_table(const char *name)
{
	for (size_t i = 0; i < open_table_count; i++)
		if (!strcmp(open_tables[i].name, name))
			return true;
	return false;
}

static int check_table(const struct module_image *image, unsigned i,
		       const char *table)
{
	const struct elf64_section *s = &image->sections[i];

	if (!is_open_table(table))
		return module_refuse(image, "modules cannot add to table %s",
				     table);
	if (le64_to_cpu(s->size) % sizeof(void *) ||
	    le32_to_cpu(s->type) != ELF_SECTION_PROGBITS)
		return module_refuse(image, "malformed table %s", table);
	for (unsigned k = 1; k < i; k++)
		if (!strcmp(module_section_name(image, k),
			    module_section_name(image, i)))
			return module_refuse(image, "two tables %s", table);
	return 0;
}

static int check_loaded(const struct module_image *image, unsigned i)
{
	const struct elf64_section *s = &image->sections[i];
	const char *name = module_section_name(image, i);
	u64 align = le64_to_cpu(s->addralign), flags = flags_of(image, i);
	u32 type = le32_to_cpu(s->type);

	if (type != ELF_SECTION_PROGBITS && type != ELF_SECTION_NOBITS)
		return module_refuse(image, "section %s has type %u", name,
				     type);
	if ((flags & ELF_FLAG_WRITE) && (flags & ELF_FLAG_EXECINSTR))
		return module_refuse(image,
				     "section %s is writable and executable",
				     name);
	if (align > PAGE_SIZE || (align & (align - 1)))
		return module_refuse(image, "section %s has alignment %llu",
				     name, (unsigned long long)align);
	if (le64_to_cpu(s->size) > MODULE_BYTES_MAX)
		return module_refuse(image, "section %s is too large", name);
	if (str_has_prefix(name, TABLE_PREFIX))
		return check_table(image, i, name + strlen(TABLE_PREFIX));
	if (!strcmp(name, ".extable"))
		return module_refuse(image, "modules cannot recover faults");
	return 0;
}

/* Place the sections of @part from @at on; where they end. */
static u64 place_part(struct module_image *image, enum module_part part, u64 at)
{
	for (unsigned i = 1; i < image->section_count; i++) {
		const struct elf64_section *s = &image->sections[i];
		u64 align = MAX(le64_to_cpu(s->addralign), 1ULL);

		if (!is_loaded(image, i) || part_of(image, i) != part)
			continue;
		at = ALIGN_UP(at, align);
		/* More than can be is refused afterwards. */
		image->place[i] = (u32)MIN(at, (u64)MODULE_BYTES_MAX);
		at += le64_to_cpu(s->size);
	}
	return at;
}

int module_image_lay_out(struct module_image *image)
{
	u64 at = 0;
	int ret;

	for (unsigned i = 0; i < image->section_count; i++) {
		image->place[i] = MODULE_NOT_LOADED;
		ret = i && is_loaded(image, i) ? check_loaded(image, i) : 0;
		if (ret)
			return ret;
	}
	for (unsigned part = 0; part < MODULE_PARTS; part++) {
		image->start[part] = (u32)MIN(at, (u64)MODULE_BYTES_MAX);
		at = ALIGN_UP(place_part(image, part, at), PAGE_SIZE);
	}
	if (!at || at > MODULE_BYTES_MAX)
		return module_refuse(image, "%llu bytes in memory",
				     (unsigned long long)at);
	image->start[MODULE_PARTS] = (u32)at;
	return 0;
}

unsigned module_find_section(const struct module_image *image, const char *name)
{
	for (unsigned i = 1; i < image->section_count; i++)
		if (image->place[i] != MODULE_NOT_LOADED &&
		    !strcmp(module_section_name(image, i), name))
			return i;
	return 0;
}
