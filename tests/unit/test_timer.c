/* SPDX-License-Identifier: BSD-2-Clause */
/* The heap of timers, and what their device is told. */
#include "unit.h"
#include <stdlib.h>
#include <kernel/clockevent.h>
#include <kernel/clocksource.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/param.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <kernel/time.h>
#include <kernel/timer.h>
#include "../../kernel/time/events.h"

/*
 * Time stands still unless the test moves it, or lets it pass with each look
 * at the clock; then the device interrupts by itself.
 */
static u64 now_ns = 1000000;
static u64 look_ns;
static unsigned looks;

static struct {
	u64 set_ns, at_ns, early_ns;
	unsigned sets, stops, probes, releases, inits;
	bool armed, silent;
} device;

u64 time_ns(void)
{
	u64 early_ns = device.early_ns;

	looks++;
	now_ns += look_ns;
	if (look_ns && device.armed && now_ns + early_ns >= device.at_ns) {
		device.armed = device.silent;
		device.early_ns = 0;
		if (!device.silent || early_ns)
			timer_interrupt();
	}
	return now_ns;
}

DEFINE_PER_CPU(unsigned, cpu_number);
struct cpumask cpu_online_mask = { { 3 } };

static struct smp_call_request *asked;

int smp_call_async(unsigned cpu, struct smp_call_request *request)
{
	CHECK_EQ(cpu, 1);
	asked = request;
	return 0;
}

int param_set_string(const struct param *p, const char *value)
{
	*(const char **)p->data = value;
	return 0;
}

/* From the first CPU's variables to a place for the second one's. */
#define PERCPU_SPREAD (1U << 20)

static void be_cpu(unsigned cpu)
{
	static u64 memory[2 * PERCPU_SPREAD / sizeof(u64)];

	if (!percpu_offsets[1]) {
		percpu_offsets[1] =
			(uintptr_t)memory + PERCPU_SPREAD -
			((uintptr_t)this_cpu_ptr(cpu_number) & ~63UL);
		per_cpu(cpu_number, 1) = 1;
	}
	unit_percpu_offset = percpu_offsets[cpu];
}

static unsigned warnings;

void clocksource_watch(void)
{
}

void printk(enum log_level level, unsigned flags, const char *fmt, ...)
{
	(void)flags;
	(void)fmt;
	warnings += level <= LOG_WARNING;
}

static u32 random_state = 1;

static u32 random_u32(void)
{
	random_state = random_state * 1664525 + 1013904223;
	return random_state >> 8;
}

/* Every parent is no larger than its children, and the links agree. */
static unsigned check_heap(const struct timer_node *node,
			   const struct timer_node *parent)
{
	const struct timer_node *before = parent;
	unsigned count = 0;

	for (; node; node = node->sibling) {
		CHECK(node->previous == before);
		CHECK(node->queued);
		CHECK(!parent || parent->key <= node->key);
		count += 1 + check_heap(node->child, node);
		before = node;
	}
	return count;
}

TEST(a_heap_gives_back_the_smallest_first)
{
	static struct timer_node nodes[1000];
	struct timer_heap heap = { NULL };
	u64 last = 0;

	for (unsigned i = 0; i < 1000; i++) {
		nodes[i].key = random_u32() % 500;
		timer_heap_add(&heap, &nodes[i]);
	}
	CHECK_EQ(check_heap(heap.root, NULL), 1000);
	for (unsigned i = 0; i < 1000; i++) {
		struct timer_node *first = heap.root;

		CHECK(first->key >= last);
		last = first->key;
		timer_heap_remove(&heap, first);
		CHECK(!first->queued);
	}
	CHECK(!heap.root);
}

TEST(a_heap_stays_one_under_random_changes)
{
	static struct timer_node nodes[64];
	struct timer_heap heap = { NULL };
	unsigned count = 0;

	for (unsigned i = 0; i < 20000; i++) {
		struct timer_node *n = &nodes[random_u32() % 64];

		if (n->queued) {
			timer_heap_remove(&heap, n);
			count--;
		} else {
			n->key = random_u32();
			timer_heap_add(&heap, n);
			count++;
		}
		if (i % 16 == 0)
			CHECK_EQ(check_heap(heap.root, NULL), count);
	}
}

static void device_set(u64 ns)
{
	device.set_ns = ns;
	device.at_ns = now_ns + ns;
	device.sets++;
	device.armed = true;
}

static void device_stop(void)
{
	device.stops++;
	device.armed = false;
}

static int absent_probe(void)
{
	device.probes++;
	return -ENODEV;
}

static int silent_probe(void)
{
	device.probes++;
	device.silent = true;
	return 0;
}

static void silent_release(void)
{
	device.releases++;
	device.silent = false;
}

