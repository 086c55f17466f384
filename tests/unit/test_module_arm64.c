/* SPDX-License-Identifier: BSD-2-Clause */
/* Relocations of arm64's modules. Expected values are an assembler's. */
#include "unit.h"
#include <abi/elf.h>
#include <kernel/arch_module.h>
#include <kernel/errno.h>

#define MIB   0x100000ULL
#define PLACE 0xffffffff81002004ULL

/* What @type makes of all ones, or all zeros, and of one of the two only. */
static u32 code(u32 type, u32 before, u64 place, u64 value)
{
	u32 memory[3] = { 0x11111111, before, 0x22222222 };

	CHECK_EQ(arch_module_relocation_size(type), 4);
	CHECK_EQ(arch_module_relocate(type, &memory[1], place, value), 0);
	CHECK_EQ(memory[0], 0x11111111);
	CHECK_EQ(memory[2], 0x22222222);
	return memory[1];
}

static void refused(u32 type, u64 value)
{
	u32 memory = 0xd503201f;

	CHECK_EQ(arch_module_relocate(type, &memory, PLACE, value), -ERANGE);
	CHECK_EQ(memory, 0xd503201f);
}

static void reaches(u32 type, u64 below, u64 above, u64 step)
{
	u32 memory = 0;

	CHECK_EQ(arch_module_relocate(type, &memory, PLACE, PLACE - below), 0);
	CHECK_EQ(arch_module_relocate(type, &memory, PLACE, PLACE + above), 0);
	refused(type, PLACE - below - step);
	refused(type, PLACE + above + step);
}

TEST(branches_and_literals)
{
	/* bl . + 8; b . - 4; both had another offset before */
	CHECK_EQ(code(R_AARCH64_CALL26, 0x97ffffff, PLACE, PLACE + 8),
		 0x94000002);
	CHECK_EQ(code(R_AARCH64_JUMP26, 0x14000000, PLACE, PLACE - 4),
		 0x17ffffff);
	/* b.eq . + 16; cbz x1, . - 8; tbz x2, #3, . + 12; ldr x0, . + 8 */
	CHECK_EQ(code(R_AARCH64_CONDBR19, 0x54000000, PLACE, PLACE + 16),
		 0x54000080);
	CHECK_EQ(code(R_AARCH64_CONDBR19, 0xb4000001, PLACE, PLACE - 8),
		 0xb4ffffc1);
	CHECK_EQ(code(R_AARCH64_TSTBR14, 0x36180002, PLACE, PLACE + 12),
		 0x36180062);
	CHECK_EQ(code(R_AARCH64_LD_PREL_LO19, 0x58000000, PLACE, PLACE + 8),
		 0x58000040);
}

TEST(addresses_in_two_parts)
{
	/* adr x3, . + 5 and . - 1; adrp x0 of this page and others */
	CHECK_EQ(code(R_AARCH64_ADR_PREL_LO21, 0x10000003, PLACE, PLACE + 5),
		 0x30000023);
	CHECK_EQ(code(R_AARCH64_ADR_PREL_LO21, 0x10000003, PLACE, PLACE - 1),
		 0x70ffffe3);
	CHECK_EQ(code(R_AARCH64_ADR_PREL_PG_HI21, 0xf0ffffe0, PLACE,
		      PLACE + 0xff0),
		 0x90000000);
	CHECK_EQ(code(R_AARCH64_ADR_PREL_PG_HI21, 0x90000000, PLACE,
		      PLACE + 0xffc),
		 0xb0000000);
	CHECK_EQ(code(R_AARCH64_ADR_PREL_PG_HI21, 0x90000000, PLACE, PLACE - 5),
		 0xf0ffffe0);
	CHECK_EQ(code(R_AARCH64_ADD_ABS_LO12_NC, 0x91000021, PLACE,
		      0xffffffff80123456),
		 0x91115821);
}

TEST(offsets_count_in_what_is_accessed)
{
	/* ldrb, ldrh, ldr w, ldr x, ldr q: 0x450 */
	u64 value = 0xffffffff80123450;

	CHECK_EQ(code(R_AARCH64_LDST8_ABS_LO12_NC, 0x39400020, PLACE, value),
		 0x39514020);
	CHECK_EQ(code(R_AARCH64_LDST16_ABS_LO12_NC, 0x79400020, PLACE, value),
		 0x7948a020);
	CHECK_EQ(code(R_AARCH64_LDST32_ABS_LO12_NC, 0xb9400020, PLACE, value),
		 0xb9445020);
	CHECK_EQ(code(R_AARCH64_LDST64_ABS_LO12_NC, 0xf9400020, PLACE, value),
		 0xf9422820);
	CHECK_EQ(code(R_AARCH64_LDST128_ABS_LO12_NC, 0x3dc00020, PLACE, value),
		 0x3dc11420);
	refused(R_AARCH64_LDST16_ABS_LO12_NC, value + 1);
	refused(R_AARCH64_LDST32_ABS_LO12_NC, value + 2);
	refused(R_AARCH64_LDST64_ABS_LO12_NC, value + 4);
	refused(R_AARCH64_LDST128_ABS_LO12_NC, value + 8);
}

TEST(words_of_data)
{
	u64 word = 0;

	CHECK_EQ(arch_module_relocation_size(R_AARCH64_ABS64), 8);
	CHECK_EQ(arch_module_relocation_size(R_AARCH64_PREL64), 8);
	CHECK_EQ(arch_module_relocate(R_AARCH64_ABS64, &word, PLACE, ~5ULL), 0);
	CHECK_EQ(word, ~5ULL);
	CHECK_EQ(arch_module_relocate(R_AARCH64_PREL64, &word, PLACE, 4), 0);
	CHECK_EQ(word, 4 - PLACE);
	CHECK_EQ(code(R_AARCH64_PREL32, 7, PLACE, PLACE - 16), (u32)-16);
	CHECK_EQ(code(R_AARCH64_ABS32, 7, PLACE, UINT32_MAX), UINT32_MAX);
	CHECK_EQ(code(R_AARCH64_ABS32, 7, PLACE, PLACE), (u32)PLACE);
	refused(R_AARCH64_ABS32, UINT32_MAX + 1ULL);
	refused(R_AARCH64_ABS32, 0xffffffff7fffffff);
}

TEST(what_does_not_reach_is_refused)
{
	reaches(R_AARCH64_CALL26, 128 * MIB, 128 * MIB - 4, 4);
	reaches(R_AARCH64_JUMP26, 128 * MIB, 128 * MIB - 4, 4);
	reaches(R_AARCH64_CONDBR19, MIB, MIB - 4, 4);
	reaches(R_AARCH64_LD_PREL_LO19, MIB, MIB - 4, 4);
	reaches(R_AARCH64_TSTBR14, 0x8000, 0x7ffc, 4);
	reaches(R_AARCH64_ADR_PREL_LO21, MIB, MIB - 1, 1);
	reaches(R_AARCH64_ADR_PREL_PG_HI21, 4096 * MIB, 4096 * MIB - 4096,
		4096);
	reaches(R_AARCH64_PREL32, 2048 * MIB, 2048 * MIB - 1, 1);
	refused(R_AARCH64_CALL26, PLACE + 2);
}

TEST(other_types_are_not_known)
{
	u32 memory = 0;

	CHECK_EQ(arch_module_relocation_size(0), 0);
	CHECK_EQ(arch_module_relocation_size(311), 0);
	CHECK_EQ(arch_module_relocate(311, &memory, PLACE, PLACE), -EINVAL);
	CHECK_EQ(arch_module_machine(), ELF_MACHINE_ARM64);
}
