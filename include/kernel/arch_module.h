/* SPDX-License-Identifier: BSD-2-Clause */
/* What an architecture knows about object files of its own. */
#pragma once

#include <kernel/types.h>

/** The machine number of objects that run here: ELF_MACHINE_... */
u16 arch_module_machine(void);

/** Bytes that a relocation of @type changes, or 0: such are not known. */
unsigned arch_module_relocation_size(u32 type);

/**
 * Store at @memory, of arch_module_relocation_size() bytes at any address,
 * what a relocation of @type makes of @value (symbol plus addend) for code
 * that runs at @place. 0, or -ERANGE when it does not fit.
 */
int arch_module_relocate(u32 type, void *memory, u64 place, u64 value);

/**
 * All of the code is linked, @size bytes at @text, to run at @address, which
 * is a page's: change what CPUs get wrong. 0, or -ERANGE: it cannot be.
 */
int arch_module_finish(u8 *text, size_t size, u64 address);
