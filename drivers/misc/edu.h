/* SPDX-License-Identifier: BSD-2-Clause */
/* The educational device, for its self-tests. */
#pragma once

#include <drivers/pci.h>
#include <kernel/irq.h>

struct edu {
	struct pci_device *pdev;
	char __iomem *registers;
	struct irq_action irq;
	bool has_irq;
	u64 interrupts;
	u32 status;   /* of the last interrupt */
	unsigned cpu; /* that took it */
};

/** The first device with this driver, or NULL. */
struct edu *edu_first(void);

/**
 * Change to interrupts of @kinds (enum pci_irq_kind). 0, or -errno and it has
 * none.
 */
int edu_set_irq(struct edu *edu, unsigned kinds);

/** Interrupt with this status. */
void edu_raise(struct edu *edu, u32 status);

/** @n! modulo 2^32, computed by the device; 0 when it does not answer. */
u32 edu_factorial(struct edu *edu, u32 n);

/**
 * Copy @size bytes between RAM at @phys, which has EDU_DMA_BITS bits, and the
 * device's buffer, and let it interrupt at the end. Nothing is waited for.
 */
void edu_copy(struct edu *edu, phys_addr_t phys, u32 size, bool to_ram);
