/* SPDX-License-Identifier: BSD-2-Clause */
/* The parts of a module's file: header, sections, strings, information. */
#define pr_fmt(fmt) "module: " fmt

#include <stdarg.h>
#include <kernel/arch_module.h>
#include <kernel/byteorder.h>
#include <kernel/errno.h>
#include <kernel/modinfo.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/vsprintf.h>
#include "image.h"

#define REASON_BYTES 128

int module_refuse(const struct module_image *image, const char *fmt, ...)
{
	char reason[REASON_BYTES];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(reason, sizeof(reason), fmt, ap);
	va_end(ap);
	pr_err("%s refused: %s", image->name, reason);
	return -EBADMSG;
}

/* True if [@offset, @offset + @size) is in the file. */
static bool in_file(const struct module_image *image, u64 offset, u64 size)
{
	return offset <= image->size && size <= image->size - offset;
}

static int check_header(const struct module_image *image)
{
	const struct elf64_header *h = (const void *)image->bytes;

	if (image->size < sizeof(*h) ||
	    memcmp(h->ident, ELF_MAGIC, ELF_MAGIC_BYTES))
		return module_refuse(image, "not an ELF file");
	if (h->ident[ELF_CLASS] != ELF_CLASS_64 ||
	    h->ident[ELF_DATA] != ELF_DATA_LITTLE ||
	    h->ident[ELF_VERSION] != ELF_VERSION_1 ||
	    le32_to_cpu(h->version) != ELF_VERSION_1)
		return module_refuse(image, "not little-endian ELF-64");
	if (le16_to_cpu(h->machine) != arch_module_machine())
		return module_refuse(image, "for machine %u, this is %u",
				     le16_to_cpu(h->machine),
				     arch_module_machine());
	if (le16_to_cpu(h->type) != ELF_TYPE_REL)
		return module_refuse(image, "ELF type %u is not relocatable",
				     le16_to_cpu(h->type));
	if (le16_to_cpu(h->ehsize) != sizeof(*h) || le16_to_cpu(h->phnum))
		return module_refuse(image, "its ELF header is malformed");
	return 0;
}

static int find_sections(struct module_image *image)
{
	const struct elf64_header *h = (const void *)image->bytes;
	unsigned count = le16_to_cpu(h->shnum);
	u64 offset = le64_to_cpu(h->shoff);

	if (!count || count > MODULE_SECTIONS_MAX)
		return module_refuse(image, "%u sections, at most %u are taken",
				     count, MODULE_SECTIONS_MAX);
	if (le16_to_cpu(h->shentsize) != sizeof(struct elf64_section) ||
	    offset < sizeof(*h) ||
	    !in_file(image, offset, count * sizeof(struct elf64_section)))
		return module_refuse(image, "truncated: no section table");
	image->sections = (const void *)(image->bytes + offset);
	image->section_count = count;
	return 0;
}

/* Of other sections the offset means nothing. */
static bool has_bytes(const struct elf64_section *s)
{
	return le32_to_cpu(s->type) != ELF_SECTION_NULL &&
	       le32_to_cpu(s->type) != ELF_SECTION_NOBITS;
}

/* Bytes of the file that @s takes. */
static u64 file_size(const struct elf64_section *s)
{
	return has_bytes(s) ? le64_to_cpu(s->size) : 0;
}

static bool overlap(u64 a, u64 a_size, u64 b, u64 b_size)
{
	return a_size && b_size && a < b + b_size && b < a + a_size;
}

/* True if section @i, which is in the file, shares bytes with another one. */
static bool overlaps(const struct module_image *image, unsigned i)
{
	const struct elf64_section *s = &image->sections[i];
	u64 at = le64_to_cpu(s->offset), size = file_size(s);
	u64 table = (u64)((const u8 *)image->sections - image->bytes);

	if (overlap(at, size, 0, sizeof(struct elf64_header)) ||
	    overlap(at, size, table, image->section_count * sizeof(*s)))
		return true;
	for (unsigned k = 0; k < i; k++) {
		const struct elf64_section *o = &image->sections[k];

		if (overlap(at, size, le64_to_cpu(o->offset), file_size(o)))
			return true;
	}
	return false;
}

