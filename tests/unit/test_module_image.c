/* SPDX-License-Identifier: BSD-2-Clause */
/* Modules' files that are damaged, cut off, or made to do harm. */
#include "unit.h"
#include <stdarg.h>
#include <kernel/arch_module.h>
#include <kernel/errno.h>
#include <kernel/printk.h>
#include <kernel/vsprintf.h>
#include "../../kernel/module/image.h"
#include "fake_module.h"

/* Where it would run, and what is within reach of it. */
#define ADDRESS	     0xffffffffa0001000ULL
#define EXTERN	     0xffffffff80105678ULL
#define OUT_OF_REACH 0x7fffffff0000ULL

static struct fake_module fake;
static struct module_image image;
static char said[256];
static u64 extern_value;
static u8 *memory; /* of the last try() */
static u8 *file;

void printk(enum log_level level, unsigned flags, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(said, sizeof(said), fmt, ap);
	va_end(ap);
}

static bool resolve(void *context, const char *name, u64 *value)
{
	*value = extern_value;
	return extern_value && (!context || !strcmp(name, context));
}

static void begin(void)
{
	fake_module(&fake);
	extern_value = EXTERN;
	said[0] = '\0';
}

/* Check @size bytes of it, which lie at the end of an allocation. */
static int check_part(size_t size, u8 **copy)
{
	*copy = malloc(size ? size : 1);
	memcpy(*copy, &fake, size);
	image = (struct module_image){ .name = "fake",
				       .bytes = *copy,
				       .size = size };
	return module_image_check(&image);
}

/* Check and link all of it. */
static int try(void *wanted)
{
	int ret;

	free(file);
	free(memory);
	memory = NULL;
	ret = check_part(sizeof(fake), &file);
	if (!ret) {
		memory = malloc(image.start[MODULE_PARTS]);
		ret = module_link(&image, memory, ADDRESS, resolve, wanted);
	}
	return ret;
}

static void refused(const char *why)
{
	said[0] = '\0';
	CHECK_EQ(try(NULL), -EBADMSG);
	if (!CHECK(strstr(said, why)))
		printf("it said: %s\n", said);
	begin();
}

static u64 word(unsigned section, u64 offset, unsigned bytes)
{
	u64 value = 0;

	memcpy(&value, memory + image.place[section] + offset, bytes);
	return value;
}

TEST(good_file_is_laid_out_by_rights)
{
	begin();
	CHECK_EQ(try("extern"), 0);
	CHECK_EQ(image.place[FAKE_TEXT], 0);
	CHECK_EQ(image.start[MODULE_RODATA], 4096);
	CHECK_EQ(image.place[FAKE_RODATA], 4096);
	CHECK_EQ(image.place[FAKE_TABLE], 4096 + 16);
	CHECK_EQ(image.place[FAKE_DATA], 8192);
	CHECK_EQ(image.place[FAKE_BSS], 8192 + FAKE_DATA_BYTES);
	CHECK_EQ(image.start[MODULE_PARTS], 8192 + 8192);
	CHECK_EQ(image.place[FAKE_MODINFO], MODULE_NOT_LOADED);
	CHECK_EQ(module_find_section(&image, ".data"), FAKE_DATA);
	CHECK_EQ(module_find_section(&image, ".modinfo"), 0);
}

TEST(relocations_store_what_the_abi_says)
{
	begin();
	CHECK_EQ(try("extern"), 0);
	CHECK_EQ(word(FAKE_TEXT, 0, 4), (u32)(EXTERN - 4 - ADDRESS));
	CHECK_EQ(word(FAKE_TEXT, 8, 4), 4096 + 4 + 2 - 8);
	CHECK_EQ(word(FAKE_TEXT, 16, 4), (u32)(ADDRESS + 8192 + 16));
	CHECK_EQ(word(FAKE_TEXT, 24, 4), 0x1235);
	CHECK_EQ(word(FAKE_TABLE, 0, 8), ADDRESS + 8192 + 16);
	/* Nothing beside them. */
	CHECK_EQ(word(FAKE_TEXT, 4, 4), 0xcccccccc);
	CHECK_EQ(word(FAKE_TEXT, 60, 4), 0xcccccccc);
	CHECK_EQ(word(FAKE_BSS, FAKE_BSS_BYTES - 8, 8), 0);
}

