/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Waiting for a condition. Who makes it true stores that first and then calls
 * wake_one() or wake_all(); who waits looks at it after having queued itself:
 * one of the two sees the other, because both steps are full barriers. A
 * zeroed queue is ready for use.
 */
#pragma once

#include <kernel/sched.h>
#include <kernel/spinlock.h>

/* One thread in a queue, on its own stack. */
struct waiter {
	struct waiter *next;
	struct waiter *previous;
	struct thread *thread;
	bool queued;
	bool again; /* it had its turn and lost it: it is the first now */
};

struct wait_queue {
	struct spinlock lock;
	struct waiter *first;
	struct waiter *last;
};

/**
 * Wait until @condition holds or time_ns() has reached @until_ns: true if it
 * holds. It is an expression that may be evaluated often, with no lock held;
 * it must not sleep. If it takes something when it comes true (as a trylock
 * does), it is not evaluated after that.
 */
#define wait_event_until(wq, condition, until_ns) \
 ({ \
struct waiter __waiter = { .thread = current_thread() }; \
bool __done = (condition); \
might_sleep(); \
if (!__done) { \
do { \
wait_prepare(wq, &__waiter); \
__done = (condition); \
} while (!__done && sched_sleep(until_ns)); \
/* Who was not needed to be woken passes that on. */ \
if (wait_finish(wq, &__waiter) && __done) \
wake_one(wq); \
/* What woke us in the last moment woke nobody else. */ \
__done = __done || (condition); \
} \
__done; \
 })

/** The same without a limit. */
#define wait_event(wq, condition) \
 ((void)wait_event_until(wq, condition, WAIT_FOREVER))

/** Queue @waiter, if it is not, before looking at the condition. */
void wait_prepare(struct wait_queue *wq, struct waiter *waiter);
/**
 * Not waiting any more. On return no waker uses @waiter or its thread. True:
 * somebody woke it since wait_prepare().
 */
bool wait_finish(struct wait_queue *wq, struct waiter *waiter);

/** Wake who has waited longest. False: nobody. Any context but NMI. */
bool wake_one(struct wait_queue *wq);
void wake_all(struct wait_queue *wq);

/* The same for those who hold wq->lock, with interrupts masked. */
void wait_prepare_locked(struct wait_queue *wq, struct waiter *waiter);
bool wait_finish_locked(struct wait_queue *wq, struct waiter *waiter);
bool wake_one_locked(struct wait_queue *wq);
