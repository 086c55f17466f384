/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * By instructions with one register and no write-back: of others the CPU does
 * not tell the hypervisor what it has to emulate.
 */
#pragma once

#include <kernel/types.h>

#define __mmio_load(instruction, type, p)         \
 ({                                               \
u32 __v;                                               \
__asm__ __volatile__(instruction " %w0, %1; dmb oshld" \
   : "=r"(__v)                                    \
   : "Q"(*(p))                                    \
   : "memory");                                   \
(type) __v;                                            \
 })

#define __mmio_store(instruction, p, v)                    \
 __asm__ __volatile__("dmb oshst; " instruction " %w1, %0" \
		      : "=Q"(*(p))                         \
		      : "r"((u32)(v))                      \
		      : "memory")

#define arch_mmio_load8(p)	__mmio_load("ldrb", u8, p)
#define arch_mmio_load16(p)	__mmio_load("ldrh", u16, p)
#define arch_mmio_load32(p)	__mmio_load("ldr", u32, p)
#define arch_mmio_store8(p, v)	__mmio_store("strb", p, v)
#define arch_mmio_store16(p, v) __mmio_store("strh", p, v)
#define arch_mmio_store32(p, v) __mmio_store("str", p, v)

static inline u64 arch_mmio_load64(const volatile u64 *p)
{
	u64 v;

	__asm__ __volatile__("ldr %0, %1; dmb oshld"
			     : "=r"(v)
			     : "Q"(*p)
			     : "memory");
	return v;
}

static inline void arch_mmio_store64(volatile u64 *p, u64 v)
{
	__asm__ __volatile__("dmb oshst; str %1, %0"
			     : "=Q"(*p)
			     : "r"(v)
			     : "memory");
}
