/* SPDX-License-Identifier: BSD-2-Clause */
/* The educational device, for its self-tests. */
#pragma once

#include <drivers/pci.h>
#include <kernel/dma.h>
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

/** True if it has enough bits for addresses: the parameter edu.dma_bits. */
bool edu_addresses(dma_addr_t address, u32 size);

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
 * Copy @size bytes between memory that it reaches at @address and the
 * device's buffer, and let it interrupt at the end.
 * Nothing is waited for. 0, or -EFAULT: that is no memory to show it.
 */
int edu_copy(struct edu *edu, dma_addr_t address, u32 size, bool to_ram);
