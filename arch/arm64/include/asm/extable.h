/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exception table: instructions that are allowed to fault, and where to go on
 * when they do. Both addresses are stored relative to themselves.
 */
#pragma once

/* In an asm statement: a fault at label @from continues at label @to. */
#define EXTABLE(from, to)         \
 ".pushsection .extable, \"a\"\n" \
 ".balign 4\n"                    \
 ".long " #from " - .\n"          \
 ".long " #to " - .\n"            \
 ".popsection\n"

#ifndef __ASSEMBLY__
# include <kernel/types.h>

/** Where to continue after a fault at @pc; 0: the fault is not expected. */
uintptr_t extable_fixup(uintptr_t pc);
#endif
