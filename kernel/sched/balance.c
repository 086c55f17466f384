/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who goes where. Work is spread by those who have none: there is no moving of
 * threads between busy CPUs.
 *
 * A CPU that becomes idle says so in sched_idle_mask and then looks at the
 * others' queues; who makes a thread wait looks at the mask afterwards. With
 * a full barrier between the two steps on both sides, one of them sees what
 * the other did.
 */
#include <kernel/atomic.h>
#include "internal.h"

/* How many CPUs an idle one looks at: with more, this takes its time. */
#define STEAL_SEARCH_MAX 64

struct cpumask sched_idle_mask;

/* The first idle CPU after @cpu, or CONFIG_NR_CPUS. */
static unsigned next_idle(unsigned cpu)
{
	unsigned found = cpumask_next(&sched_idle_mask, cpu + 1);

	return found < CONFIG_NR_CPUS ? found
				      : cpumask_next(&sched_idle_mask, 0);
}

unsigned sched_choose_cpu(const struct thread *thread)
{
	unsigned last = thread->cpu, idle;

	if (thread->bound || cpumask_test(&sched_idle_mask, last))
		return last;
	idle = next_idle(last);
	return idle < CONFIG_NR_CPUS ? idle : last;
}

void sched_offer(unsigned cpu)
{
	unsigned idle;

	if (cpu_count() == 1 || !READ_ONCE(per_cpu(run_queue, cpu).movable))
		return;
	/* Between queue_add() and the look at the mask, as said above. */
	fence_full();
	idle = next_idle(cpu);
	if (idle < CONFIG_NR_CPUS && idle != cpu)
		smp_send_reschedule(idle);
}

/* The CPU with the most threads that can be taken, or @self if none has any. */
static unsigned busiest(unsigned self)
{
	unsigned cpus = cpu_count(), best = self, most = 0;

	for (unsigned i = 1; i < cpus && i <= STEAL_SEARCH_MAX; i++) {
		unsigned cpu = (self + i) % cpus;
		unsigned n;

		if (!cpu_is_online(cpu))
			continue;
		n = READ_ONCE(per_cpu(run_queue, cpu).movable);
		if (n > most) {
			most = n;
			best = cpu;
		}
	}
	return best;
}

static struct thread *take_from(unsigned victim)
{
	struct run_queue *rq = &per_cpu(run_queue, victim);
	unsigned long irqs = spin_lock_irqsave(&rq->lock);
	struct thread *thread = queue_first_unbound(rq);

	if (thread)
		queue_remove(rq, thread);
	spin_unlock_irqrestore(&rq->lock, irqs);
	return thread;
}

/*
 * Where somebody was quicker, another CPU may have more: its offer may have
 * been what woke us, and it is not made again.
 */
bool sched_steal(unsigned self)
{
	struct thread *thread = NULL;
	unsigned victim;

	for (unsigned i = 0; i < STEAL_SEARCH_MAX && !thread; i++) {
		victim = busiest(self);
		if (victim == self)
			return false;
		thread = take_from(victim);
	}
	if (thread)
		sched_enqueue(thread, self);
	return thread;
}
