/* SPDX-License-Identifier: BSD-2-Clause */
/* The stacks that there are. */
#include <asm/layout.h>
#include <asm/stack.h>
#include <kernel/smp.h>
#include <kernel/thread.h>

extern char boot_stack_guard[], boot_stack_top[];

struct overflow_stack {
	char bytes[OVERFLOW_STACK_SIZE];
} __aligned(16);

/* For the report of a stack that is full. entry.S knows the name. */
DECLARE_PER_CPU(struct overflow_stack, overflow_stack);
DEFINE_PER_CPU(struct overflow_stack, overflow_stack);

/* The lowest address of the one a CPU started on; the boot CPU's: 0. */
static DEFINE_PER_CPU(uintptr_t, idle_stack);

struct bounds {
	uintptr_t low, high;
};

void stack_set_idle(uintptr_t low)
{
	this_cpu_write(idle_stack, low);
}

/* The stack on which @cpu started. */
static struct bounds start_stack(unsigned cpu)
{
	uintptr_t low = per_cpu(idle_stack, cpu);

	if (cpu == 0)
		return (struct bounds){ (uintptr_t)boot_stack_guard + PAGE_SIZE,
					(uintptr_t)boot_stack_top };
	return (struct bounds){ low, low ? low + IDLE_STACK_SIZE : 0 };
}

static struct bounds overflow_bounds(unsigned cpu)
{
	uintptr_t low = (uintptr_t)per_cpu(overflow_stack, cpu).bytes;

	return (struct bounds){ low, low + OVERFLOW_STACK_SIZE };
}

/* True, with *@found set, if @addr is in @b. */
static bool is_in(uintptr_t addr, struct bounds b, struct bounds *found)
{
	*found = b;
	return addr >= b.low && addr < b.high;
}

static bool find(uintptr_t addr, struct bounds *found)
{
	const struct thread *thread = current_thread();
	struct bounds own = { thread->stack_low, thread->stack_high };

	if (is_in(addr, own, found))
		return true;
	for (unsigned cpu = 0; cpu < cpu_count(); cpu++)
		if (is_in(addr, start_stack(cpu), found) ||
		    is_in(addr, overflow_bounds(cpu), found))
			return true;
	return false;
}

bool arch_stack_bounds(uintptr_t addr, uintptr_t *low, uintptr_t *high)
{
	struct bounds found;
	bool is_stack = find(addr, &found);

	*low = found.low;
	*high = found.high;
	return is_stack;
}

void stack_for_each_guard(void (*fn)(uintptr_t guard))
{
	for (unsigned cpu = 0; cpu < cpu_count(); cpu++)
		if (start_stack(cpu).low)
			fn(start_stack(cpu).low - PAGE_SIZE);
}

bool stack_is_guard(uintptr_t addr)
{
	uintptr_t below = current_thread()->stack_low - addr;

	if (below > 0 && below <= PAGE_SIZE)
		return true;
	for (unsigned cpu = 0; cpu < cpu_count(); cpu++) {
		below = start_stack(cpu).low - addr;
		if (start_stack(cpu).low && below > 0 && below <= PAGE_SIZE)
			return true;
	}
	return false;
}
