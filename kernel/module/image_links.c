/* SPDX-License-Identifier: BSD-2-Clause */
/* Symbols and relocations of a module's file: checking and applying them. */
#include <kernel/arch_module.h>
#include <kernel/byteorder.h>
#include <kernel/string.h>
#include "image.h"

#define RELOCATION_NONE 0 /* on all architectures */

static const char *symbol_name(const struct module_image *image,
			       const struct elf64_symbol *symbol)
{
	return image->strings + le32_to_cpu(symbol->name);
}

static bool is_section(const struct module_image *image, u32 shndx)
{
	return shndx != ELF_SHN_UNDEF && shndx < image->section_count;
}

static int check_symbol(const struct module_image *image, u32 i)
{
	const struct elf64_symbol *symbol = &image->symbols[i];
	u32 shndx = le16_to_cpu(symbol->shndx);

	if (le32_to_cpu(symbol->name) >= image->strings_size)
		return module_refuse(image, "symbol %u has no name", i);
	if (shndx == ELF_SHN_UNDEF || shndx == ELF_SHN_ABS)
		return 0;
	if (!is_section(image, shndx))
		return module_refuse(image, "symbol %s is in no section",
				     symbol_name(image, symbol));
	if (le64_to_cpu(symbol->value) >
	    le64_to_cpu(image->sections[shndx].size))
		return module_refuse(image, "symbol %s is outside its section",
				     symbol_name(image, symbol));
	return 0;
}

/* A symbol that a relocation of something loaded refers to. */
static int check_reference(const struct module_image *image, u32 i)
{
	const struct elf64_symbol *symbol;
	u32 shndx;

	if (!i || i >= image->symbol_count)
		return module_refuse(image, "relocation to symbol %u of %u", i,
				     image->symbol_count);
	symbol = &image->symbols[i];
	shndx = le16_to_cpu(symbol->shndx);
	if (is_section(image, shndx) &&
	    image->place[shndx] == MODULE_NOT_LOADED)
		return module_refuse(image, "it refers to section %s",
				     module_section_name(image, shndx));
	if (shndx == ELF_SHN_UNDEF && !*symbol_name(image, symbol))
		return module_refuse(image, "symbol %u has no name", i);
	return 0;
}

static int check_relocation(const struct module_image *image,
			    const struct elf64_rela *rela, u64 target_size)
{
	u64 info = le64_to_cpu(rela->info), offset = le64_to_cpu(rela->offset);
	unsigned width = arch_module_relocation_size(ELF_RELA_TYPE(info));

	if (ELF_RELA_TYPE(info) == RELOCATION_NONE)
		return 0;
	if (!width)
		return module_refuse(image, "relocation type %u",
				     ELF_RELA_TYPE(info));
	if (width > target_size || offset > target_size - width)
		return module_refuse(image, "relocation outside its section");
	return check_reference(image, ELF_RELA_SYMBOL(info));
}

/* The relocations in section @i, if they are of a section that is loaded. */
static const struct elf64_rela *relocations(const struct module_image *image,
					    unsigned i, u64 *count,
					    unsigned *target)
{
	const struct elf64_section *s = &image->sections[i];

	*target = le32_to_cpu(s->info);
	if (le32_to_cpu(s->type) != ELF_SECTION_RELA ||
	    !is_section(image, *target) ||
	    image->place[*target] == MODULE_NOT_LOADED)
		return NULL;
	*count = le64_to_cpu(s->size) / sizeof(struct elf64_rela);
	return (const void *)(image->bytes + le64_to_cpu(s->offset));
}

