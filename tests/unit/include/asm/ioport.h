/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * <asm/ioport.h> for host tests: a test of code that uses ports defines these,
 * as the device behind them.
 */
#pragma once

#include <kernel/types.h>

u8 inb(u16 port);
u16 inw(u16 port);
u32 inl(u16 port);
void outb(u16 port, u8 v);
void outw(u16 port, u16 v);
void outl(u16 port, u32 v);
