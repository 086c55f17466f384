/* SPDX-License-Identifier: BSD-2-Clause */
/* One thread: who would wait waits for ever, which is a mistake in the test. */
#include <kernel/mutex.h>
#include "host.h"

bool mutex_trylock(struct mutex *mutex)
{
	if (mutex->owner)
		return false;
	mutex->owner = current_thread();
	return true;
}

void mutex_lock(struct mutex *mutex)
{
	if (!mutex_trylock(mutex))
		abort();
}

bool mutex_lock_until(struct mutex *mutex, u64 until_ns)
{
	return mutex_trylock(mutex);
}

void mutex_unlock(struct mutex *mutex)
{
	if (!mutex_is_mine(mutex))
		abort();
	mutex->owner = NULL;
}
