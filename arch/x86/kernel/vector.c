/* SPDX-License-Identifier: BSD-2-Clause */
/* Which vector belongs to which line. */
#include <asm/apic.h>
#include <kernel/errno.h>
#include <kernel/spinlock.h>

#define VECTORS (VECTOR_LINE_LAST - VECTOR_LINE_FIRST + 1)

static struct spinlock lock; /* of writers */
static u16 owner[VECTORS];   /* line + 1, 0: free */

int vector_alloc(unsigned irq)
{
	unsigned long state = spin_lock_irqsave(&lock);
	int vector = -ENOSPC;

	for (unsigned i = 0; i < VECTORS && vector < 0; i++) {
		if (owner[i])
			continue;
		WRITE_ONCE(owner[i], (u16)(irq + 1));
		vector = (int)(VECTOR_LINE_FIRST + i);
	}
	spin_unlock_irqrestore(&lock, state);
	return vector;
}

void vector_free(unsigned vector)
{
	if (vector >= VECTOR_LINE_FIRST && vector <= VECTOR_LINE_LAST)
		WRITE_ONCE(owner[vector - VECTOR_LINE_FIRST], 0);
}

int vector_irq(unsigned vector)
{
	unsigned value;

	if (vector < VECTOR_LINE_FIRST || vector > VECTOR_LINE_LAST)
		return -ENOENT;
	value = READ_ONCE(owner[vector - VECTOR_LINE_FIRST]);
	return value ? (int)value - 1 : -ENOENT;
}