static int check_ranges(const struct module_image *image)
{
	for (unsigned i = 0; i < image->section_count; i++) {
		const struct elf64_section *s = &image->sections[i];
		unsigned long long offset = le64_to_cpu(s->offset);

		if (has_bytes(s) && !in_file(image, offset, file_size(s)))
			return module_refuse(image,
					     "truncated: section %u is at %llu "
					     "of %zu bytes",
					     i, offset, image->size);
		if (overlaps(image, i))
			return module_refuse(image, "section %u overlaps", i);
	}
	return 0;
}

/* Section @i as a table of strings. 0 or -EBADMSG. */
static int take_strings(const struct module_image *image, unsigned i,
			const char **strings, size_t *size)
{
	const struct elf64_section *s;

	if (!i || i >= image->section_count)
		return module_refuse(image, "section %u is no string table", i);
	s = &image->sections[i];
	if (le32_to_cpu(s->type) != ELF_SECTION_STRTAB || !s->size)
		return module_refuse(image, "section %u is no string table", i);
	*strings = (const char *)image->bytes + le64_to_cpu(s->offset);
	*size = le64_to_cpu(s->size);
	if ((*strings)[*size - 1])
		return module_refuse(image, "section %u is no string table", i);
	return 0;
}

const char *module_section_name(const struct module_image *image, unsigned i)
{
	return image->section_names + le32_to_cpu(image->sections[i].name);
}

static int check_names(struct module_image *image)
{
	const struct elf64_header *h = (const void *)image->bytes;
	int ret =
		take_strings(image, le16_to_cpu(h->shstrndx),
			     &image->section_names, &image->section_names_size);

	for (unsigned i = 0; i < image->section_count && !ret; i++)
		if (le32_to_cpu(image->sections[i].name) >=
		    image->section_names_size)
			ret = module_refuse(image, "section %u has no name", i);
	return ret;
}

static int find_symbols(struct module_image *image)
{
	const struct elf64_section *s;
	u64 size;

	for (unsigned i = 1; i < image->section_count; i++) {
		if (le32_to_cpu(image->sections[i].type) != ELF_SECTION_SYMTAB)
			continue;
		if (image->symbol_table)
			return module_refuse(image, "two symbol tables");
		image->symbol_table = i;
	}
	if (!image->symbol_table)
		return module_refuse(image, "no symbol table");
	s = &image->sections[image->symbol_table];
	size = le64_to_cpu(s->size);
	if (le64_to_cpu(s->entsize) != sizeof(struct elf64_symbol) ||
	    size % sizeof(struct elf64_symbol))
		return module_refuse(image, "malformed symbol table");
	image->symbols = (const void *)(image->bytes + le64_to_cpu(s->offset));
	image->symbol_count = (u32)(size / sizeof(struct elf64_symbol));
	return take_strings(image, le32_to_cpu(s->link), &image->strings,
			    &image->strings_size);
}

static int find_info(struct module_image *image)
{
	for (unsigned i = 1; i < image->section_count; i++) {
		const struct elf64_section *s = &image->sections[i];

		if (strcmp(module_section_name(image, i), MODINFO_SECTION) ||
		    !has_bytes(s))
			continue;
		image->info =
			(const char *)image->bytes + le64_to_cpu(s->offset);
		image->info_size = file_size(s);
		if (image->info_size && !image->info[image->info_size - 1])
			return 0;
	}
	return module_refuse(image, "no section " MODINFO_SECTION);
}

const char *module_info(const struct module_image *image, const char *key,
			unsigned n)
{
	const char *end = image->info + image->info_size;
	size_t length = strlen(key);

	for (const char *s = image->info; s < end; s += strlen(s) + 1)
		if (str_has_prefix(s, key) && s[length] == '=' && !n--)
			return s + length + 1;
	return NULL;
}

int module_image_check(struct module_image *image)
{
	int ret = check_header(image);

	if (!ret)
		ret = find_sections(image);
	if (!ret)
		ret = check_ranges(image);
	if (!ret)
		ret = check_names(image);
	if (!ret)
		ret = find_symbols(image);
	if (!ret)
		ret = find_info(image);
	if (!ret)
		ret = module_image_lay_out(image);
	if (!ret)
		ret = module_image_check_links(image);
	return ret;
}
