/* SPDX-License-Identifier: BSD-2-Clause */
/* For tests in which nothing is behind I/O ports. */
#include <stdlib.h>
#include <asm/ioport.h>

u8 inb(u16 port)
{
	(void)port;
	abort();
}

u16 inw(u16 port)
{
	(void)port;
	abort();
}

u32 inl(u16 port)
{
	(void)port;
	abort();
}

void outb(u16 port, u8 v)
{
	(void)port;
	(void)v;
	abort();
}

void outw(u16 port, u16 v)
{
	(void)port;
	(void)v;
	abort();
}

void outl(u16 port, u32 v)
{
	(void)port;
	(void)v;
	abort();
}
