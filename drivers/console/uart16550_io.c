/* SPDX-License-Identifier: BSD-2-Clause */
/* 16550 registers behind x86's I/O ports. */
#include <kernel/io.h>
#include "uart16550.h"

static u8 uart_io_read(const struct uart *uart, unsigned reg)
{
	return inb((u16)(uart->port + reg * uart->stride));
}

static void uart_io_write(const struct uart *uart, unsigned reg, u8 value)
{
	outb((u16)(uart->port + reg * uart->stride), value);
}

const struct uart_ops uart_io_ops = {
	.read = uart_io_read,
	.write = uart_io_write,
};