static int present_probe(void)
{
	device.probes++;
	return 0;
}

static int present_init_cpu(void)
{
	device.inits++;
	return 0;
}

static struct clocksource clock_of_good = { .watched = true };

static struct clockevent best = { .name = "absent",
				  .rating = 4,
				  .probe = absent_probe };
static struct clockevent silent = { .name = "silent",
				    .rating = 3,
				    .probe = silent_probe,
				    .release = silent_release,
				    .set = device_set,
				    .stop = device_stop,
				    .max_ns = NSEC_PER_SEC };
static struct clockevent good = { .name = "good",
				  .rating = 2,
				  .per_cpu = true,
				  .probe = present_probe,
				  .init_cpu = present_init_cpu,
				  .set = device_set,
				  .stop = device_stop,
				  .max_ns = NSEC_PER_SEC,
				  .counts_by = &clock_of_good };
static struct clockevent poor = { .name = "poor",
				  .rating = 1,
				  .probe = present_probe,
				  .set = device_set,
				  .stop = device_stop,
				  .max_ns = NSEC_PER_SEC };
CLOCKEVENT(poor);
CLOCKEVENT(best);
CLOCKEVENT(silent);
CLOCKEVENT(good);

static unsigned runs;
static struct timer *last_run;

static void count_run(struct timer *timer)
{
	runs++;
	last_run = timer;
}

static struct timer a = { .handler = count_run }, b = { .handler = count_run };

TEST(without_a_device_there_are_no_timers)
{
	CHECK(!timer_available());
	CHECK_EQ(timer_start(&a, 5), -ENODEV);
	CHECK(!timer_cancel(&a));
}

/* One that never interrupts is given up, by the clock or by looks at it. */
TEST(the_best_device_that_was_seen_to_interrupt_is_used)
{
	look_ns = 1000;
	/* What was pending when a line was unmasked proves nothing. */
	device.early_ns = 80000;
	warnings = looks = 0;
	clockevent_init();
	look_ns = 0;
	CHECK(clockevent_current() == &good);
	CHECK_EQ(warnings, 1);
	CHECK_EQ(device.releases, 1);
	CHECK(looks < 1100000);
	/* All four; the last one is in reserve. */
	CHECK_EQ(device.probes, 4);
	CHECK_EQ(device.inits, 1);
	CHECK(timer_available());
	CHECK(!device.armed);
	device.sets = 0;
}

TEST(the_device_is_set_for_the_first_timer_only)
{
	timer_start(&a, now_ns + 500000);
	CHECK_EQ(device.set_ns, 500000);
	timer_start(&b, now_ns + 800000);
	CHECK_EQ(device.sets, 1);
	timer_start(&b, now_ns + 200000);
	CHECK_EQ(device.sets, 2);
	CHECK_EQ(device.set_ns, 200000);
	CHECK(timer_cancel(&b));
	CHECK_EQ(device.set_ns, 500000);
	CHECK(timer_cancel(&a));
	CHECK(!device.armed);
	CHECK(!timer_cancel(&a));
}

static void interrupt(void)
{
	device.armed = false;
	timer_interrupt();
}

TEST(a_handler_runs_when_it_is_due_and_not_before)
{
	runs = 0;
	timer_start(&a, now_ns + 500000);
	timer_start(&b, now_ns + 700000);
	now_ns += 499000;
	interrupt();
	CHECK_EQ(runs, 0);
	CHECK_EQ(device.set_ns, 1000);
	now_ns += 1000;
	interrupt();
	CHECK_EQ(runs, 1);
	CHECK(last_run == &a);
	CHECK_EQ(device.set_ns, 200000);
	now_ns += 300000;
	interrupt();
	CHECK(last_run == &b);
	CHECK(!device.armed);
}

TEST(a_time_that_the_device_cannot_wait_is_set_in_steps)
{
	runs = 0;
	timer_start(&a, now_ns + 3 * NSEC_PER_SEC);
	CHECK_EQ(device.set_ns, NSEC_PER_SEC);
	now_ns += NSEC_PER_SEC;
	interrupt();
	CHECK_EQ(runs, 0);
	CHECK_EQ(device.set_ns, NSEC_PER_SEC);
	timer_start(&a, UINT64_MAX);
	CHECK(device.armed);
	CHECK(timer_cancel(&a));
}

static void restart(struct timer *timer)
{
	runs++;
	timer_start(timer, 0);
}

TEST(a_timer_that_is_always_due_leaves_time_for_others)
{
	struct timer mad = { .handler = restart };

	runs = 0;
	timer_start(&mad, 0);
	CHECK(device.set_ns > 0);
	interrupt();
	CHECK(runs >= 1 && runs < 1000);
	CHECK(device.armed);
	CHECK(device.set_ns > 0);
	CHECK(timer_cancel(&mad));
}

