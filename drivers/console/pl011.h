/* SPDX-License-Identifier: BSD-2-Clause */
/* What the PL011 driver's files share. */
#pragma once

#include <abi/pl011.h>
#include <kernel/console.h>
#include <kernel/irq.h>
#include <kernel/spinlock.h>

/* How long a full FIFO may take to have room: 32 bytes at 1200 baud. */
#define PL011_TX_TIMEOUT_MS 500

/* Bytes of input that are kept for a reader who is busy. */
#define PL011_RX_BYTES 256

struct pl011 {
	struct console console;
	char __iomem *base;
	phys_addr_t address;
	/* Only the registers that all relatives have: the SBSA's UART. */
	bool minimal;
	bool stalled; /* it timed out; do not wait for it any more */
	char name[12];
	struct irq_action irq;
	struct spinlock rx_lock; /* of the receiver and all that follows */
	bool throttled; /* rx[] is full: the receiver does not interrupt */
	unsigned rx_first, rx_count;
	u8 rx[PL011_RX_BYTES];
};

/** Set it up as far as it is not, and fill in the console's operations. */
void pl011_init(struct pl011 *uart);

/** For its line: take in what was received. @context is the port. */
enum irq_return pl011_interrupt(void *context);

/** Let received bytes interrupt from now on. */
void pl011_enable_interrupts(struct pl011 *uart);

/** earlycon=: the address of "pl011,[mmio32,]ADDRESS[,...]". 0 or -EINVAL. */
int pl011_parse_earlycon(const char *text, phys_addr_t *address);
