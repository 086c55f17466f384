/* SPDX-License-Identifier: BSD-2-Clause */
/* The stacks that there are, apart from those of threads. */
#include <asm/layout.h>
#include <asm/stack.h>
#include <kernel/percpu.h>

extern char boot_stack_guard[], boot_stack_top[];

struct overflow_stack {
	char bytes[OVERFLOW_STACK_SIZE];
} __aligned(16);

/* For the report of a stack that is full. entry.S knows the name. */
DECLARE_PER_CPU(struct overflow_stack, overflow_stack);
DEFINE_PER_CPU(struct overflow_stack, overflow_stack);

static bool in_range(uintptr_t addr, const char *low, const char *high)
{
	return addr >= (uintptr_t)low && addr < (uintptr_t)high;
}

bool arch_stack_bounds(uintptr_t addr, uintptr_t *low, uintptr_t *high)
{
	const char *from = boot_stack_guard + PAGE_SIZE, *to = boot_stack_top;

	if (!in_range(addr, from, to)) {
		from = this_cpu_ptr(overflow_stack)->bytes;
		to = from + OVERFLOW_STACK_SIZE;
	}
	*low = (uintptr_t)from;
	*high = (uintptr_t)to;
	return in_range(addr, from, to);
}

void stack_for_each_guard(void (*fn)(uintptr_t guard))
{
	fn((uintptr_t)boot_stack_guard);
}

bool stack_is_guard(uintptr_t addr)
{
	return in_range(addr, boot_stack_guard, boot_stack_guard + PAGE_SIZE);
}
