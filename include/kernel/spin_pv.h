/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Spinlocks whose waiters halt. Where CPUs are threads of a host, who holds a
 * lock, or is next in its queue, may be stopped while others burn their time
 * waiting for it. With these two operations a waiter that has waited for long
 * gives its CPU back to the host until it is needed.
 *
 * Nothing has to be looked up for that: who is next in the queue is known to
 * the one before it, and the first waiter leaves its CPU's number in the lock.
 */
#pragma once

#include <kernel/spinlock.h>

struct spin_pv_ops {
	/*
	 * Halt this CPU until somebody kicks it, unless *@byte is not @value
	 * any more: a kick that comes after the caller stored @value there
	 * must not be missed. May return at any time without reason. With
	 * interrupts masked or not, as the caller has them; preemption is
	 * disabled.
	 */
	void (*wait)(const u8 *byte, u8 value);
	/* Let the wait() that @cpu is in or about to enter return. */
	void (*kick)(unsigned cpu);
	/* How often a waiter looks before each wait(); 0: as is usual. */
	unsigned tries;
};

/**
 * Use @ops for all locks from now on. On the boot CPU at level VIRT: 0, or
 * -EBUSY when other CPUs run. @ops stays for good.
 */
int spin_pv_init(const struct spin_pv_ops *ops);

/*
 * How often waiters halted since boot, on all CPUs, and how often one was
 * kicked: for the report.
 */
void spin_pv_counts(u64 *halts, u64 *kicks);

/*
 * One lock with operations of its own, to try them: a lock is used with the
 * same @ops by all. Otherwise as raw_spin_lock() and raw_spin_unlock().
 */
void spin_lock_with(struct spinlock *lock, const struct spin_pv_ops *ops);
void spin_unlock_with(struct spinlock *lock, const struct spin_pv_ops *ops);
