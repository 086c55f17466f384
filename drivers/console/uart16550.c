/* SPDX-License-Identifier: BSD-2-Clause */
/* The 16550 UART and its relatives as a console. */
#include <kernel/cpu.h>
#include <kernel/io.h>
#include <kernel/time.h>
#include "uart16550.h"

static u8 uart_mmio_read(const struct uart *uart, unsigned reg)
{
	const u8 __iomem *p =
		(const u8 __iomem *)uart->base + (size_t)reg * uart->stride;

	switch (uart->width) {
	case 4: return (u8)mmio_read32(p);
	case 2: return (u8)mmio_read16(p);
	default: return mmio_read8(p);
	}
}

static void uart_mmio_write(const struct uart *uart, unsigned reg, u8 value)
{
	u8 __iomem *p = (u8 __iomem *)uart->base + (size_t)reg * uart->stride;

	switch (uart->width) {
	case 4: mmio_write32(p, value); break;
	case 2: mmio_write16(p, value); break;
	default: mmio_write8(p, value); break;
	}
}

const struct uart_ops uart_mmio_ops = {
	.read = uart_mmio_read,
	.write = uart_mmio_write,
};

static u8 uart_read(const struct uart *uart, unsigned reg)
{
	return uart->ops->read(uart, reg);
}

static void uart_write_reg(const struct uart *uart, unsigned reg, u8 value)
{
	uart->ops->write(uart, reg, value);
}

/*
 * The write to another register in between keeps a bus that only remembers
 * the last value on it from passing.
 */
static bool scratch_keeps(const struct uart *uart, u8 value)
{
	uart_write_reg(uart, UART_SCR, value);
	uart_write_reg(uart, UART_IER, 0);
	return uart_read(uart, UART_SCR) == value;
}

static bool modem_loops_back(const struct uart *uart)
{
	u8 status;

	uart_write_reg(uart, UART_MCR,
		       UART_MCR_LOOPBACK | UART_MCR_OUT2 | UART_MCR_RTS);
	status = uart_read(uart, UART_MSR) & UART_MSR_LINES;
	uart_write_reg(uart, UART_MCR, UART_MCR_DTR | UART_MCR_RTS);
	return status == (UART_MSR_DCD | UART_MSR_CTS);
}

/* Some emulations have no scratch register and some do not loop back. */
bool uart_probe(const struct uart *uart)
{
	/* No bus answers this line status: nothing drives it. */
	if (uart_read(uart, UART_LSR) == 0xff)
		return false;
	if (scratch_keeps(uart, 0x5a) && scratch_keeps(uart, 0xa5))
		return true;
	return modem_loops_back(uart);
}

static bool transmitter_empty(const struct uart *uart)
{
	return uart_read(uart, UART_LSR) & UART_LSR_THRE;
}

/*
 * After one timeout the port gets no more time, but is used again once it is
 * found empty: the reader of a virtual port may only have been suspended.
 */
static bool transmitter_wait(struct uart *uart)
{
	u64 deadline;

	if (transmitter_empty(uart)) {
		uart->stalled = false;
		return true;
	}
	if (uart->stalled)
		return false;
	deadline = time_ns() + UART_TX_TIMEOUT_MS * NSEC_PER_MSEC;
	while (!transmitter_empty(uart)) {
		if (time_ns() > deadline) {
			uart->stalled = true;
			uart->console.flags |= CONSOLE_STALLED;
			return false;
		}
	}
	return true;
}

/*
 * Each register access costs a guest an exit to its hypervisor, so the line
 * status is read once for a FIFO's worth of bytes instead of for each byte.
 */
static void uart_console_write(struct console *con, const char *s, size_t n)
{
	struct uart *uart = con->private;
	unsigned room = 0;
	bool return_sent = false;

	while (n) {
		if (!room) {
			if (!transmitter_wait(uart))
				return;
			room = uart->fifo;
		}
		room--;
		if (*s == '\n' && !return_sent) {
			uart_write_reg(uart, UART_THR, '\r');
			return_sent = true;
			continue;
		}
		uart_write_reg(uart, UART_THR, (u8)*s);
		return_sent = false;
		s++;
		n--;
	}
}

/*
 * Take in what there is and fits; damaged bytes are dropped. True if nothing is
 * left in the device.
 */
