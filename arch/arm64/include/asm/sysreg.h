/* SPDX-License-Identifier: BSD-2-Clause */
/* System registers: Arm ARM (DDI 0487), D19.2. */
#pragma once

#include <kernel/compiler.h>

#define sysreg_read(name)                                                   \
 ({                                                                         \
u64 __value;                                                                     \
__asm__ __volatile__("mrs %0, " __stringify(name) : "=r"(__value) : : "memory"); \
__value;                                                                         \
 })

#define sysreg_write(name, v)                         \
 __asm__ __volatile__("msr " __stringify(name) ", %0" \
		      :                               \
		      : "r"((u64)(v))                 \
		      : "memory")

static inline void isb(void)
{
	__asm__ __volatile__("isb" ::: "memory");
}

/** All accesses before it are complete, for devices and table walks too. */
static inline void dsb(void)
{
	__asm__ __volatile__("dsb sy" ::: "memory");
}
