/* SPDX-License-Identifier: BSD-2-Clause */
/* Accesses of x86 are in order already. */
#pragma once

#include <kernel/types.h>

static inline u8 arch_mmio_load8(const volatile u8 *p)
{
	return *p;
}

static inline void arch_mmio_store8(volatile u8 *p, u8 v)
{
	*p = v;
}

static inline u16 arch_mmio_load16(const volatile u16 *p)
{
	return *p;
}

static inline void arch_mmio_store16(volatile u16 *p, u16 v)
{
	*p = v;
}

static inline u32 arch_mmio_load32(const volatile u32 *p)
{
	return *p;
}

static inline void arch_mmio_store32(volatile u32 *p, u32 v)
{
	*p = v;
}

static inline u64 arch_mmio_load64(const volatile u64 *p)
{
	return *p;
}

static inline void arch_mmio_store64(volatile u64 *p, u64 v)
{
	*p = v;
}