TEST(relocation_that_does_not_reach_is_refused)
{
	begin();
	extern_value = OUT_OF_REACH;
	CHECK_EQ(try(NULL), -EBADMSG);
	CHECK(strstr(said, "extern is out of reach"));
	begin();
	fake.rela_text[2].info = (u64)FAKE_GLOBAL << 32 | R_X86_64_32;
	refused("global is out of reach");
	fake.symbols[FAKE_ABS].value = 0xffffffff;
	refused("is out of reach");
}

TEST(undefined_symbol_is_named)
{
	begin();
	CHECK_EQ(try("another"), -EBADMSG);
	CHECK(strstr(said, "fake refused: nothing exports extern"));
}

TEST(information_is_found_by_key_and_number)
{
	u8 *copy;

	begin();
	CHECK_EQ(check_part(sizeof(fake), &copy), 0);
	CHECK_STR(module_info(&image, "name", 0), "fake");
	CHECK_STR(module_info(&image, "depends", 0), "one two");
	CHECK_STR(module_info(&image, "depends", 1), "three");
	CHECK(!module_info(&image, "depends", 2));
	CHECK(!module_info(&image, "depend", 0));
	CHECK(!module_info(&image, "one", 0));
	free(copy);
}

TEST(header_that_is_not_ours_is_refused)
{
	begin();
	fake.header.ident[0] = 'x';
	refused("not an ELF file");
	fake.header.ident[ELF_CLASS] = 1;
	refused("not little-endian ELF-64");
	fake.header.ident[ELF_DATA] = 2;
	refused("not little-endian ELF-64");
	fake.header.machine = ELF_MACHINE_ARM64;
	refused("for machine 183, this is 62");
	fake.header.type = 2;
	refused("ELF type 2 is not relocatable");
	fake.header.shnum = 0;
	refused("0 sections");
	fake.header.shnum = 0xffff;
	refused("65535 sections");
	fake.header.shentsize = 63;
	refused("no section table");
	fake.header.shoff = UINT64_MAX - 10;
	refused("no section table");
	fake.header.shoff = 8;
	refused("no section table");
	fake.header.shstrndx = FAKE_TEXT;
	refused("no string table");
	fake.header.shstrndx = 200;
	refused("no string table");
}

TEST(sections_that_lie_are_refused)
{
	begin();
	fake.sections[FAKE_TEXT].size = UINT64_MAX;
	refused("truncated");
	fake.sections[FAKE_TEXT].offset = UINT64_MAX;
	refused("truncated");
	fake.sections[FAKE_TEXT].offset = BIT64(63);
	fake.sections[FAKE_TEXT].size = 0;
	refused("truncated");
	fake.sections[FAKE_SHSTRTAB].offset = BIT64(63);
	fake.sections[FAKE_SHSTRTAB].type = ELF_SECTION_NOBITS;
	refused("no string table");
	fake.sections[FAKE_MODINFO].offset = BIT64(63);
	fake.sections[FAKE_MODINFO].type = ELF_SECTION_NOBITS;
	refused("no section .modinfo");
	fake.sections[FAKE_DATA].offset = fake.sections[FAKE_TEXT].offset + 1;
	refused("overlaps");
	fake.sections[FAKE_DATA].offset = 0;
	refused("overlaps");
	fake.sections[FAKE_DATA].offset = fake.header.shoff;
	refused("overlaps");
	fake.sections[FAKE_TEXT].name = 128;
	refused("has no name");
	fake.sections[FAKE_TEXT].flags |= ELF_FLAG_WRITE;
	refused("writable and executable");
	fake.sections[FAKE_TEXT].addralign = 24;
	refused("alignment 24");
	fake.sections[FAKE_TEXT].addralign = 8192;
	refused("alignment 8192");
	fake.sections[FAKE_TEXT].type = 7;
	refused("has type 7");
	fake.sections[FAKE_BSS].size = MODULE_BYTES_MAX + 1;
	refused("too large");
	fake.sections[FAKE_BSS].size = MODULE_BYTES_MAX;
	refused("bytes in memory");
	fake.names[sizeof(fake.names) - 1] = 'x';
	refused("no string table");
}

