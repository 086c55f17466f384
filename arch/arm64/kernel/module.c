/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Relocations of modules: AAELF64, 5.7. The kernel and all modules are within
 * 128 MiB, which is how far branches reach: see <asm/layout.h>.
 */
#include <abi/elf.h>
#include <kernel/arch_module.h>
#include <kernel/errno.h>
#include <kernel/string.h>

#define PAGE_BITS 12
#define PAGE_MASK (BIT64(PAGE_BITS) - 1)

enum form {
	ABSOLUTE, /* a word of data: the value */
	RELATIVE, /* a word of data: its distance */
	CODE,	  /* its distance in instructions or, with scale 0, bytes */
	ADR,	  /* its distance in bytes */
	ADRP,	  /* its distance in pages */
	LOW,	  /* its place in its page, in units of the access */
};

/* What there is in code of the small model. */
static const struct relocation {
	u16 type;
	u8 form;  /* enum form */
	u8 bits;  /* of the field */
	u8 at;	  /* its lowest bit in the instruction */
	u8 scale; /* value bits below the field, which are 0 */
} relocations[] = {
	{ R_AARCH64_ABS64, ABSOLUTE, 64, 0, 0 },
	{ R_AARCH64_ABS32, ABSOLUTE, 32, 0, 0 },
	{ R_AARCH64_PREL64, RELATIVE, 64, 0, 0 },
	{ R_AARCH64_PREL32, RELATIVE, 32, 0, 0 },
	{ R_AARCH64_LD_PREL_LO19, CODE, 19, 5, 2 },
	{ R_AARCH64_TSTBR14, CODE, 14, 5, 2 },
	{ R_AARCH64_CONDBR19, CODE, 19, 5, 2 },
	{ R_AARCH64_JUMP26, CODE, 26, 0, 2 },
	{ R_AARCH64_CALL26, CODE, 26, 0, 2 },
	{ R_AARCH64_ADR_PREL_LO21, ADR, 21, 0, 0 },
	{ R_AARCH64_ADR_PREL_PG_HI21, ADRP, 21, 0, 0 },
	{ R_AARCH64_ADD_ABS_LO12_NC, LOW, 12, 10, 0 },
	{ R_AARCH64_LDST8_ABS_LO12_NC, LOW, 12, 10, 0 },
	{ R_AARCH64_LDST16_ABS_LO12_NC, LOW, 11, 10, 1 },
	{ R_AARCH64_LDST32_ABS_LO12_NC, LOW, 10, 10, 2 },
	{ R_AARCH64_LDST64_ABS_LO12_NC, LOW, 9, 10, 3 },
	{ R_AARCH64_LDST128_ABS_LO12_NC, LOW, 8, 10, 4 },
};

static const struct relocation *find(u32 type)
{
	for (unsigned i = 0; i < ARRAY_SIZE(relocations); i++)
		if (relocations[i].type == type)
			return &relocations[i];
	return NULL;
}

u16 arch_module_machine(void)
{
	return ELF_MACHINE_ARM64;
}

unsigned arch_module_relocation_size(u32 type)
{
	const struct relocation *r = find(type);

	if (!r)
		return 0;
	return r->bits == 64 ? sizeof(u64) : sizeof(u32);
}

/* A number of @bits bits with a sign. */
static bool fits(s64 value, unsigned bits)
{
	s64 limit = (s64)1 << (bits - 1);

	return value >= -limit && value < limit;
}

static int store_word(const struct relocation *r, void *memory, s64 value)
{
	if (r->bits == 64) {
		memcpy(memory, &value, sizeof(value));
		return 0;
	}
	/* An address may also be one without a sign. */
	if (!fits(value, 32) &&
	    (r->form == RELATIVE || (u64)value > UINT32_MAX))
		return -ERANGE;
	memcpy(memory, &value, sizeof(u32));
	return 0;
}

/* The lowest @bits bits of @value, from bit @at of the instruction on. */
static void store_field(void *memory, u64 value, unsigned bits, unsigned at)
{
	u32 mask = (u32)(BIT64(bits) - 1) << at, instruction;

	memcpy(&instruction, memory, sizeof(instruction));
	instruction = (instruction & ~mask) | ((u32)(value << at) & mask);
	memcpy(memory, &instruction, sizeof(instruction));
}

static int store_code(const struct relocation *r, void *memory, s64 value)
{
	if (!fits(value, r->bits + r->scale) ||
	    (u64)value & (BIT64(r->scale) - 1))
		return -ERANGE;
	store_field(memory, (u64)value >> r->scale, r->bits, r->at);
	return 0;
}

/* Their field is in two parts: bits 0 and 1, and the others. */
static int store_adr(const struct relocation *r, void *memory, s64 value)
{
	if (!fits(value, r->bits))
		return -ERANGE;
	store_field(memory, (u64)value, 2, 29);
	store_field(memory, (u64)value >> 2, r->bits - 2U, 5);
	return 0;
}

static int store_low(const struct relocation *r, void *memory, u64 value)
{
	u64 low = value & PAGE_MASK;

	if (low & (BIT64(r->scale) - 1))
		return -ERANGE;
	store_field(memory, low >> r->scale, r->bits, r->at);
	return 0;
}

int arch_module_relocate(u32 type, void *memory, u64 place, u64 value)
{
	const struct relocation *r = find(type);
	s64 distance = (s64)(value - place);
	s64 pages = (s64)(value - (place & ~PAGE_MASK)) >> PAGE_BITS;

	if (!r)
		return -EINVAL;
	switch (r->form) {
	case ABSOLUTE: return store_word(r, memory, (s64)value);
	case RELATIVE: return store_word(r, memory, distance);
	case CODE: return store_code(r, memory, distance);
	case ADR: return store_adr(r, memory, distance);
	case ADRP: return store_adr(r, memory, pages);
	default: return store_low(r, memory, value);
	}
}
