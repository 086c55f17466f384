/* SPDX-License-Identifier: BSD-2-Clause */
/* Mutexes: an owner, and a queue of those who want to be. */
#include <kernel/mutex.h>

static bool take(struct mutex *mutex)
{
	struct thread *nobody = NULL;

	/* The acquire pairs with the exchange in mutex_unlock(). */
	return atomic_cmpxchg_acquire(&mutex->owner, &nobody, current_thread());
}

bool mutex_trylock(struct mutex *mutex)
{
	if (!take(mutex))
		return false;
	lock_debug_taken(mutex, &mutex->debug, LOCK_SLEEPS | LOCK_TRIED);
	return true;
}

bool mutex_lock_until(struct mutex *mutex, u64 until_ns)
{
	might_sleep();
	if (lock_debug_take(mutex, &mutex->debug, LOCK_SLEEPS))
		return true;
	if (!take(mutex) &&
	    !wait_event_until(&mutex->waiters, take(mutex), until_ns)) {
		return false;
	}
	lock_debug_taken(mutex, &mutex->debug, LOCK_SLEEPS);
	return true;
}

void mutex_lock(struct mutex *mutex)
{
	(void)mutex_lock_until(mutex, WAIT_FOREVER);
}

void mutex_unlock(struct mutex *mutex)
{
	if (!lock_debug_release(mutex, &mutex->debug))
		return;
	/*
	 * Releases what was stored under it, and is a full barrier before
	 * the look at the queue: who queued itself before is seen here, who
	 * does afterwards sees that there is no owner.
	 */
	(void)atomic_xchg(&mutex->owner, (struct thread *)NULL);
	wake_one(&mutex->waiters);
}