TEST(another_cpu_has_timers_of_its_own)
{
	be_cpu(1);
	CHECK(!timer_available());
	CHECK_EQ(timer_start(&b, 5), -ENODEV);
	table_for_each(const struct initcall, init_cpu, it)
		CHECK_EQ((*it)->fn(), 0);
	runs = device.sets = 0;
	timer_start(&b, now_ns + 500000);
	CHECK_EQ(device.sets, 1);
	be_cpu(0);
	timer_start(&a, now_ns + 400000);
	CHECK_EQ(device.sets, 2);
	CHECK_EQ(timer_next_ns(0), now_ns + 400000);
	CHECK_EQ(timer_next_ns(1), now_ns + 500000);
	now_ns += 600000;
	interrupt();
	CHECK(last_run == &a);
	CHECK_EQ(runs, 1);
	be_cpu(1);
	interrupt();
	CHECK(last_run == &b);
	CHECK_EQ(runs, 2);
	CHECK_EQ(timer_interrupt_count(1), 1);
	be_cpu(0);
}

TEST(a_timer_is_moved_and_cancelled_from_another_cpu)
{
	timer_start(&a, now_ns + 500000);
	be_cpu(1);
	timer_start(&a, now_ns + 600000);
	CHECK_EQ(timer_next_ns(0), 0);
	CHECK_EQ(timer_next_ns(1), now_ns + 600000);
	be_cpu(0);
	CHECK(timer_cancel(&a));
	CHECK_EQ(timer_next_ns(1), 0);
	CHECK(!timer_cancel(&a));
}

static void meddle(struct timer *timer)
{
	runs++;
	be_cpu(1);
	/* It stays where it runs: no two handlers of it at once. */
	timer_start(timer, now_ns + 100000);
	CHECK_EQ(timer_next_ns(0), now_ns + 100000);
	CHECK_EQ(timer_next_ns(1), 0);
	be_cpu(0);
	/* In the handler itself it does not wait for the handler. */
	CHECK(timer_cancel(timer));
	timer_start(timer, now_ns + 200000);
}

TEST(a_running_timer_that_another_cpu_sets_stays)
{
	struct timer timer = { .handler = meddle };

	runs = 0;
	timer_start(&timer, now_ns);
	interrupt();
	CHECK_EQ(runs, 1);
	CHECK_EQ(device.set_ns, 200000);
	CHECK(timer_cancel(&timer));
}

TEST(a_device_whose_clock_went_wrong_is_replaced)
{
	timer_start(&a, now_ns + 500000);
	be_cpu(1);
	timer_start(&b, now_ns + 700000);
	be_cpu(0);
	device.sets = 0;
	clockevent_withdraw(&poor);
	CHECK(clockevent_current() == &good);
	clockevent_withdraw(&good);
	CHECK(clockevent_current() == &poor);
	CHECK_EQ(device.sets, 1);
	CHECK_EQ(device.set_ns, 500000);
	be_cpu(1);
	asked->fn(asked->arg);
	/* One device for both: the first timer counts. */
	CHECK_EQ(device.sets, 1);
	be_cpu(0);
}

TEST(one_device_serves_all_cpus)
{
	runs = 0;
	CHECK(timer_cancel(&a));
	CHECK_EQ(device.set_ns, 700000);
	timer_start(&a, now_ns + 900000);
	now_ns += 700000;
	asked = NULL;
	interrupt();
	/* Nothing was due here. */
	CHECK_EQ(runs, 0);
	CHECK_EQ(device.set_ns, 200000);
	be_cpu(1);
	asked->fn(asked->arg);
	CHECK(last_run == &b);
	be_cpu(0);
	now_ns += 200000;
	interrupt();
	CHECK(last_run == &a);
	CHECK_EQ(runs, 2);
	CHECK(!device.armed);
}

/* A thread does it, and nothing is armed. */
TEST(where_none_interrupts_timers_are_looked_at)
{
	u64 interrupts;

	be_cpu(0);
	interrupts = timer_interrupt_count(0);
	timers_polled(0);
	runs = device.sets = 0;
	CHECK_EQ(timer_start(&a, now_ns + 500), 0);
	CHECK_EQ(timer_start(&b, now_ns + 900), 0);
	timers_poll();
	CHECK_EQ(runs, 0);
	now_ns += 500;
	timers_poll();
	CHECK_EQ(runs, 1);
	CHECK(last_run == &a);
	CHECK(timer_cancel(&b));
	now_ns += 500;
	timers_poll();
	CHECK_EQ(runs, 1);
	CHECK_EQ(device.sets, 0);
	CHECK_EQ(timer_interrupt_count(0), interrupts);
}
