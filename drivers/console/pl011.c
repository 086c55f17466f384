/* SPDX-License-Identifier: BSD-2-Clause */
/* Arm's PL011 and its relative, the SBSA's generic UART, as a console. */
#include <kernel/cpu.h>
#include <kernel/io.h>
#include <kernel/time.h>
#include "pl011.h"

static u32 read(const struct pl011 *uart, unsigned reg)
{
	return mmio_read32(uart->base + reg);
}

static void write(const struct pl011 *uart, unsigned reg, u32 value)
{
	mmio_write32(uart->base + reg, value);
}

/*
 * After one timeout the port gets no more time, but is used again once it has
 * room: the reader of a virtual port may only have been suspended.
 */
static bool wait_for_room(struct pl011 *uart)
{
	u64 deadline;

	if (!(read(uart, PL011_FR) & PL011_FR_TXFF)) {
		uart->stalled = false;
		return true;
	}
	if (uart->stalled)
		return false;
	deadline = time_ns() + PL011_TX_TIMEOUT_MS * NSEC_PER_MSEC;
	while (read(uart, PL011_FR) & PL011_FR_TXFF) {
		if (time_ns() > deadline) {
			uart->stalled = true;
			uart->console.flags |= CONSOLE_STALLED;
			return false;
		}
	}
	return true;
}

static void console_out(struct console *con, const char *s, size_t n)
{
	struct pl011 *uart = con->private;

	for (; n; s++, n--) {
		if (*s == '\n') {
			if (!wait_for_room(uart))
				return;
			write(uart, PL011_DR, '\r');
		}
		if (!wait_for_room(uart))
			return;
		write(uart, PL011_DR, (u8)*s);
	}
}

/*
 * Take in what there is and fits; damaged bytes are dropped. True if nothing
 * is left in the device.
 */
static bool receive(struct pl011 *uart)
{
	for (unsigned n = 0; n < PL011_RX_BYTES; n++) {
		u32 data;

		if (uart->rx_count == PL011_RX_BYTES)
			return false;
		if (read(uart, PL011_FR) & PL011_FR_RXFE)
			return true;
		data = read(uart, PL011_DR);
		if (data & PL011_DR_ERRORS)
			continue;
		uart->rx[(uart->rx_first + uart->rx_count) % PL011_RX_BYTES] =
			(u8)data;
		uart->rx_count++;
	}
	return false;
}

static void unmask(const struct pl011 *uart, bool on)
{
	write(uart, PL011_IMSC, on ? PL011_INT_RX | PL011_INT_RT : 0);
}

/*
 * What does not fit stays in the device, whose line must then be lowered; so
 * its sender is kept waiting instead of bytes being lost.
 */
enum irq_return pl011_interrupt(void *context)
{
	struct pl011 *uart = context;
	unsigned long state = spin_lock_irqsave(&uart->rx_lock);
	bool pending = read(uart, PL011_RIS) & (PL011_INT_RX | PL011_INT_RT);

	write(uart, PL011_ICR, PL011_INT_ALL);
	if (!receive(uart)) {
		uart->throttled = true;
		unmask(uart, false);
	}
	spin_unlock_irqrestore(&uart->rx_lock, state);
	console_input_ready();
	return pending ? IRQ_HANDLED : IRQ_NONE;
}

static int console_in(struct console *con)
{
	struct pl011 *uart = con->private;
	unsigned long state = spin_lock_irqsave(&uart->rx_lock);
	int c = -1;

	if (!uart->rx_count)
		receive(uart);
	if (uart->rx_count) {
		c = uart->rx[uart->rx_first];
		uart->rx_first = (uart->rx_first + 1) % PL011_RX_BYTES;
		uart->rx_count--;
	}
	if (uart->throttled && !uart->rx_count) {
		uart->throttled = false;
		unmask(uart, true);
	}
	spin_unlock_irqrestore(&uart->rx_lock, state);
	return c;
}

/*
 * A byte that came before is in the FIFO and raised its interrupt already: it
 * is taken now, or the line would not rise for the next one.
 */
void pl011_enable_interrupts(struct pl011 *uart)
{
	unsigned long state = spin_lock_irqsave(&uart->rx_lock);

	receive(uart);
	write(uart, PL011_ICR, PL011_INT_ALL);
	unmask(uart, true);
	spin_unlock_irqrestore(&uart->rx_lock, state);
}

/*
 * The rate is as firmware left it: only it knows the clock. One that firmware
 * did not enable, as in many hypervisors, has none to lose.
 */
static void enable(struct pl011 *uart)
{
	u32 control;

	write(uart, PL011_IMSC, 0);
	/* Xen 4.17 faults at registers that a generic UART does not have. */
	if (uart->minimal)
		return;
	control = read(uart, PL011_CR);
	if (!(read(uart, PL011_LCR_H) & PL011_LCR_H_FEN)) {
		write(uart, PL011_CR, 0);
		write(uart, PL011_LCR_H, PL011_LCR_H_8BIT | PL011_LCR_H_FEN);
	}
	write(uart, PL011_CR,
	      control | PL011_CR_UARTEN | PL011_CR_TXE | PL011_CR_RXE);
}

void pl011_init(struct pl011 *uart)
{
	enable(uart);
	uart->stalled = false;
	uart->console.name = uart->name;
	uart->console.write = console_out;
	uart->console.getc = console_in;
	uart->console.flags = CONSOLE_ANSI;
	uart->console.private = uart;
}
