/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mutual exclusion for threads, who sleep while they wait and may sleep while
 * they hold it. Not recursive; who locks unlocks. Whoever comes first after an
 * unlock gets it: a thread that runs does not wait for one to wake. A zeroed
 * mutex is unlocked. Never in interrupts or with a spinlock held.
 */
#pragma once

#include <kernel/lock_debug.h>
#include <kernel/wait.h>

struct mutex {
	struct thread *owner;
	struct wait_queue waiters;
	struct lock_debug debug;
};

void mutex_lock(struct mutex *mutex);

/** Try until @until_ns. False: it was not to be had. */
bool mutex_lock_until(struct mutex *mutex, u64 until_ns);

/** Lock it if it is free; never sleeps. */
bool mutex_trylock(struct mutex *mutex);

void mutex_unlock(struct mutex *mutex);

/** True if the caller holds it: for assertions. */
static inline bool mutex_is_mine(const struct mutex *mutex)
{
	return atomic_read(&mutex->owner) == current_thread();
}
