/* SPDX-License-Identifier: BSD-2-Clause */
/* A module's file, made by hand: small, and with one of each thing. */
#pragma once

#include <abi/elf.h>
#include <kernel/string.h>

enum fake_section {
	FAKE_NULL,
	FAKE_TEXT,
	FAKE_RODATA,
	FAKE_DATA,
	FAKE_BSS,
	FAKE_TABLE,
	FAKE_RELA_TEXT,
	FAKE_RELA_TABLE,
	FAKE_MODINFO,
	FAKE_SYMTAB,
	FAKE_STRTAB,
	FAKE_SHSTRTAB,
	FAKE_SECTIONS,
};

/* Numbers of symbols. */
enum fake_symbol {
	FAKE_NONE,
	FAKE_LOCAL,
	FAKE_GLOBAL,
	FAKE_EXTERN,
	FAKE_ABS
};

#define FAKE_TEXT_BYTES 64
#define FAKE_DATA_BYTES 72
#define FAKE_BSS_BYTES	5000

struct fake_module {
	struct elf64_header header;
	u8 text[FAKE_TEXT_BYTES];
	u8 rodata[16];
	u8 data[FAKE_DATA_BYTES];
	u8 table[8];
	struct elf64_rela rela_text[5];
	struct elf64_rela rela_table[1];
	char modinfo[48];
	struct elf64_symbol symbols[5];
	char strings[32];
	char names[128];
	struct elf64_section sections[FAKE_SECTIONS];
} __attribute__((packed));

static inline void fake_section(struct fake_module *f, unsigned i,
				const char *name, u32 type, u64 flags,
				const void *content, u64 size)
{
	struct elf64_section *s = &f->sections[i];
	size_t at = 1;

	while (f->names[at])
		at += strlen(f->names + at) + 1;
	memcpy(f->names + at, name, strlen(name));
	s->name = (u32)at;
	s->type = type;
	s->flags = flags;
	s->offset =
		content ? (u64)((const char *)content - (char *)f) : sizeof(*f);
	s->size = size;
	s->addralign = 8;
}

static inline void fake_rela(struct elf64_rela *r, u64 offset, u32 symbol,
			     u32 type, s64 addend)
{
	r->offset = offset;
	r->info = (u64)symbol << 32 | type;
	r->addend = (u64)addend;
}

static inline void fake_header(struct elf64_header *h)
{
	memcpy(h->ident, "\177ELF\2\1\1", 7);
	h->type = ELF_TYPE_REL;
	h->machine = ELF_MACHINE_X86_64;
	h->version = 1;
	h->shoff = offsetof(struct fake_module, sections);
	h->ehsize = sizeof(*h);
	h->shentsize = sizeof(struct elf64_section);
	h->shnum = FAKE_SECTIONS;
	h->shstrndx = FAKE_SHSTRTAB;
}

static inline void fake_sections(struct fake_module *f)
{
	const u64 a = ELF_FLAG_ALLOC, w = a | ELF_FLAG_WRITE;

	fake_section(f, FAKE_TEXT, ".text", ELF_SECTION_PROGBITS,
		     a | ELF_FLAG_EXECINSTR, f->text, sizeof(f->text));
	fake_section(f, FAKE_RODATA, ".rodata", ELF_SECTION_PROGBITS, a,
		     f->rodata, sizeof(f->rodata));
	fake_section(f, FAKE_DATA, ".data", ELF_SECTION_PROGBITS, w, f->data,
		     sizeof(f->data));
	fake_section(f, FAKE_BSS, ".bss", ELF_SECTION_NOBITS, w, NULL,
		     FAKE_BSS_BYTES);
	fake_section(f, FAKE_TABLE, ".table.module", ELF_SECTION_PROGBITS, a,
		     f->table, sizeof(f->table));
	fake_section(f, FAKE_RELA_TEXT, ".rela.text", ELF_SECTION_RELA, 0,
		     f->rela_text, sizeof(f->rela_text));
	fake_section(f, FAKE_RELA_TABLE, ".rela.table", ELF_SECTION_RELA, 0,
		     f->rela_table, sizeof(f->rela_table));
	fake_section(f, FAKE_MODINFO, ".modinfo", ELF_SECTION_PROGBITS, a,
		     f->modinfo, sizeof(f->modinfo));
	fake_section(f, FAKE_SYMTAB, ".symtab", ELF_SECTION_SYMTAB, 0,
		     f->symbols, sizeof(f->symbols));
	fake_section(f, FAKE_STRTAB, ".strtab", ELF_SECTION_STRTAB, 0,
		     f->strings, sizeof(f->strings));
	fake_section(f, FAKE_SHSTRTAB, ".shstrtab", ELF_SECTION_STRTAB, 0,
		     f->names, sizeof(f->names));
	f->sections[FAKE_SYMTAB].link = FAKE_STRTAB;
	f->sections[FAKE_SYMTAB].entsize = sizeof(struct elf64_symbol);
	for (unsigned i = FAKE_RELA_TEXT; i <= FAKE_RELA_TABLE; i++) {
		f->sections[i].link = FAKE_SYMTAB;
		f->sections[i].entsize = sizeof(struct elf64_rela);
	}
	f->sections[FAKE_RELA_TEXT].info = FAKE_TEXT;
	f->sections[FAKE_RELA_TABLE].info = FAKE_TABLE;
}

static inline void fake_module(struct fake_module *f)
{
	static const struct elf64_symbol symbols[] = {
		[FAKE_LOCAL] = { .name = 1, .shndx = FAKE_RODATA, .value = 4 },
		[FAKE_GLOBAL] = { .name = 7,
				  .info = ELF_BIND_GLOBAL << 4,
				  .shndx = FAKE_DATA,
				  .value = 16 },
		[FAKE_EXTERN] = { .name = 14, .info = ELF_BIND_GLOBAL << 4 },
		[FAKE_ABS] = { .name = 1,
			       .shndx = ELF_SHN_ABS,
			       .value = 0x1234 },
	};

	memset(f, 0, sizeof(*f));
	fake_header(&f->header);
	fake_sections(f);
	memset(f->text, 0xcc, sizeof(f->text));
	memcpy(f->strings, "\0local\0global\0extern", 21);
	memcpy(f->modinfo, "name=fake\0depends=one two\0depends=three", 40);
	memcpy(f->symbols, symbols, sizeof(symbols));
	fake_rela(&f->rela_text[0], 0, FAKE_EXTERN, R_X86_64_PLT32, -4);
	fake_rela(&f->rela_text[1], 8, FAKE_LOCAL, R_X86_64_PC32, 2);
	fake_rela(&f->rela_text[2], 16, FAKE_GLOBAL, R_X86_64_32S, 0);
	fake_rela(&f->rela_text[3], 24, FAKE_ABS, R_X86_64_32, 1);
	fake_rela(&f->rela_text[4], 60, FAKE_NONE, 0, 0);
	fake_rela(&f->rela_table[0], 0, FAKE_GLOBAL, R_X86_64_64, 0);
}
