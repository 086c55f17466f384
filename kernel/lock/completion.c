/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Completions. Everything is under the queue's lock, which the waiter takes
 * after the one who completes has given it up for the last time: that is why
 * the object may be the waiter's local variable.
 */
#include <kernel/completion.h>

/* What complete_all() sets: it is not counted down from. */
#define DONE_FOR_ALL UINT32_MAX

void complete(struct completion *completion)
{
	unsigned long irqs = spin_lock_irqsave(&completion->waiters.lock);

	if (completion->done < DONE_FOR_ALL - 1)
		completion->done++;
	wake_one_locked(&completion->waiters);
	spin_unlock_irqrestore(&completion->waiters.lock, irqs);
}

void complete_all(struct completion *completion)
{
	unsigned long irqs = spin_lock_irqsave(&completion->waiters.lock);

	completion->done = DONE_FOR_ALL;
	while (wake_one_locked(&completion->waiters))
		;
	spin_unlock_irqrestore(&completion->waiters.lock, irqs);
}

/* Under the lock. */
static bool take(struct completion *completion)
{
	if (!completion->done)
		return false;
	if (completion->done != DONE_FOR_ALL)
		completion->done--;
	return true;
}

/* Take it or, unless this is the @last look, prepare to sleep. */
static bool look(struct completion *completion, struct waiter *waiter,
		 bool last)
{
	unsigned long irqs = spin_lock_irqsave(&completion->waiters.lock);
	bool taken = take(completion);

	if (taken || last)
		wait_finish_locked(&completion->waiters, waiter);
	else
		wait_prepare_locked(&completion->waiters, waiter);
	spin_unlock_irqrestore(&completion->waiters.lock, irqs);
	return taken;
}

bool completion_wait_until(struct completion *completion, u64 until_ns)
{
	struct waiter waiter = { .thread = current_thread() };
	bool in_time = true;

	might_sleep();
	while (!look(completion, &waiter, !in_time)) {
		if (!in_time)
			return false;
		in_time = sched_sleep(until_ns);
	}
	return true;
}

void completion_wait(struct completion *completion)
{
	(void)completion_wait_until(completion, WAIT_FOREVER);
}

bool completion_done(const struct completion *completion)
{
	return atomic_read(&completion->done);
}
