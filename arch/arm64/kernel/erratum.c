/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Cortex-A53 erratum 843419 (Arm, SDEN 859338): ADRP in one of the last two
 * instructions of a page may give a wrong address if a load or store follows,
 * and then, at once or after one other instruction, a load or store that takes
 * its address from the ADRP's register and an offset. The linker keeps the
 * image free of it; modules are looked through when they are loaded. Whatever
 * the CPU is: a guest may be moved to another.
 */
#include <kernel/arch_module.h>
#include <kernel/errno.h>
#include <kernel/string.h>

#define PAGE_BYTES 4096U
#define FIRST_BAD  0xff8U /* in a page */
#define WORD	   4U

/* Arm ARM, C4.1. */
#define ADRP_MASK     0x9f000000U
#define ADRP	      0x90000000U
#define ADR	      0x10000000U
#define ACCESS_MASK   0x0a000000U
#define ACCESS	      0x08000000U
#define OFFSET_MASK   0x3b000000U /* with an unsigned offset */
#define OFFSET_ACCESS 0x39000000U

#define TARGET(insn) ((insn)&0x1f)
#define BASE(insn)   ((insn) >> 5 & 0x1f)

static u32 instruction(const u8 *text, size_t size, size_t at)
{
	u32 insn = 0;

	if (at + WORD <= size)
		memcpy(&insn, text + at, WORD);
	return insn;
}

static bool uses(u32 insn, u32 reg)
{
	return (insn & OFFSET_MASK) == OFFSET_ACCESS && BASE(insn) == reg;
}

static bool is_affected(const u8 *text, size_t size, size_t at)
{
	u32 adrp = instruction(text, size, at);

	return (adrp & ADRP_MASK) == ADRP &&
	       (instruction(text, size, at + WORD) & ACCESS_MASK) == ACCESS &&
	       (uses(instruction(text, size, at + 2 * WORD), TARGET(adrp)) ||
		uses(instruction(text, size, at + 3 * WORD), TARGET(adrp)));
}

/* The field's pages, with its sign. */
static s32 pages_of(u32 adrp)
{
	u32 field = (adrp >> 5 & 0x7ffff) << 2 | (adrp >> 29 & 3);

	return (s32)(field << 11) >> 11;
}

/* The same by ADR, which reaches 1 MiB. */
static int replace(u8 *text, size_t at, u64 address)
{
	u32 insn = instruction(text, at + WORD, at), field;
	s64 distance = (s64)pages_of(insn) * PAGE_BYTES -
		       (s64)((address + at) % PAGE_BYTES);

	if (distance < -0x100000 || distance >= 0x100000)
		return -ERANGE;
	field = (u32)distance;
	insn = ADR | (field & 3) << 29 | (field >> 2 & 0x7ffff) << 5 |
	       TARGET(insn);
	memcpy(text + at, &insn, WORD);
	return 0;
}

int arch_module_finish(u8 *text, size_t size, u64 address)
{
	int ret = 0;

	for (size_t page = 0; page < size && !ret; page += PAGE_BYTES)
		for (size_t at = page + FIRST_BAD;
		     at < page + PAGE_BYTES && !ret; at += WORD)
			if (is_affected(text, size, at))
				ret = replace(text, at, address);
	return ret;
}
