/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A module's file: an ELF-64 object that is checked completely before
 * anything is done with it, and then linked into memory.
 */
#pragma once

#include <abi/elf.h>
#include <kernel/types.h>

/* Policy: far above what a module of this kernel needs. */
#define MODULE_SECTIONS_MAX 128
#define MODULE_BYTES_MAX    (16U << 20)

/* Pages of different rights, in this order. */
enum module_part {
	MODULE_TEXT,   /* r-x */
	MODULE_RODATA, /* r-- */
	MODULE_DATA,   /* rw- */
	MODULE_PARTS,
};

#define MODULE_NOT_LOADED UINT32_MAX

struct module_image {
	const char *name; /* for messages */
	const u8 *bytes;  /* the file */
	size_t size;

	/* What follows is set by module_image_check(). */
	const struct elf64_section *sections;
	unsigned section_count;
	const char *section_names;
	size_t section_names_size;
	const struct elf64_symbol *symbols;
	u32 symbol_table; /* its section's index */
	u32 symbol_count;
	const char *strings;
	size_t strings_size;
	const char *info; /* .modinfo */
	size_t info_size;

	/* Where each section goes, in bytes from the beginning. */
	u32 place[MODULE_SECTIONS_MAX]; /* or MODULE_NOT_LOADED */
	u32 start[MODULE_PARTS + 1];	/* of each part; of all, the end */
};

/**
 * Check the file in @image, whose first members are set, and lay it out: all
 * that the others below rely on. 0, or -EBADMSG after a message. No memory is
 * allocated.
 */
int module_image_check(struct module_image *image);

/**
 * Check section @i, whose file range is sound: that its kind is one that can
 * be loaded, and sets image->place[@i]. 0 or -EBADMSG. Private to image*.c.
 */
int module_image_lay_out(struct module_image *image);

/** Check symbols and relocations. 0 or -EBADMSG. Private to image*.c. */
int module_image_check_links(struct module_image *image);

/** Say why the file is refused. -EBADMSG. */
int module_refuse(const struct module_image *image, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/** The name of section @i. */
const char *module_section_name(const struct module_image *image, unsigned i);

/** The index of loaded section @name, or 0. */
unsigned module_find_section(const struct module_image *image,
			     const char *name);

/**
 * The @n-th value of @key in the file's .modinfo, or NULL. It lies in the
 * file. Checked to end there.
 */
const char *module_info(const struct module_image *image, const char *key,
			unsigned n);

/** Finds what other parts of the kernel export; false: there is no @name. */
typedef bool (*module_resolve)(void *context, const char *name, u64 *value);

/**
 * Fill @memory, of image->start[MODULE_PARTS] bytes, with the module as it
 * has to be to run at @address. 0, or -EBADMSG after a message that names a
 * symbol that nobody exports, or a relocation that does not reach, or says
 * that the code has what arch_module_finish() cannot change.
 */
int module_link(const struct module_image *image, u8 *memory, u64 address,
		module_resolve resolve, void *context);
