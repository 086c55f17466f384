/* SPDX-License-Identifier: BSD-2-Clause */
#include <kernel/semaphore.h>

bool semaphore_try_down(struct semaphore *semaphore)
{
	unsigned count = atomic_read(&semaphore->count);

	/* The acquire pairs with semaphore_up(): what came before that. */
	while (count) {
		if (atomic_cmpxchg_acquire(&semaphore->count, &count,
					   count - 1))
			return true;
	}
	return false;
}

bool semaphore_down_until(struct semaphore *semaphore, u64 until_ns)
{
	return wait_event_until(&semaphore->waiters,
				semaphore_try_down(semaphore), until_ns);
}

void semaphore_down(struct semaphore *semaphore)
{
	(void)semaphore_down_until(semaphore, WAIT_FOREVER);
}

void semaphore_up(struct semaphore *semaphore)
{
	atomic_fetch_add(&semaphore->count, 1U);
	wake_one(&semaphore->waiters);
}
