/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Switching from one thread to another.
 *
 * A thread's `state` decides between going to sleep and being woken, and each
 * step is one atomic operation: the sleeper's WAITING -> ASLEEP in schedule()
 * and the waker's anything -> RUNNABLE in thread_wake(). Either the sleeper's
 * comes first, and the waker finds ASLEEP and puts it in a queue; or the
 * waker's does, and the sleeper finds RUNNABLE and stays. Because both are full
 * barriers, as is the one in sched_prepare_sleep(), a sleeper that does not see
 * what the waker stored before is seen to wait by it.
 */
#define pr_fmt(fmt) "sched: " fmt

#include <kernel/arch_thread.h>
#include <kernel/atomic.h>
#include <kernel/cpu.h>
#include <kernel/irq.h>
#include <kernel/printk.h>
#include <kernel/vsprintf.h>
#include "internal.h"

/* Policy: hosts may be slow to run a CPU that is on its way. */
#define CPU_READY_MS 5000

DEFINE_PER_CPU(struct run_queue, run_queue);

static bool running;

bool sched_running(void)
{
	return READ_ONCE(running);
}

/* False: @prev stops running now, until it is woken or for good. */
static bool stays(struct thread *prev, enum schedule_reason reason)
{
	u8 waiting = THREAD_WAITING;

	if (reason == SCHEDULE_EXIT) {
		/*
		 * Not before: whoever switches from a dead thread takes it for
		 * gone, which one that is preempted is not.
		 */
		atomic_write(&prev->state, (u8)THREAD_DEAD);
		return false;
	}
	return reason != SCHEDULE_SLEEP ||
	       !atomic_cmpxchg(&prev->state, &waiting, (u8)THREAD_ASLEEP);
}

/* The timer comes no later than at @end_ns. */
static bool slice_is_set(const struct run_queue *rq, u64 end_ns)
{
	return READ_ONCE(rq->slice.node.queued) && rq->slice.node.key <= end_ns;
}

/*
 * A turn ends by a timer if somebody waits for that. To set a device costs a
 * guest an exit, so a timer that comes too early, for a turn before this one,
 * is left alone, and set again when it has come. Only a CPU that goes idle
 * stops it, in order not to be woken.
 */
static void arm_slice(struct run_queue *rq, const struct thread *next, u64 now)
{
	const struct thread *first = queue_first(rq);
	u64 end_ns = now + next->slice_ns;

	if (next == rq->idle) {
		if (rq->slice.node.queued)
			timer_cancel(&rq->slice);
	} else if (first && first->priority == next->priority &&
		   !slice_is_set(rq, end_ns)) {
		timer_start(&rq->slice, end_ns);
	}
}

static void slice_over(struct timer *timer)
{
	struct run_queue *rq = container_of(timer, struct run_queue, slice);
	u64 now;

	raw_spin_lock(&rq->lock);
	now = account_current(rq, smp_processor_id());
	if (rq->current->slice_ns)
		arm_slice(rq, rq->current, now);
	else
		WRITE_ONCE(rq->current->need_resched, true);
	raw_spin_unlock(&rq->lock);
}

/* Who runs next on this CPU; everything but the switch itself is done. */
static struct thread *choose_next(struct run_queue *rq, struct thread *prev,
				  enum schedule_reason reason)
{
	u64 now = account_current(rq, smp_processor_id());
	bool stay = stays(prev, reason);
	struct thread *next;

	WRITE_ONCE(prev->need_resched, false);
	if (reason == SCHEDULE_YIELD)
		prev->slice_ns = 0;
	next = queue_choose(rq, prev, stay && prev != rq->idle);
	if (next != prev && stay && prev != rq->idle)
		queue_add(rq, prev, prev->slice_ns);
	if (!next)
		next = rq->idle;
	if (!next->slice_ns)
		next->slice_ns = SCHED_SLICE_NS;
	arm_slice(rq, next, now);
	return next;
}

/*
 * On the new thread's stack. The release makes everything that @prev did,
 * and the saving of its registers, seen by the CPU that runs it next, which
 * acquired on_cpu in thread_wake(), or the queue's lock.
 */
static void finish_switch(struct thread *prev)
{
	bool dead = atomic_read(&prev->state) == THREAD_DEAD;

	/* So that nothing below comes back to schedule(). */
	preempt_disable();
	atomic_store_release(&prev->on_cpu, false);
	raw_spin_unlock(&this_cpu_ptr(run_queue)->lock);
	if (dead)
		thread_ended(prev);
	/* Who was preempted may go on elsewhere. */
	sched_offer(smp_processor_id());
	preempt_enable_no_resched();
}

static void switch_to(struct run_queue *rq, struct thread *prev,
		      struct thread *next, enum schedule_reason reason)
{
	if (reason == SCHEDULE_PREEMPT)
		prev->switches_involuntary++;
	else
		prev->switches_voluntary++;
	rq->times.switches++;
	if (prev == rq->idle)
		cpumask_clear_atomic(&sched_idle_mask, smp_processor_id());
	next->on_cpu = true;
	rq->current = next;
	arch_set_current(next);
	finish_switch(arch_switch(prev, next));
}

