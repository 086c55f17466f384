/* SPDX-License-Identifier: BSD-2-Clause */
/* Queues of waiting threads. */
#include <kernel/wait.h>

/* At the end, or before all others. */
static void insert(struct wait_queue *wq, struct waiter *waiter, bool first)
{
	waiter->previous = first ? NULL : wq->last;
	waiter->next = first ? wq->first : NULL;
	if (waiter->previous)
		waiter->previous->next = waiter;
	else
		atomic_write(&wq->first, waiter);
	if (waiter->next)
		waiter->next->previous = waiter;
	else
		wq->last = waiter;
	waiter->queued = true;
}

static void remove(struct wait_queue *wq, struct waiter *waiter)
{
	if (waiter->previous)
		waiter->previous->next = waiter->next;
	else
		atomic_write(&wq->first, waiter->next);
	if (waiter->next)
		waiter->next->previous = waiter->previous;
	else
		wq->last = waiter->previous;
	waiter->queued = false;
}

void wait_prepare_locked(struct wait_queue *wq, struct waiter *waiter)
{
	if (!waiter->queued)
		insert(wq, waiter, waiter->again);
	waiter->again = true;
	/*
	 * A full barrier between being in the queue, which a waker looks at
	 * after it made the condition true, and the caller's look at that.
	 */
	sched_prepare_sleep();
}

bool wait_finish_locked(struct wait_queue *wq, struct waiter *waiter)
{
	bool woken = !waiter->queued;

	sched_cancel_sleep();
	if (!woken)
		remove(wq, waiter);
	return woken;
}

/*
 * The thread is woken under the lock, which wait_finish() takes: it cannot end
 * before that is over.
 */
bool wake_one_locked(struct wait_queue *wq)
{
	struct waiter *waiter = wq->first;

	if (!waiter)
		return false;
	remove(wq, waiter);
	thread_wake(waiter->thread);
	return true;
}

void wait_prepare(struct wait_queue *wq, struct waiter *waiter)
{
	unsigned long irqs = spin_lock_irqsave(&wq->lock);

	wait_prepare_locked(wq, waiter);
	spin_unlock_irqrestore(&wq->lock, irqs);
}

bool wait_finish(struct wait_queue *wq, struct waiter *waiter)
{
	unsigned long irqs = spin_lock_irqsave(&wq->lock);
	bool woken = wait_finish_locked(wq, waiter);

	spin_unlock_irqrestore(&wq->lock, irqs);
	return woken;
}

/* With the barrier that pairs with that in wait_prepare_locked(). */
static bool nobody_waits(const struct wait_queue *wq)
{
	fence_full();
	return !atomic_read(&wq->first);
}

bool wake_one(struct wait_queue *wq)
{
	unsigned long irqs;
	bool woken;

	if (nobody_waits(wq))
		return false;
	irqs = spin_lock_irqsave(&wq->lock);
	woken = wake_one_locked(wq);
	spin_unlock_irqrestore(&wq->lock, irqs);
	return woken;
}

void wake_all(struct wait_queue *wq)
{
	unsigned long irqs;

	if (nobody_waits(wq))
		return;
	irqs = spin_lock_irqsave(&wq->lock);
	while (wake_one_locked(wq))
		;
	spin_unlock_irqrestore(&wq->lock, irqs);
}
