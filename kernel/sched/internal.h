/* SPDX-License-Identifier: BSD-2-Clause */
/* What the scheduler's files share. */
#pragma once

#include <kernel/percpu.h>
#include <kernel/sched.h>
#include <kernel/smp.h>
#include <kernel/spinlock.h>
#include <kernel/timer.h>

/*
 * Threads that want one CPU. The running one is in no list. No other lock is
 * taken under a run queue's, another run queue's neither; interrupts are
 * masked. It is held across a switch: who comes back releases it.
 */
struct run_queue {
	struct spinlock lock;
	u8 levels;	  /* bit n: somebody waits at priority n */
	bool online;	  /* takes part */
	unsigned count;	  /* waiting; read without the lock by others */
	unsigned movable; /* of these, those not bound: the same */
	struct thread *last[THREAD_PRIORITIES]; /* of each circle */
	struct thread *current;
	struct thread *idle;
	struct timer slice;  /* ends current's turn */
	u64 since_ns;	     /* when current began to be charged */
	u64 since_stolen_ns; /* steal_clock() then */
	struct sched_cpu_times times;
};

DECLARE_PER_CPU(struct run_queue, run_queue);

/* The queue's lists (queue.c). Under its lock. */

/** Let @thread wait, behind others of its priority or before them. */
void queue_add(struct run_queue *rq, struct thread *thread, bool first);
void queue_remove(struct run_queue *rq, struct thread *thread);
/** The one to run first, or NULL. */
struct thread *queue_first(const struct run_queue *rq);
/** The best one that may run on another CPU, or NULL. */
struct thread *queue_first_unbound(const struct run_queue *rq);
/**
 * Who runs next: @prev, which ran until now, if @may_stay, nobody more urgent
 * waits, and its turn is not over while equals wait; else the first one, off
 * the queue; NULL if nobody.
 */
struct thread *queue_choose(struct run_queue *rq, struct thread *prev,
			    bool may_stay);

/* Switching (core.c). */

enum schedule_reason {
	SCHEDULE_SLEEP,	  /* the caller stops unless it was woken */
	SCHEDULE_PREEMPT, /* it stays if nobody should be preferred */
	SCHEDULE_YIELD,	  /* it goes behind its equals */
	SCHEDULE_EXIT,	  /* it has ended */
};
/** Run what should run. Interrupts may be masked, and stay as they are. */
void schedule(enum schedule_reason reason);

/** The boot thread begins to share CPU 0 with others. Once. */
void sched_start(struct thread *idle);

/** True if @cpu has an idle thread, and may have others. */
bool sched_takes_part(unsigned cpu);

/** Put @thread, which is runnable and in no queue, in @cpu's. */
void sched_enqueue(struct thread *thread, unsigned cpu);

/** What a new thread does first, and what it is switched to with. */
void sched_begin(struct thread *prev);

/* Who goes where (balance.c). */

/** CPUs with nothing to do. */
extern struct cpumask sched_idle_mask;

/** The CPU for @thread, which wants to run. */
unsigned sched_choose_cpu(const struct thread *thread);
/** Wake an idle CPU, if there is one, to look for work at @cpu. */
void sched_offer(unsigned cpu);
/** Take a thread from another CPU's queue into this CPU's. Idle threads. */
bool sched_steal(unsigned cpu);

/* Time (account.c). Under the queue's lock. */

/** Charge the running thread until now; the time. */
u64 account_current(struct run_queue *rq, unsigned cpu);

/* Threads' lives (thread.c). */

/** @thread has left its stack for ever. With preemption disabled. */
void thread_ended(struct thread *thread);
/** Register @thread, which has its name, for `ps`. Gives it an id. */
void thread_publish(struct thread *thread);

/** An idle thread's life (idle.c). Interrupts masked. */
__noreturn void sched_idle_loop(void);
