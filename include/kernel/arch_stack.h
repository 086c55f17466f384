/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the kernel's stacks are. */
#pragma once

#include <kernel/compiler.h>

/**
 * The stack that holds @addr: true and its bounds, or false. Any context.
 */
bool arch_stack_bounds(uintptr_t addr, uintptr_t *low, uintptr_t *high);
