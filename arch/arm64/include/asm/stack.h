/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

/* Bytes of the boot CPU's stack, and of the one for faults on a full stack. */
#define BOOT_STACK_SIZE	    0x8000
#define OVERFLOW_STACK_SIZE 0x2000
/* Of the stack on which another CPU starts and then idles. */
#define IDLE_STACK_SIZE 0x4000

#ifndef __ASSEMBLY__
# include <kernel/arch_stack.h>

/** This CPU, which starts, runs on the stack of IDLE_STACK_SIZE at @low. */
void stack_set_idle(uintptr_t low);

/** True if @addr is in a guard page under one of the stacks. */
bool stack_is_guard(uintptr_t addr);

/** Call @fn with the address of each stack's guard page. */
void stack_for_each_guard(void (*fn)(uintptr_t guard));
#endif
