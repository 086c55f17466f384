/* SPDX-License-Identifier: BSD-2-Clause */
/* What the kernel's own services cost on one CPU. */
#include <kernel/bench.h>
#include <kernel/cpu.h>
#include <kernel/errno.h>
#include <kernel/irq.h>
#include <kernel/mm/page.h>
#include <kernel/mm/slab.h>
#include <kernel/percpu.h>
#include <kernel/spinlock.h>
#include <kernel/time.h>
#include <kernel/timer.h>
#include "core.h"

static DEFINE_PER_CPU(u64, counter);

static void run_percpu(u64 count)
{
	while (count--)
		this_cpu_add(counter, 1);
}

static void run_clock(u64 count)
{
	while (count--)
		time_ns();
}

static void run_spinlock(u64 count)
{
	static struct spinlock lock;

	while (count--) {
		spin_lock(&lock);
		spin_unlock(&lock);
	}
}

static void pages(u64 count, unsigned order)
{
	while (count--) {
		phys_addr_t block = alloc_pages(order, 0);

		if (block)
			free_pages(block, order);
	}
}

static int setup_pages(void)
{
	phys_addr_t block = alloc_pages(PAGE_ORDER_2M, 0);

	if (!block)
		return -ENOMEM;
	free_pages(block, PAGE_ORDER_2M);
	return 0;
}

static void run_page(u64 count)
{
	pages(count, 0);
}

static void run_page_2m(u64 count)
{
	pages(count, PAGE_ORDER_2M);
}

static void run_kmalloc(u64 count)
{
	while (count--)
		kfree(kmalloc(64));
}

/* How late a timer's handler runs, on a CPU that sleeps meanwhile. */
#define TIMER_NS      100000
#define TIMER_WAIT_NS NSEC_PER_SEC

static u64 timer_ran_ns;

static void note_time(struct timer *timer)
{
	(void)timer;
	WRITE_ONCE(timer_ran_ns, time_ns());
}

static int setup_timer(void)
{
	return timer_available() ? 0 : -ENODEV;
}

static u64 sample_timer(void)
{
	struct timer timer = { .handler = note_time };
	u64 due = time_ns() + TIMER_NS;
	unsigned long state;

	WRITE_ONCE(timer_ran_ns, 0);
	timer_start(&timer, due);
	while (!READ_ONCE(timer_ran_ns) && time_ns() < due + TIMER_WAIT_NS) {
		state = local_irq_save();
		if (!READ_ONCE(timer_ran_ns))
			cpu_idle();
		local_irq_restore(state);
	}
	timer_cancel(&timer);
	return READ_ONCE(timer_ran_ns) ? READ_ONCE(timer_ran_ns) - due
				       : BENCH_NONE;
}

static const struct bench_case core_cases[] = {
	{ .name = "percpu_add", .run = run_percpu },
	{ .name = "clock_read", .run = run_clock },
	{ .name = "spinlock_uncontended", .run = run_spinlock },
	{ .name = "spinlock_contended",
	  .setup = bench_contention_begin,
	  .run = bench_contended_lock,
	  .teardown = bench_others_end },
	{ .name = "context_switch",
	  .setup = bench_switch_begin,
	  .run = bench_switch,
	  .teardown = bench_switch_end },
	{ .name = "wake_round_trip",
	  .setup = bench_wake_begin,
	  .run = bench_wake,
	  .teardown = bench_wake_end },
	{ .name = "thread_create_join", .run = bench_thread },
	{ .name = "page_alloc_free", .run = run_page },
	{ .name = "page_alloc_free_2m",
	  .setup = setup_pages,
	  .run = run_page_2m },
	{ .name = "kmalloc_free_64", .run = run_kmalloc },
	{ .name = "timer_error", .setup = setup_timer, .sample = sample_timer },
	{ .name = "ipi_round_trip",
	  .setup = bench_other_cpu,
	  .run = bench_ipi },
	{ .name = "ipi_all_round_trip",
	  .setup = bench_other_cpu,
	  .run = bench_ipi_all },
	{ .name = "tlb_shootdown",
	  .setup = bench_tlb_begin,
	  .run = bench_tlb,
	  .teardown = bench_tlb_end },
	{}
};
BENCH_SUITE(core, "core", core_cases);