TEST(tables_that_modules_cannot_add_to_are_refused)
{
	char *name;

	begin();
	name = fake.names + fake.sections[FAKE_TABLE].name;
	memcpy(name, ".table.initia", 13);
	refused("cannot add to table initia");
	fake.sections[FAKE_TABLE].size = 7;
	refused("malformed table module");
	fake.sections[FAKE_RODATA].name = fake.sections[FAKE_TABLE].name;
	refused("module");
	memcpy(name, ".extable\0", 9);
	refused("recover faults");
}

TEST(symbols_that_lie_are_refused)
{
	begin();
	fake.symbols[FAKE_LOCAL].name = sizeof(fake.strings);
	refused("has no name");
	fake.symbols[FAKE_LOCAL].shndx = ELF_SHN_COMMON;
	refused("is in no section");
	fake.symbols[FAKE_LOCAL].shndx = FAKE_SECTIONS;
	refused("is in no section");
	fake.symbols[FAKE_LOCAL].value = 17;
	refused("outside its section");
	fake.symbols[FAKE_LOCAL].shndx = FAKE_MODINFO;
	refused("refers to section .modinfo");
	fake.symbols[FAKE_EXTERN].name = 0;
	refused("has no name");
	fake.sections[FAKE_SYMTAB].entsize = 23;
	refused("malformed symbol table");
	fake.sections[FAKE_SYMTAB].size = 23;
	refused("malformed symbol table");
	fake.sections[FAKE_SYMTAB].type = ELF_SECTION_PROGBITS;
	refused("no symbol table");
	fake.sections[FAKE_SYMTAB].link = FAKE_MODINFO;
	refused("no string table");
	fake.sections[FAKE_STRTAB].type = ELF_SECTION_SYMTAB;
	refused("two symbol tables");
}

TEST(relocations_that_lie_are_refused)
{
	begin();
	fake.rela_text[0].offset = FAKE_TEXT_BYTES - 3;
	refused("outside its section");
	fake.rela_text[0].offset = UINT64_MAX;
	refused("outside its section");
	fake.rela_text[0].info = (u64)FAKE_EXTERN << 32 | 9;
	refused("relocation type 9");
	fake.rela_text[0].info = 99ULL << 32 | R_X86_64_PC32;
	refused("symbol 99 of 5");
	fake.rela_text[0].info = R_X86_64_PC32;
	refused("symbol 0 of 5");
	fake.sections[FAKE_RELA_TEXT].info = FAKE_BSS;
	refused("malformed relocations of .bss");
	fake.sections[FAKE_RELA_TEXT].entsize = 8;
	refused("malformed relocations");
	fake.sections[FAKE_RELA_TEXT].size -= 1;
	refused("malformed relocations");
	fake.sections[FAKE_RELA_TEXT].link = FAKE_STRTAB;
	refused("malformed relocations");
	fake.sections[FAKE_RELA_TEXT].type = ELF_SECTION_REL;
	refused("without addends");
}

TEST(information_without_end_is_refused)
{
	begin();
	fake.modinfo[sizeof(fake.modinfo) - 1] = 'x';
	refused("no section .modinfo");
	fake.sections[FAKE_MODINFO].type = ELF_SECTION_NOBITS;
	refused("no section .modinfo");
}

TEST(file_cut_off_anywhere_is_refused)
{
	begin();
	for (size_t size = 0; size < sizeof(fake); size++) {
		u8 *copy;

		CHECK_EQ(check_part(size, &copy), -EBADMSG);
		free(copy);
	}
}

/* Whatever is made of it stays in the file and in the memory. */
TEST(no_damaged_byte_does_harm)
{
	static const u8 changes[] = { 0x01, 0x80, 0xff, 0x10, 0x04 };
	unsigned accepted = 0, tried = 0;

	for (size_t at = 0; at < sizeof(fake); at++) {
		for (unsigned i = 0; i < ARRAY_SIZE(changes); i++) {
			begin();
			((u8 *)&fake)[at] ^= changes[i];
			accepted += try(NULL) == 0;
			tried++;
		}
	}
	CHECK(accepted > 0 && accepted < tried);
}
