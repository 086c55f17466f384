/* SPDX-License-Identifier: BSD-2-Clause */
/* Segments, the TSS and the IDT: Intel SDM volume 3A, chapters 3, 6 and 7. */
#pragma once

#define KERNEL_CS 0x08
#define KERNEL_DS 0x10
#define TSS_SEL	  0x18

/* Interrupt stack table slots, 1-based as the IDT counts them. */
#define IST_DOUBLE_FAULT  1
#define IST_NMI		  2
#define IST_MACHINE_CHECK 3
#define IST_COUNT	  3

/* Bytes of the boot CPU's stack. */
#define BOOT_STACK_SIZE 0x8000
/* Of the stack on which another CPU starts and then idles. */
#define IDLE_STACK_SIZE 0x4000

#ifndef __ASSEMBLY__
# include <kernel/arch_stack.h>

/** Load the kernel's GDT, TSS and IDT on the boot CPU. */
void desc_init(void);

/** Stacks and tables of CPU @cpu, which is not started yet. 0 or -ENOMEM. */
int desc_create(unsigned cpu);

/** Load them on that CPU, which runs on @stack, of IDLE_STACK_SIZE. */
void desc_init_secondary(const void *stack);

/** True if @addr is in a guard page under one of the stacks. */
bool stack_is_guard(uintptr_t addr);

/** Call @fn with the address of each stack's guard page. */
void stack_for_each_guard(void (*fn)(uintptr_t guard));
#endif
