/* SPDX-License-Identifier: BSD-2-Clause */
/* Between interrupt entry, the interrupt controller and who interrupts. */
#pragma once

#include <kernel/compiler.h>

/*
 * Interrupts have the GIC's numbers: 0 to 15 are sent by CPUs (SGI), 16 to 31
 * are each CPU's own (PPI), those above are lines (SPI).
 */
#define INTID_PPI 16
#define INTID_SPI 32

#define SGI_SELFTEST 7

/* The interrupt controller; it registers itself at level IRQ. */
struct irq_root {
	const char *name;
	/* Take and handle what is pending, until nothing is. */
	void (*dispatch)(void);
	/* Let @intid, a PPI, interrupt this CPU, or not any more. */
	void (*ppi_enable)(unsigned intid, bool on);
	/* Interrupt this CPU with @sgi. */
	void (*send_self)(unsigned sgi);
	/* Nothing comes any more. Any context. */
	void (*shutdown)(void);
};

/** Called by trap_irq() with interrupts masked. */
void interrupt_dispatch(void);

/** For the interrupt controller: handle @intid, which is below INTID_SPI. */
void interrupt_private(unsigned intid);

/** An interrupt came that nobody knows of. */
void interrupt_unexpected(unsigned intid);

/** The interrupt controller in use, or NULL. */
const struct irq_root *irq_root(void);

/** Have @handler called for PPI @intid of this CPU. 0, -ENODEV or -EINVAL. */
int ppi_request(unsigned intid, void (*handler)(void));

/** How often SGI or PPI @intid came. */
u64 private_count(unsigned intid);

/**
 * Find a GIC by the device tree or by ACPI, and start it on this CPU. NULL:
 * there is none that this kernel knows, after a message.
 */
const struct irq_root *gic_init(void);
