/* SPDX-License-Identifier: BSD-2-Clause */
/* What the 16550 driver's files share; how to reach a port is in struct uart.
 */
#pragma once

#include <abi/uart16550.h>
#include <kernel/console.h>
#include <kernel/irq.h>
#include <kernel/spinlock.h>

/*
 * How long a transmitter may take to empty: the slowest rate that is worth
 * using, 1200 baud, needs 133 ms for its 16 bytes.
 */
#define UART_TX_TIMEOUT_MS 500
#define UART_BAUD_MIN	   1200
/* How long an interrupt may take, if it comes at all. */
#define UART_IRQ_TIMEOUT_MS 10

/* Bytes of input that are kept for a reader who is busy. */
#define UART_RX_BYTES 256

struct uart;

struct uart_ops {
	u8 (*read)(const struct uart *uart, unsigned reg);
	void (*write)(const struct uart *uart, unsigned reg, u8 value);
};

struct uart {
	struct console console;
	const struct uart_ops *ops;
	u16 port;	     /* for I/O ports */
	void __iomem *base;  /* for memory */
	phys_addr_t address; /* the same, physical */
	u8 stride;	     /* bytes from one register to the next */
	u8 width;	     /* bytes of one access: 1, 2 or 4 */
	u8 fifo;	     /* bytes to send once the transmitter is empty */
	bool stalled;	     /* it timed out; do not wait for it any more */
	char name[8];
	struct irq_action irq;
	struct spinlock rx_lock; /* of the receiver and all that follows */
	bool throttled; /* rx[] is full: the receiver does not interrupt */
	bool rx_polled; /* getc() took what an interrupt may announce */
	unsigned rx_first, rx_count;
	u8 rx[UART_RX_BYTES];
};

extern const struct uart_ops uart_io_ops; /* CONFIG_HAS_IOPORT only */
extern const struct uart_ops uart_mmio_ops;

/**
 * True if there is a UART: its line status is possible, and its scratch
 * register keeps what it is given or its modem lines loop back. A few register
 * accesses, no wait.
 */
bool uart_probe(const struct uart *uart);

/**
 * Set up 8N1 at the rate that @options begins with ("9600", "115200n8"; "" or
 * one that cannot be: 115200; NULL: as firmware left it), FIFOs on, no
 * interrupts, and fill in the console's operations. The name is the caller's.
 */
void uart_init(struct uart *uart, const char *options);

/** For its line: take in what was received. @context is the uart. */
enum irq_return uart_interrupt(void *context);

/** Let received bytes interrupt from now on; false: not any more. */
void uart_set_interrupts(struct uart *uart, bool on);

/**
 * True if @uart raises its interrupt, which is requested already, when its
 * transmitter is empty: what is said about lines is not always so.
 */
bool uart_try_interrupt(struct uart *uart);

/** Call @fn for each port that is a console. */
void uart_for_each(void (*fn)(struct uart *uart));

/* Where a port is and how wide its registers are. */
struct uart_place {
	bool io; /* I/O ports, else memory */
	u8 stride;
	u8 width;
	phys_addr_t address;
};

/** 0, or -EINVAL if no UART can be there. */
int uart_place_check(const struct uart_place *place);

/**
 * Make a console of the port at @place: COM1 to COM4 as ttyS0 to ttyS3, any
 * other with the first number that is free. The options of console= go before
 * @options (see uart_init()). Memory needs level MEMORY. Unless @certain, it
 * must pass uart_probe(). Returns 0, -EEXIST if it is one already, -ENODEV,
 * -EINVAL, -ENOSPC or -ENOMEM.
 */
int uart_add(const struct uart_place *place, const char *options, bool certain);

/**
 * earlycon=: "uart8250,io|mmio|mmio16|mmio32,ADDRESS[,OPTIONS]" to a place
 * and options within @text. 0 or -EINVAL.
 */
int uart_parse_earlycon(const char *text, struct uart_place *place,
			const char **options);

struct fdt;

/**
 * The port that @node of @fdt describes. 0, -ENODEV if it is none of this kind
 * or disabled, or -EBADMSG.
 */
int uart_parse_fdt(const struct fdt *fdt, int node, struct uart_place *place);

/** The line of the device tree's port at @address, as irq_from_fdt(). */
int uart_fdt_line(phys_addr_t address, enum irq_trigger *trigger);

struct acpi_sdt_header;

/**
 * The port in the SPCR table @header, whose `length` bytes can be read. 0,
 * -ENODEV if it names none, or none of this kind, or -EBADMSG.
 */
int uart_parse_spcr(const struct acpi_sdt_header *header,
		    struct uart_place *place);
