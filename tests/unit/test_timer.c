/* SPDX-License-Identifier: BSD-2-Clause */
/* The heap of timers, and what their device is told. */
#include "unit.h"
#include <stdlib.h>
#include <kernel/clockevent.h>
#include <kernel/clocksource.h>
#include <kernel/errno.h>
#include <kernel/printk.h>
#include <kernel/time.h>
#include <kernel/timer.h>

static u64 now_ns = 1000000;

u64 time_ns(void)
{
	return now_ns;
}

void clocksource_watch(void)
{
}

void printk(enum log_level level, unsigned flags, const char *fmt, ...)
{
	(void)level;
	(void)flags;
	(void)fmt;
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

static struct {
	u64 set_ns;
	unsigned sets, stops, probes;
	bool armed;
} device;

static void device_set(u64 ns)
{
	device.set_ns = ns;
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

static int present_probe(void)
{
	device.probes++;
	return 0;
}

static struct clockevent best = { .name = "absent",
				  .rating = 3,
				  .probe = absent_probe };
static struct clockevent good = { .name = "good",
				  .rating = 2,
				  .probe = present_probe,
				  .set = device_set,
				  .stop = device_stop,
				  .max_ns = NSEC_PER_SEC };
static struct clockevent poor = { .name = "poor",
				  .rating = 1,
				  .probe = present_probe,
				  .set = device_set,
				  .stop = device_stop,
				  .max_ns = NSEC_PER_SEC };
CLOCKEVENT(poor);
CLOCKEVENT(best);
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

TEST(the_best_device_that_works_is_used)
{
	clockevent_init();
	CHECK(clockevent_current() == &good);
	CHECK_EQ(device.probes, 2);
	CHECK(timer_available());
	CHECK(!device.armed);
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

TEST(a_device_that_went_wrong_is_replaced)
{
	timer_start(&a, now_ns + 500000);
	device.sets = 0;
	clockevent_withdraw(&poor);
	CHECK(clockevent_current() == &good);
	clockevent_withdraw(&good);
	CHECK(clockevent_current() == &poor);
	CHECK_EQ(device.sets, 1);
	CHECK_EQ(device.set_ns, 500000);
	CHECK(timer_cancel(&a));
}
