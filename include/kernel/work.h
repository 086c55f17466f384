/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Work for later, in a thread: what an interrupt handler or another context
 * that must not sleep wants done. It runs once for each time it was queued,
 * or less often if it was still waiting then, and never twice at a time.
 *
 * A small pool of threads serves all, not one for each CPU: what is deferred
 * here is rare, and any CPU can do it. One thread waits for work; while all
 * are busy more are added, up to WORKERS_MAX, so work may sleep, but only that
 * many at a time.
 */
#pragma once

#include <kernel/timer.h>

#define WORKERS_MAX 8

/* The caller's memory, zeroed but for fn; fn may free it. */
struct work {
	void (*fn)(struct work *work);
	struct work *next; /* the core's, as what follows */
	bool pending;
};

/** Run it soon. False: it is waiting already. Any context but NMI. */
bool work_queue(struct work *work);

/** Wait until it neither waits nor runs. Sleeps; not from itself. */
void work_flush(struct work *work);

/**
 * Take it back, and wait until it does not run. True if it was waiting. Who
 * queues it must have been stopped before. Sleeps; not from itself.
 */
bool work_cancel(struct work *work);

struct delayed_work {
	struct work work;
	struct timer timer; /* the core's */
};

/**
 * Queue it when time_ns() has reached @due_ns; if it is to be queued already,
 * the new time counts. 0 or -ENODEV (no timers). Any context but NMI.
 */
int work_queue_at(struct delayed_work *work, u64 due_ns);

/** work_cancel() for one of these: waiting for its time counts as waiting. */
bool work_cancel_delayed(struct delayed_work *work);
