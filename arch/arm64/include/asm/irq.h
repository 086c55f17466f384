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

/* By enum ipi_kind, then the test's. */
#define SGI_IPI_FIRST 0
#define SGI_IPIS      4
#define SGI_SELFTEST  7

/* The interrupt controller; it registers itself at level IRQ. */
struct irq_root {
	const char *name;
	/* Take and handle what is pending, until nothing is. */
	void (*dispatch)(void);
	/* Let @intid, a PPI, interrupt this CPU, or not any more. */
	void (*ppi_enable)(unsigned intid, bool on);
	/* Interrupt CPU @cpu with @sgi; what was stored before is seen there.
	 */
	void (*send)(unsigned cpu, unsigned sgi);
	/*
	 * On the boot CPU: find what CPU @cpu, whose affinity is @mpidr, has of
	 * its own. 0 or -errno.
	 */
	int (*prepare_cpu)(unsigned cpu, u64 mpidr);
	/* On a CPU that starts: take interrupts. 0 or -errno. */
	int (*init_cpu)(void);
	/* Nothing comes any more. Any context. */
	void (*shutdown)(void);
};

struct trap_frame;

/** Called by trap_irq() with interrupts masked. */
void interrupt_dispatch(const struct trap_frame *frame);

/** For the interrupt controller: handle @intid, which is below INTID_SPI. */
void interrupt_private(unsigned intid);

/** An interrupt came that nobody knows of. */
void interrupt_unexpected(unsigned intid);

/** The interrupt controller in use, or NULL. */
const struct irq_root *irq_root(void);

/**
 * Have @handler called for PPI @intid, of this CPU from now on, of others
 * after ppi_enable() there. 0, -ENODEV or -EINVAL.
 */
int ppi_request(unsigned intid, void (*handler)(void));
void ppi_enable(unsigned intid);
/** Undo ppi_request(), where this CPU is the only one that enabled it. */
void ppi_release(unsigned intid);

/** How often SGI or PPI @intid came to CPU @cpu. */
u64 private_count(unsigned intid, unsigned cpu);

/**
 * Find a GIC by the device tree or by ACPI, and start it on this CPU. NULL:
 * there is none that this kernel knows, after a message.
 */
const struct irq_root *gic_init(void);
