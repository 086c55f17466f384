/* SPDX-License-Identifier: BSD-2-Clause */
/* Mistakes that the watch over locks must see: each is made on purpose. */
#include <kernel/completion.h>
#include <kernel/irq.h>
#include <kernel/mutex.h>
#include <kernel/selftest.h>
#include <kernel/thread.h>
#include <kernel/timer.h>

#define LIMIT_MS 10000

static void take_both(struct spinlock *first, struct spinlock *second)
{
	unsigned long irqs = spin_lock_irqsave(first);

	spin_lock(second);
	spin_unlock(second);
	spin_unlock_irqrestore(first, irqs);
}

/* @reports more of @mistake than @before. */
static void expect_reports(struct selftest *t, enum lock_mistake mistake,
			   unsigned before, unsigned wanted)
{
	EXPECT_EQ(t, lock_debug_reports(mistake) - before, wanted);
}

static void test_order(struct selftest *t)
{
	static struct spinlock a, b;
	unsigned before = lock_debug_reports(LOCK_WRONG_ORDER);

	selftest_note(t, "one report follows");
	take_both(&a, &b);
	take_both(&a, &b);
	expect_reports(t, LOCK_WRONG_ORDER, before, 0);
	take_both(&b, &a);
	take_both(&b, &a);
	expect_reports(t, LOCK_WRONG_ORDER, before, 1);
	EXPECT(t, !spin_is_locked(&a) && !spin_is_locked(&b));
}

/* No two of them were ever taken in both orders. */
static void test_long_circle(struct selftest *t)
{
	static struct spinlock a, b, c, d;
	unsigned before = lock_debug_reports(LOCK_WRONG_ORDER);

	selftest_note(t, "one report follows");
	take_both(&a, &b);
	take_both(&b, &c);
	take_both(&c, &d);
	expect_reports(t, LOCK_WRONG_ORDER, before, 0);
	take_both(&d, &a);
	expect_reports(t, LOCK_WRONG_ORDER, before, 1);
}

/* Who only tries does not wait for anybody. */
static void test_trylock(struct selftest *t)
{
	static struct spinlock a, b;
	unsigned before = lock_debug_reports(LOCK_WRONG_ORDER);
	unsigned long irqs;

	take_both(&a, &b);
	irqs = spin_lock_irqsave(&b);
	if (EXPECT(t, spin_trylock(&a)))
		spin_unlock(&a);
	spin_unlock_irqrestore(&b, irqs);
	expect_reports(t, LOCK_WRONG_ORDER, before, 0);
}

static void test_mutex_order(struct selftest *t)
{
	static struct mutex a, b;
	unsigned before = lock_debug_reports(LOCK_WRONG_ORDER);

	selftest_note(t, "one report follows");
	mutex_lock(&a);
	mutex_lock(&b);
	mutex_unlock(&a);
	mutex_lock(&a);
	mutex_unlock(&a);
	mutex_unlock(&b);
	expect_reports(t, LOCK_WRONG_ORDER, before, 1);
}

static void test_recursive(struct selftest *t)
{
	static struct spinlock lock;
	unsigned before = lock_debug_reports(LOCK_RECURSIVE);
	unsigned count = current_thread()->preempt_count;

	selftest_note(t, "one report follows");
	spin_lock(&lock);
	spin_lock(&lock);
	spin_unlock(&lock);
	EXPECT(t, spin_is_locked(&lock));
	spin_unlock(&lock);
	EXPECT(t, !spin_is_locked(&lock));
	EXPECT_EQ(t, current_thread()->preempt_count, count);
	expect_reports(t, LOCK_RECURSIVE, before, 1);
}

static struct mutex stolen;

static void unlock_stolen(void *arg __unused)
{
	mutex_unlock(&stolen);
}

static void test_wrong_owner(struct selftest *t)
{
	static struct spinlock lock;
	unsigned before = lock_debug_reports(LOCK_WRONG_OWNER);
	unsigned count = current_thread()->preempt_count;
	struct thread *thief;

	selftest_note(t, "two reports follow");
	spin_unlock(&lock);
	EXPECT_EQ(t, current_thread()->preempt_count, count);
	mutex_lock(&stolen);
	thief = thread_create("thief", unlock_stolen, NULL, NULL);
	if (EXPECT(t, thief))
		thread_join(thief);
	EXPECT(t, mutex_is_mine(&stolen));
	mutex_unlock(&stolen);
	expect_reports(t, LOCK_WRONG_OWNER, before, 2);
}

static struct spinlock interrupted;
static struct completion interrupt_came;

static void take_in_interrupt(struct timer *timer __unused)
{
	spin_lock(&interrupted);
	spin_unlock(&interrupted);
	complete(&interrupt_came);
}

static void test_interrupt(struct selftest *t)
{
	struct timer timer = { .handler = take_in_interrupt };
	unsigned before = lock_debug_reports(LOCK_INTERRUPT);

	if (timer_start(&timer, time_ns())) {
		selftest_skip(t, "no timers");
		return;
	}
	selftest_note(t, "one report follows");
	EXPECT(t, completion_wait_until(&interrupt_came,
					time_ns() + LIMIT_MS * NSEC_PER_MSEC));
	timer_cancel(&timer);
	expect_reports(t, LOCK_INTERRUPT, before, 0);
	spin_lock(&interrupted);
	spin_unlock(&interrupted);
	expect_reports(t, LOCK_INTERRUPT, before, 1);
}

static void test_sleep(struct selftest *t)
{
	unsigned before = lock_debug_reports(LOCK_SLEEP_IN_ATOMIC);
	static struct spinlock lock;
	unsigned long irqs;

	selftest_note(t, "reports follow, of a lock and of masked interrupts");
	for (unsigned i = 0; i < 2; i++) {
		spin_lock(&lock);
		might_sleep();
		spin_unlock(&lock);
	}
	expect_reports(t, LOCK_SLEEP_IN_ATOMIC, before, 1);
	if (!irq_available())
		return;
	irqs = local_irq_save();
	might_sleep();
	local_irq_restore(irqs);
	expect_reports(t, LOCK_SLEEP_IN_ATOMIC, before, 2);
}

static const struct selftest_case debug_cases[] = {
	{ .name = "wrong-order", .run = test_order },
	{ .name = "circle-of-four", .run = test_long_circle },
	{ .name = "trying-is-no-order", .run = test_trylock },
	{ .name = "wrong-order-of-mutexes", .run = test_mutex_order },
	{ .name = "recursive", .run = test_recursive },
	{ .name = "wrong-owner", .run = test_wrong_owner },
	{ .name = "interrupt-could-wait-for-itself", .run = test_interrupt },
	{ .name = "sleep-in-atomic-context", .run = test_sleep },
	{},
};
SELFTEST_SUITE(lockdebug, "lockdebug", debug_cases, 0);