static bool receive(struct uart *uart)
{
	for (unsigned n = 0; n < UART_RX_BYTES; n++) {
		u8 status, data;

		if (uart->rx_count == UART_RX_BYTES)
			return false;
		status = uart_read(uart, UART_LSR);
		/* All ones: the device went away. */
		if (status == 0xff || !(status & UART_LSR_DATA_READY))
			return true;
		data = uart_read(uart, UART_RBR);
		if (status &
		    (UART_LSR_PARITY | UART_LSR_FRAMING | UART_LSR_BREAK))
			continue;
		uart->rx[(uart->rx_first + uart->rx_count) % UART_RX_BYTES] =
			data;
		uart->rx_count++;
	}
	return false;
}

/*
 * What does not fit stays in the device, whose line must then be lowered; so
 * its sender is kept waiting instead of bytes being lost.
 */
enum irq_return uart_interrupt(void *context)
{
	struct uart *uart = context;
	unsigned long state = spin_lock_irqsave(&uart->rx_lock);
	bool pending = !(uart_read(uart, UART_IIR) & UART_IIR_NONE);
	/* getc() may have been faster than the interrupt. */
	bool ours = pending || uart->rx_polled;

	uart->rx_polled = false;
	if (pending && !receive(uart)) {
		uart->throttled = true;
		uart_write_reg(uart, UART_IER, 0);
	}
	spin_unlock_irqrestore(&uart->rx_lock, state);
	console_input_ready();
	return ours ? IRQ_HANDLED : IRQ_NONE;
}

static int uart_console_getc(struct console *con)
{
	struct uart *uart = con->private;
	unsigned long state = spin_lock_irqsave(&uart->rx_lock);
	int c = -1;

	if (!uart->rx_count) {
		receive(uart);
		uart->rx_polled = uart->rx_count;
	}
	if (uart->rx_count) {
		c = uart->rx[uart->rx_first];
		uart->rx_first = (uart->rx_first + 1) % UART_RX_BYTES;
		uart->rx_count--;
	}
	if (uart->throttled && !uart->rx_count) {
		uart->throttled = false;
		uart_write_reg(uart, UART_IER, UART_IER_RECEIVED);
	}
	spin_unlock_irqrestore(&uart->rx_lock, state);
	return c;
}

/* On PCs, OUT2 connects the port to its line. */
void uart_set_interrupts(struct uart *uart, bool on)
{
	u8 mcr = UART_MCR_DTR | UART_MCR_RTS | (on ? UART_MCR_OUT2 : 0);

	uart_write_reg(uart, UART_MCR, mcr);
	uart_write_reg(uart, UART_IER, on ? UART_IER_RECEIVED : 0);
}

bool uart_try_interrupt(struct uart *uart)
{
	u64 deadline = time_ns() + UART_IRQ_TIMEOUT_MS * NSEC_PER_MSEC;

	uart_set_interrupts(uart, true);
	uart_write_reg(uart, UART_IER, UART_IER_TRANSMITTER);
	while (!READ_ONCE(uart->irq.handled) && time_ns() < deadline)
		cpu_relax();
	uart_set_interrupts(uart, READ_ONCE(uart->irq.handled));
	return READ_ONCE(uart->irq.handled);
}

static u16 divisor(const char *options)
{
	unsigned baud = 0;

	for (; *options >= '0' && *options <= '9'; options++) {
		baud = baud * 10 + (unsigned)(*options - '0');
		if (baud > UART_BAUD_MAX)
			return 1;
	}
	return baud < UART_BAUD_MIN ? 1 : (u16)(UART_BAUD_MAX / baud);
}

static void set_rate(const struct uart *uart, const char *options)
{
	u16 d = divisor(options);

	uart_write_reg(uart, UART_LCR, UART_LCR_8N1 | UART_LCR_DLAB);
	uart_write_reg(uart, UART_DLL, (u8)d);
	uart_write_reg(uart, UART_DLM, (u8)(d >> 8));
}

void uart_init(struct uart *uart, const char *options)
{
	uart_write_reg(uart, UART_IER, 0);
	if (options)
		set_rate(uart, options);
	uart_write_reg(uart, UART_LCR, UART_LCR_8N1);
	uart_write_reg(uart, UART_FCR,
		       UART_FCR_ENABLE | UART_FCR_CLEAR_RX | UART_FCR_CLEAR_TX);
	uart_write_reg(uart, UART_MCR, UART_MCR_DTR | UART_MCR_RTS);

	/* Only a 16550A and later have FIFOs that work, and say so. */
	uart->fifo =
		(uart_read(uart, UART_IIR) & UART_IIR_FIFO) == UART_IIR_FIFO
			? UART_FIFO_BYTES
			: 1;
	uart->stalled = false;
	uart->console.name = uart->name;
	uart->console.write = uart_console_write;
	uart->console.getc = uart_console_getc;
	uart->console.flags = CONSOLE_ANSI;
	uart->console.private = uart;
}
