/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ELF-64 object files: System V ABI, chapter 4 "Object Files"; relocation
 * types from the x86-64 psABI, 4.4.1, and from ELF for the Arm 64-bit
 * Architecture (AAELF64), 5.7. Packed, since a file may lie anywhere in memory.
 */
#pragma once

#include <kernel/types.h>

#define ELF_MAGIC	   "\177ELF"
#define ELF_MAGIC_BYTES	   4
#define ELF_CLASS	   4 /* index in ident */
#define ELF_CLASS_64	   2
#define ELF_DATA	   5 /* index in ident */
#define ELF_DATA_LITTLE	   1
#define ELF_VERSION	   6 /* index in ident, and value of version */
#define ELF_VERSION_1	   1
#define ELF_IDENT_BYTES	   16
#define ELF_TYPE_REL	   1
#define ELF_MACHINE_X86_64 62
#define ELF_MACHINE_ARM64  183

struct elf64_header {
	u8 ident[ELF_IDENT_BYTES];
	le16 type;
	le16 machine;
	le32 version;
	le64 entry;
	le64 phoff;
	le64 shoff;
	le32 flags;
	le16 ehsize;
	le16 phentsize;
	le16 phnum;
	le16 shentsize;
	le16 shnum;
	le16 shstrndx;
} __attribute__((packed));
_Static_assert(sizeof(struct elf64_header) == 64, "Elf64_Ehdr");

#define ELF_SECTION_NULL     0
#define ELF_SECTION_PROGBITS 1
#define ELF_SECTION_SYMTAB   2
#define ELF_SECTION_STRTAB   3
#define ELF_SECTION_RELA     4
#define ELF_SECTION_NOBITS   8
#define ELF_SECTION_REL	     9

#define ELF_FLAG_WRITE	   0x1
#define ELF_FLAG_ALLOC	   0x2
#define ELF_FLAG_EXECINSTR 0x4

struct elf64_section {
	le32 name;
	le32 type;
	le64 flags;
	le64 addr;
	le64 offset;
	le64 size;
	le32 link;
	le32 info;
	le64 addralign;
	le64 entsize;
} __attribute__((packed));
_Static_assert(sizeof(struct elf64_section) == 64, "Elf64_Shdr");

#define ELF_SHN_UNDEF	  0
#define ELF_SHN_LORESERVE 0xff00
#define ELF_SHN_ABS	  0xfff1
#define ELF_SHN_COMMON	  0xfff2

#define ELF_SYMBOL_BIND(info) ((info) >> 4)
#define ELF_BIND_LOCAL	      0
#define ELF_BIND_GLOBAL	      1

struct elf64_symbol {
	le32 name;
	u8 info;
	u8 other;
	le16 shndx;
	le64 value;
	le64 size;
} __attribute__((packed));
_Static_assert(sizeof(struct elf64_symbol) == 24, "Elf64_Sym");

#define ELF_RELA_SYMBOL(info) ((u32)((info) >> 32))
#define ELF_RELA_TYPE(info)   ((u32)(info))

struct elf64_rela {
	le64 offset;
	le64 info;
	le64 addend; /* signed */
} __attribute__((packed));
_Static_assert(sizeof(struct elf64_rela) == 24, "Elf64_Rela");

#define R_X86_64_NONE  0
#define R_X86_64_64    1
#define R_X86_64_PC32  2
#define R_X86_64_PLT32 4
#define R_X86_64_32    10
#define R_X86_64_32S   11

#define R_AARCH64_ABS64		      257
#define R_AARCH64_ABS32		      258
#define R_AARCH64_PREL64	      260
#define R_AARCH64_PREL32	      261
#define R_AARCH64_LD_PREL_LO19	      273
#define R_AARCH64_ADR_PREL_LO21	      274
#define R_AARCH64_ADR_PREL_PG_HI21    275
#define R_AARCH64_ADD_ABS_LO12_NC     277
#define R_AARCH64_LDST8_ABS_LO12_NC   278
#define R_AARCH64_TSTBR14	      279
#define R_AARCH64_CONDBR19	      280
#define R_AARCH64_JUMP26	      282
#define R_AARCH64_CALL26	      283
#define R_AARCH64_LDST16_ABS_LO12_NC  284
#define R_AARCH64_LDST32_ABS_LO12_NC  285
#define R_AARCH64_LDST64_ABS_LO12_NC  286
#define R_AARCH64_LDST128_ABS_LO12_NC 299
