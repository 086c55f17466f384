/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * By instructions with one register and no write-back: of others the CPU does
 * not tell the hypervisor what it has to emulate.
 */
#pragma once

#include <kernel/types.h>

static inline u8 arch_mmio_load8(const volatile u8 *p)
{
	u32 v;

	__asm__ __volatile__("ldrb %w0, [%1]; dmb oshld"
			     : "=r"(v)
			     : "r"(p)
			     : "memory");
	return (u8)v;
}

static inline void arch_mmio_store8(volatile u8 *p, u8 v)
{
	__asm__ __volatile__("dmb oshst; strb %w0, [%1]"
			     :
			     : "r"((u32)v), "r"(p)
			     : "memory");
}

static inline u16 arch_mmio_load16(const volatile u16 *p)
{
	u32 v;

	__asm__ __volatile__("ldrh %w0, [%1]; dmb oshld"
			     : "=r"(v)
			     : "r"(p)
			     : "memory");
	return (u16)v;
}

static inline void arch_mmio_store16(volatile u16 *p, u16 v)
{
	__asm__ __volatile__("dmb oshst; strh %w0, [%1]"
			     :
			     : "r"((u32)v), "r"(p)
			     : "memory");
}

static inline u32 arch_mmio_load32(const volatile u32 *p)
{
	u32 v;

	__asm__ __volatile__("ldr %w0, [%1]; dmb oshld"
			     : "=r"(v)
			     : "r"(p)
			     : "memory");
	return v;
}

static inline void arch_mmio_store32(volatile u32 *p, u32 v)
{
	__asm__ __volatile__("dmb oshst; str %w0, [%1]"
			     :
			     : "r"((u32)v), "r"(p)
			     : "memory");
}
