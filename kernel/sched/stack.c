/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stacks: vmalloc()'s, which has an unmapped page below each. Some are kept
 * when their threads end, because unmapping one interrupts all CPUs.
 */
#include <kernel/mm/map.h>
#include <kernel/spinlock.h>
#include <kernel/thread.h>
#include "stack.h"

#define STACKS_KEPT_MAX 8

/* In the lowest bytes of a stack that is kept. */
struct kept_stack {
	struct kept_stack *next;
};

static struct {
	struct spinlock lock;
	struct kept_stack *first;
	unsigned count;
} kept;

static struct kept_stack *take_kept(void)
{
	unsigned long irqs = spin_lock_irqsave(&kept.lock);
	struct kept_stack *stack = kept.first;

	if (stack) {
		kept.first = stack->next;
		kept.count--;
	}
	spin_unlock_irqrestore(&kept.lock, irqs);
	return stack;
}

uintptr_t stack_alloc(void)
{
	void *stack = take_kept();

	return (uintptr_t)(stack ? stack : vmalloc(THREAD_STACK_SIZE));
}

void stack_free(uintptr_t address)
{
	struct kept_stack *stack = (struct kept_stack *)address;
	unsigned long irqs = spin_lock_irqsave(&kept.lock);
	bool keep = kept.count < STACKS_KEPT_MAX;

	if (keep) {
		stack->next = kept.first;
		kept.first = stack;
		kept.count++;
	}
	spin_unlock_irqrestore(&kept.lock, irqs);
	if (!keep)
		vfree(stack);
}

void thread_trim(void)
{
	struct kept_stack *stack;

	while ((stack = take_kept()))
		vfree(stack);
}
