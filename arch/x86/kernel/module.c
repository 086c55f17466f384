/* SPDX-License-Identifier: BSD-2-Clause */
/* Relocations of modules: x86-64 psABI, 4.4.1. */
#include <abi/elf.h>
#include <kernel/arch_module.h>
#include <kernel/errno.h>
#include <kernel/string.h>

u16 arch_module_machine(void)
{
	return ELF_MACHINE_X86_64;
}

unsigned arch_module_relocation_size(u32 type)
{
	switch (type) {
	case R_X86_64_64: return sizeof(u64);
	case R_X86_64_PC32:
	case R_X86_64_PLT32:
	case R_X86_64_32:
	case R_X86_64_32S: return sizeof(u32);
	default: return 0;
	}
}

static int store_unsigned(void *memory, u64 value)
{
	u32 low = (u32)value;

	if (low != value)
		return -ERANGE;
	memcpy(memory, &low, sizeof(low));
	return 0;
}

static int store_signed(void *memory, u64 value)
{
	s32 low = (s32)value;

	if ((u64)low != value)
		return -ERANGE;
	memcpy(memory, &low, sizeof(low));
	return 0;
}

int arch_module_relocate(u32 type, void *memory, u64 place, u64 value)
{
	switch (type) {
	case R_X86_64_64: memcpy(memory, &value, sizeof(value)); return 0;
	/* Without a PLT: the kernel and its modules are within 2 GiB. */
	case R_X86_64_PLT32:
	case R_X86_64_PC32: return store_signed(memory, value - place);
	case R_X86_64_32: return store_unsigned(memory, value);
	default: return store_signed(memory, value);
	}
}

int arch_module_finish(u8 *text __unused, size_t size __unused,
		       u64 address __unused)
{
	return 0;
}
