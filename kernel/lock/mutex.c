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
	uintptr_t site = (uintptr_t)__builtin_return_address(0);

	if (!take(mutex))
		return false;
	(void)lock_debug_take(mutex, &mutex->debug, LOCK_SLEEPS | LOCK_TRIED,
			      site);
	lock_debug_taken(mutex, &mutex->debug, site);
	return true;
}

static bool lock_at(struct mutex *mutex, u64 until_ns, uintptr_t site)
{
	might_sleep();
	if (lock_debug_take(mutex, &mutex->debug, LOCK_SLEEPS, site))
		return true;
	if (!take(mutex) &&
	    !wait_event_until(&mutex->waiters, take(mutex), until_ns))
		return false;
	lock_debug_taken(mutex, &mutex->debug, site);
	return true;
}

bool mutex_lock_until(struct mutex *mutex, u64 until_ns)
{
	return lock_at(mutex, until_ns, (uintptr_t)__builtin_return_address(0));
}

void mutex_lock(struct mutex *mutex)
{
	(void)lock_at(mutex, WAIT_FOREVER,
		      (uintptr_t)__builtin_return_address(0));
}

void mutex_unlock(struct mutex *mutex)
{
	uintptr_t site = (uintptr_t)__builtin_return_address(0);

	if (lock_debug_release(mutex, &mutex->debug, site) != LOCK_RELEASE)
		return;
	/*
	 * Releases what was stored under it, and is a full barrier before
	 * the look at the queue: who queued itself before is seen here, who
	 * does afterwards sees that there is no owner.
	 */
	(void)atomic_xchg(&mutex->owner, (struct thread *)NULL);
	wake_one(&mutex->waiters);
}