void schedule(enum schedule_reason reason)
{
	struct thread *self = current_thread(), *next;
	struct run_queue *rq;
	unsigned long irqs;

	if (!sched_running())
		return;
	irqs = local_irq_save();
	do {
		rq = this_cpu_ptr(run_queue);
		raw_spin_lock(&rq->lock);
		next = choose_next(rq, self, reason);
		if (next != self)
			switch_to(rq, self, next, reason);
		else
			raw_spin_unlock(&rq->lock);
		reason = SCHEDULE_PREEMPT;
	} while (READ_ONCE(self->need_resched));
	local_irq_restore(irqs);
}

void sched_begin(struct thread *prev)
{
	struct thread *self;

	finish_switch(prev);
	/* Without an interrupt controller they stay masked for good. */
	if (irq_available())
		local_irq_enable();
	preempt_check();
	self = current_thread();
	self->fn(self->arg);
	thread_exit();
}

/* With interrupts masked, it comes when they are unmasked. */
void preempt_schedule(void)
{
	if (!sched_running())
		return;
	if (local_irq_enabled())
		schedule(SCHEDULE_PREEMPT);
	else if (irq_available())
		smp_send_reschedule(smp_processor_id());
}

void preempt_schedule_interrupt(void)
{
	schedule(SCHEDULE_PREEMPT);
}

/* True if rq->current's CPU must look at the queue that @thread is now in. */
static bool matters(const struct run_queue *rq, const struct thread *thread)
{
	if (rq->current == rq->idle || thread->priority > rq->current->priority)
		return true;
	/* Then the turn of the running one must come to an end. */
	return thread->priority == rq->current->priority &&
	       !slice_is_set(rq, rq->since_ns + rq->current->slice_ns);
}

void sched_enqueue(struct thread *thread, unsigned cpu)
{
	struct run_queue *rq = &per_cpu(run_queue, cpu);
	unsigned long irqs = spin_lock_irqsave(&rq->lock);
	bool look, busy = rq->current != rq->idle;

	if (thread->cpu != cpu)
		thread->migrations++;
	thread->cpu = cpu;
	queue_add(rq, thread, false);
	look = matters(rq, thread);
	if (look)
		WRITE_ONCE(rq->current->need_resched, true);
	/* Not to be preempted here: the others' CPUs first. */
	preempt_disable();
	spin_unlock_irqrestore(&rq->lock, irqs);
	if (look && cpu != smp_processor_id())
		smp_send_reschedule(cpu);
	if (busy)
		sched_offer(cpu);
	preempt_enable();
}

bool thread_wake(struct thread *thread)
{
	u8 was = atomic_xchg(&thread->state, (u8)THREAD_RUNNABLE);

	if (was != THREAD_ASLEEP)
		return was == THREAD_WAITING;
	/*
	 * It may still be on its stack, on its way out on another CPU, where
	 * interrupts are masked until it has left. The acquire pairs with
	 * finish_switch().
	 */
	while (atomic_load_acquire(&thread->on_cpu))
		cpu_relax();
	sched_enqueue(thread, sched_choose_cpu(thread));
	return true;
}

/* This CPU runs its current thread from now on, and others next to it. */
static void start_queue(struct run_queue *rq, struct thread *idle)
{
	rq->current = current_thread();
	rq->idle = idle;
	rq->slice.handler = slice_over;
	rq->since_ns = time_ns();
	rq->since_stolen_ns = steal_clock(smp_processor_id());
	rq->current->on_cpu = true;
	rq->current->cpu = smp_processor_id();
	/* Releases all of that to sched_takes_part(). */
	atomic_store_release(&rq->online, true);
}

/* They came up just before, and are on their way to their idle threads. */
static void wait_for_cpus(void)
{
	u64 limit = time_ns() + CPU_READY_MS * NSEC_PER_MSEC;
	unsigned cpu;

	for_each_online_cpu(cpu) {
		while (!sched_takes_part(cpu) && time_ns() < limit)
			cpu_relax();
		if (!sched_takes_part(cpu))
			pr_warn("CPU %u does not get ready: it gets no "
				"threads",
				cpu);
	}
}

bool sched_takes_part(unsigned cpu)
{
	return cpu_is_online(cpu) &&
	       atomic_load_acquire(&per_cpu(run_queue, cpu).online);
}

void sched_start(struct thread *idle)
{
	start_queue(this_cpu_ptr(run_queue), idle);
	wait_for_cpus();
	WRITE_ONCE(running, true);
}

void sched_start_cpu(void)
{
	struct thread *idle = current_thread();

	snprintf(idle->name_buffer, sizeof(idle->name_buffer), "idle/%u",
		 smp_processor_id());
	idle->name = idle->name_buffer;
	idle->bound = true;
	idle->priority = THREAD_PRIORITY_IDLE;
	start_queue(this_cpu_ptr(run_queue), idle);
	thread_publish(idle);
	sched_idle_loop();
}