static int check_relocations(const struct module_image *image, unsigned i)
{
	const struct elf64_section *s = &image->sections[i];
	const struct elf64_rela *rela;
	unsigned target;
	u64 count, size;
	int ret = 0;

	if (le32_to_cpu(s->type) == ELF_SECTION_REL &&
	    is_section(image, le32_to_cpu(s->info)) &&
	    image->place[le32_to_cpu(s->info)] != MODULE_NOT_LOADED)
		return module_refuse(image, "relocations without addends");
	rela = relocations(image, i, &count, &target);
	if (!rela)
		return 0;
	if (le64_to_cpu(s->entsize) != sizeof(*rela) ||
	    le64_to_cpu(s->size) % sizeof(*rela) ||
	    le32_to_cpu(s->link) != image->symbol_table ||
	    le32_to_cpu(image->sections[target].type) == ELF_SECTION_NOBITS)
		return module_refuse(image, "malformed relocations of %s",
				     module_section_name(image, target));
	size = le64_to_cpu(image->sections[target].size);
	for (u64 n = 0; n < count && !ret; n++)
		ret = check_relocation(image, &rela[n], size);
	return ret;
}

int module_image_check_links(struct module_image *image)
{
	int ret = 0;

	for (u32 i = 1; i < image->symbol_count && !ret; i++)
		ret = check_symbol(image, i);
	for (unsigned i = 1; i < image->section_count && !ret; i++)
		ret = check_relocations(image, i);
	return ret;
}

static void copy_sections(const struct module_image *image, u8 *memory)
{
	memset(memory, 0, image->start[MODULE_PARTS]);
	for (unsigned i = 1; i < image->section_count; i++) {
		const struct elf64_section *s = &image->sections[i];

		if (image->place[i] != MODULE_NOT_LOADED &&
		    le32_to_cpu(s->type) != ELF_SECTION_NOBITS)
			memcpy(memory + image->place[i],
			       image->bytes + le64_to_cpu(s->offset),
			       le64_to_cpu(s->size));
	}
}

struct linking {
	const struct module_image *image;
	u8 *memory;
	u64 address;
	module_resolve resolve;
	void *context;
};

static int symbol_value(const struct linking *l,
			const struct elf64_symbol *symbol, u64 *value)
{
	u32 shndx = le16_to_cpu(symbol->shndx);

	*value = le64_to_cpu(symbol->value);
	if (shndx == ELF_SHN_UNDEF) {
		const char *name = symbol_name(l->image, symbol);

		if (l->resolve(l->context, name, value))
			return 0;
		return module_refuse(l->image, "nothing exports %s", name);
	}
	if (shndx != ELF_SHN_ABS)
		*value += l->address + l->image->place[shndx];
	return 0;
}

static int relocate(const struct linking *l, const struct elf64_rela *rela,
		    unsigned target)
{
	u64 info = le64_to_cpu(rela->info), value;
	u64 at = l->image->place[target] + le64_to_cpu(rela->offset);
	const struct elf64_symbol *symbol =
		&l->image->symbols[ELF_RELA_SYMBOL(info)];
	int ret;

	if (ELF_RELA_TYPE(info) == RELOCATION_NONE)
		return 0;
	ret = symbol_value(l, symbol, &value);
	if (ret)
		return ret;
	value += le64_to_cpu(rela->addend);
	if (arch_module_relocate(ELF_RELA_TYPE(info), l->memory + at,
				 l->address + at, value))
		return module_refuse(l->image, "%s is out of reach",
				     symbol_name(l->image, symbol));
	return 0;
}

int module_link(const struct module_image *image, u8 *memory, u64 address,
		module_resolve resolve, void *context)
{
	const struct linking l = { image, memory, address, resolve, context };
	int ret = 0;

	copy_sections(image, memory);
	for (unsigned i = 1; i < image->section_count && !ret; i++) {
		const struct elf64_rela *rela;
		unsigned target;
		u64 count;

		rela = relocations(image, i, &count, &target);
		for (u64 n = 0; rela && n < count && !ret; n++)
			ret = relocate(&l, &rela[n], target);
	}
	if (!ret &&
	    arch_module_finish(memory, image->start[MODULE_RODATA], address))
		ret = module_refuse(image, "it has code that some CPUs get "
					   "wrong");
	return ret;
}
