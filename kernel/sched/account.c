/* SPDX-License-Identifier: BSD-2-Clause */
/* Whose time it was. */
#include "internal.h"

static steal_clock_fn steal_reader;

steal_clock_fn sched_set_steal_clock(steal_clock_fn clock)
{
	steal_clock_fn before = atomic_xchg(&steal_reader, clock);
	unsigned cpu;

	/* What was stolen before is nobody's time from now on. */
	for_each_online_cpu(cpu) {
		struct run_queue *rq = &per_cpu(run_queue, cpu);
		unsigned long irqs = spin_lock_irqsave(&rq->lock);

		rq->since_stolen_ns = steal_clock(cpu);
		spin_unlock_irqrestore(&rq->lock, irqs);
	}
	return before;
}

u64 steal_clock(unsigned cpu)
{
	steal_clock_fn clock = atomic_load_acquire(&steal_reader);

	return clock ? clock(cpu) : 0;
}

/* The part of @delta that was stolen: hosts count late, and may count wrong. */
static u64 take_stolen(struct run_queue *rq, unsigned cpu, u64 delta)
{
	u64 clock = steal_clock(cpu), stolen;

	stolen = clock > rq->since_stolen_ns ? clock - rq->since_stolen_ns : 0;
	/* What is more than has passed is left for the next time. */
	stolen = MIN(stolen, delta);
	if (clock < rq->since_stolen_ns)
		rq->since_stolen_ns = clock;
	else
		rq->since_stolen_ns += stolen;
	return stolen;
}

u64 account_current(struct run_queue *rq, unsigned cpu)
{
	struct thread *thread = rq->current;
	u64 now = time_ns(), delta, stolen;

	delta = now > rq->since_ns ? now - rq->since_ns : 0;
	rq->since_ns = now;
	stolen = take_stolen(rq, cpu, delta);
	rq->times.steal_ns += stolen;
	delta -= stolen;
	WRITE_ONCE(thread->cpu_ns, thread->cpu_ns + delta);
	thread->slice_ns -= MIN(delta, thread->slice_ns);
	if (thread == rq->idle)
		rq->times.idle_ns += delta;
	else
		rq->times.busy_ns += delta;
	return now;
}

void sched_get_times(unsigned cpu, struct sched_cpu_times *times)
{
	struct run_queue *rq = &per_cpu(run_queue, cpu);
	unsigned long irqs = spin_lock_irqsave(&rq->lock);

	if (rq->online)
		account_current(rq, cpu);
	*times = rq->times;
	spin_unlock_irqrestore(&rq->lock, irqs);
}

unsigned sched_queued(unsigned cpu)
{
	return READ_ONCE(per_cpu(run_queue, cpu).count);
}
