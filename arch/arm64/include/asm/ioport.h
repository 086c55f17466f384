/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * There are no I/O ports. What uses them where there are some does so behind
 * IS_ENABLED(CONFIG_HAS_IOPORT); a call that is left does not link.
 */
#pragma once

#include <kernel/types.h>

u8 inb(u16 port);
u16 inw(u16 port);
u32 inl(u16 port);
void outb(u16 port, u8 v);
void outw(u16 port, u16 v);
void outl(u16 port, u32 v);
