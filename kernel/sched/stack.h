/* SPDX-License-Identifier: BSD-2-Clause */
/* Stacks of threads. */
#pragma once

#include <kernel/compiler.h>

/** Lowest address of one, or 0. Where vmalloc() may be called. */
uintptr_t stack_alloc(void);
/** Sleeps. */
void stack_free(uintptr_t address);
