/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Device registers: mmio_read/write on ioremap()ed memory, and x86's I/O
 * ports (CONFIG_HAS_IOPORT) through <asm/ioport.h>: inb outb inw outw inl
 * outl.
 *
 * Each access is one instruction that a hypervisor can emulate. Only some
 * registers can be accessed by 64 bits. A write comes
 * after all earlier writes to memory, and a read before all later accesses: a
 * device that was told to look finds what was written for it.
 */
#pragma once

#include <kernel/mm/map.h>
#include <asm/ioport.h>
#include <asm/mmio.h>

static inline u8 mmio_read8(const void __iomem *p)
{
	return arch_mmio_load8((const volatile __force u8 *)p);
}

static inline u16 mmio_read16(const void __iomem *p)
{
	return arch_mmio_load16((const volatile __force u16 *)p);
}

static inline u32 mmio_read32(const void __iomem *p)
{
	return arch_mmio_load32((const volatile __force u32 *)p);
}

static inline void mmio_write8(void __iomem *p, u8 v)
{
	arch_mmio_store8((volatile __force u8 *)p, v);
}

static inline void mmio_write16(void __iomem *p, u16 v)
{
	arch_mmio_store16((volatile __force u16 *)p, v);
}

static inline void mmio_write32(void __iomem *p, u32 v)
{
	arch_mmio_store32((volatile __force u32 *)p, v);
}

static inline u64 mmio_read64(const void __iomem *p)
{
	return arch_mmio_load64((const volatile __force u64 *)p);
}

static inline void mmio_write64(void __iomem *p, u64 v)
{
	arch_mmio_store64((volatile __force u64 *)p, v);
}
