/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Spinlocks: short critical sections, in any context. First come, first
 * served. What interrupt handlers lock as well must be locked with the
 * _irqsave form everywhere else. Not recursive. The holder is not preempted
 * and must not sleep.
 */
#pragma once

#include <kernel/atomic.h>
#include <kernel/cpu.h>
#include <kernel/preempt.h>

/* A ticket lock: zeroed memory is an unlocked one. */
struct spinlock {
	u16 next;  /* the ticket that the next comer draws */
	u16 owner; /* the ticket that may enter */
};

#define SPINLOCK_INIT \
 {                    \
  0, 0                \
 }

/** Take @lock, waiting as long as its holders take. */
static inline void spin_lock(struct spinlock *lock)
{
	u16 ticket;

	preempt_disable();
	ticket = atomic_fetch_add_relaxed(&lock->next, (u16)1);

	/*
	 * Pairs with the release in spin_unlock(): what the last holder stored
	 * is seen by everything after the loop.
	 */
	while (atomic_load_acquire(&lock->owner) != ticket)
		cpu_relax();
}

/** Take @lock if it is free; never waits. */
static inline bool spin_trylock(struct spinlock *lock)
{
	u16 owner = atomic_read(&lock->owner);
	u16 expected = owner;

	preempt_disable();
	/* The acquire pairs with spin_unlock(), as in spin_lock(). */
	if (!atomic_cmpxchg_acquire(&lock->next, &expected, (u16)(owner + 1))) {
		preempt_enable();
		return false;
	}
	/*
	 * The ticket drawn is `owner`, which is to be served next, unless the
	 * counters went round between the two reads; then it is served later.
	 */
	while (atomic_load_acquire(&lock->owner) != owner)
		cpu_relax();
	return true;
}

/** Give up @lock, which the caller holds. */
static inline void spin_unlock(struct spinlock *lock)
{
	/* Only the holder writes owner. Releases what was stored under it. */
	atomic_store_release(&lock->owner, (u16)(lock->owner + 1));
	preempt_enable();
}

/** True if somebody holds @lock: for assertions. */
static inline bool spin_is_locked(const struct spinlock *lock)
{
	return atomic_read(&lock->owner) != atomic_read(&lock->next);
}

/** spin_lock() with interrupts masked; the state to restore afterwards. */
static inline unsigned long spin_lock_irqsave(struct spinlock *lock)
{
	unsigned long state = local_irq_save();

	spin_lock(lock);
	return state;
}

static inline void spin_unlock_irqrestore(struct spinlock *lock,
					  unsigned long state)
{
	/* First the interrupts: a thread that takes over wants them. */
	preempt_disable();
	spin_unlock(lock);
	local_irq_restore(state);
	preempt_enable();
}
