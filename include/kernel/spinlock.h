/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Spinlocks: short critical sections, in any context but NMI. First come,
 * first served. What interrupt handlers lock as well must be locked with the
 * _irqsave form everywhere else. Not recursive. The holder is not preempted
 * and must not sleep.
 *
 * They are queued (Mellor-Crummey and Scott 1991): who finds one taken waits in
 * memory of its own CPU, so that a lock that many want is not read by all of
 * them. On a hypervisor that offers it, who waits for long halts its CPU, and
 * is woken by who lets it go on: see <kernel/spin_pv.h>.
 */
#pragma once

#include <kernel/atomic.h>
#include <kernel/cpu.h>
#include <kernel/lock_debug.h>
#include <kernel/preempt.h>

/* Zeroed memory is an unlocked one. */
struct spinlock {
	union {
		u32 word; /* 0: unlocked, and nobody waits */
		struct {
			u8 held;
			u8 reserved;
			u16 tail; /* who came last: see kernel/lock/spinlock.c
				   */
		};
	};
	u16 halted; /* the CPU, plus 1, of the first waiter when it halted */
	struct lock_debug debug;
};

#define SPINLOCK_INIT \
 {                    \
  .word = 0           \
 }

/* Values of spinlock.held. */
#define SPIN_FREE   0
#define SPIN_HELD   1
#define SPIN_HALTED 2 /* held, and the first waiter must be kicked */

/* What <kernel/spin_pv.h> installed; NULL: waiters spin. */
extern const struct spin_pv_ops *spin_pv;

/** What follows the attempt to take it at once. Preemption disabled. */
void spin_lock_wait(struct spinlock *lock);
/** Giving it up where waiters may have halted. */
void spin_unlock_kick(struct spinlock *lock);

/*
 * The lock alone, for who gives it to another thread in a switch: not watched
 * by CONFIG_DEBUG_LOCKS.
 */
static inline bool raw_spin_trylock(struct spinlock *lock)
{
	u32 unlocked = 0;

	/*
	 * The acquire pairs with the release of who held it last: what that
	 * one stored is seen by everything after this.
	 */
	return atomic_cmpxchg_acquire(&lock->word, &unlocked, (u32)SPIN_HELD);
}

static inline void raw_spin_lock(struct spinlock *lock)
{
	preempt_disable();
	if (unlikely(!raw_spin_trylock(lock)))
		spin_lock_wait(lock);
}

/* Does not look for something to run. */
static inline void raw_spin_unlock(struct spinlock *lock)
{
	/* Releases what was stored under it to who takes it next. */
	if (unlikely(spin_pv))
		spin_unlock_kick(lock);
	else
		atomic_store_release(&lock->held, SPIN_FREE);
	preempt_enable_no_resched();
}

/** Take @lock, waiting as long as its holders take. */
static inline void spin_lock(struct spinlock *lock)
{
	preempt_disable();
	if (lock_debug_take(lock, &lock->debug, 0, 0))
		return;
	if (unlikely(!raw_spin_trylock(lock)))
		spin_lock_wait(lock);
	lock_debug_taken(lock, &lock->debug, 0);
}

/** Take @lock if it is free; never waits. */
static inline bool spin_trylock(struct spinlock *lock)
{
	preempt_disable();
	if (!raw_spin_trylock(lock)) {
		preempt_enable();
		return false;
	}
	(void)lock_debug_take(lock, &lock->debug, LOCK_TRIED, 0);
	lock_debug_taken(lock, &lock->debug, 0);
	return true;
}

/* spin_unlock() without looking for something to run. */
static inline void spin_unlock_no_resched(struct spinlock *lock)
{
	switch (lock_debug_release(lock, &lock->debug, 0)) {
	case LOCK_RELEASE: raw_spin_unlock(lock); break;
	case LOCK_KEEP: preempt_enable_no_resched(); break;
	case LOCK_REFUSE: break;
	}
}

/** Give up @lock, which the caller holds. */
static inline void spin_unlock(struct spinlock *lock)
{
	spin_unlock_no_resched(lock);
	preempt_check();
}

/** True if somebody holds @lock: for assertions. */
static inline bool spin_is_locked(const struct spinlock *lock)
{
	return atomic_read(&lock->held) != SPIN_FREE;
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
	spin_unlock_no_resched(lock);
	local_irq_restore(state);
	/* With the interrupts: a thread that takes over wants them. */
	preempt_check();
}
