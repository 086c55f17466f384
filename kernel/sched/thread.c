/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads: their beginning, their end, and who they are. */
#include <kernel/arch_thread.h>
#include <kernel/atomic.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/mm/slab.h>
#include <kernel/panic.h>
#include <kernel/string.h>
#include <kernel/wait.h>
#include <kernel/work.h>
#include "internal.h"
#include "stack.h"

/* Boot steps, self-tests and the shell may rely on their CPU. */
struct thread boot_thread = {
	.name = "boot",
	.bound = true,
	.priority = THREAD_PRIORITY_NORMAL,
};

/* All threads, the newest first; under its lock. */
static struct {
	struct spinlock lock;
	struct thread *first;
	unsigned count;
	unsigned last_id;
} threads;

/* Who waits for a thread to be gone: few and seldom, so one queue is enough. */
static struct wait_queue gone_queue;

/* Detached ones that are gone: linked by next. */
static struct thread *to_reap;

static void reap(struct work *work);
static struct work reaper = { .fn = reap };

void thread_publish(struct thread *thread)
{
	unsigned long irqs = spin_lock_irqsave(&threads.lock);

	thread->id = ++threads.last_id;
	thread->all_previous = NULL;
	thread->all_next = threads.first;
	if (threads.first)
		threads.first->all_previous = thread;
	threads.first = thread;
	threads.count++;
	spin_unlock_irqrestore(&threads.lock, irqs);
}

static void unpublish(struct thread *thread)
{
	unsigned long irqs = spin_lock_irqsave(&threads.lock);

	if (thread->all_previous)
		thread->all_previous->all_next = thread->all_next;
	else
		threads.first = thread->all_next;
	if (thread->all_next)
		thread->all_next->all_previous = thread->all_previous;
	threads.count--;
	spin_unlock_irqrestore(&threads.lock, irqs);
}

static bool possible(const struct thread_attr *attr)
{
	return attr->priority < THREAD_PRIORITIES &&
	       (!attr->bound || sched_takes_part(attr->cpu));
}

/* A thread that has never run, in no queue. */
static struct thread *thread_new(const char *name, void (*fn)(void *arg),
				 void *arg)
{
	struct thread *thread = kzalloc(sizeof(*thread));
	uintptr_t stack = thread ? stack_alloc() : 0;

	if (!stack) {
		kfree(thread);
		return NULL;
	}
	strscpy(thread->name_buffer, name, sizeof(thread->name_buffer));
	thread->name = thread->name_buffer;
	thread->fn = fn;
	thread->arg = arg;
	thread->stack_low = stack;
	thread->stack_high = stack + THREAD_STACK_SIZE;
	/* The run queue's lock, which sched_begin() gives up. */
	thread->preempt_count = 1;
	thread->cpu = smp_processor_id();
	arch_thread_init(thread, sched_begin);
	thread_publish(thread);
	return thread;
}

struct thread *thread_create(const char *name, void (*fn)(void *arg), void *arg,
			     const struct thread_attr *attr)
{
	static const struct thread_attr usual;
	struct thread *thread;

	if (!attr)
		attr = &usual;
	if (!sched_running() || !possible(attr))
		return NULL;
	thread = thread_new(name, fn, arg);
	if (!thread)
		return NULL;
	thread->priority =
		attr->priority ? attr->priority : THREAD_PRIORITY_NORMAL;
	thread->life = attr->detached ? THREAD_DETACHED : THREAD_JOINABLE;
	thread->bound = attr->bound;
	if (attr->bound)
		thread->cpu = attr->cpu;
	sched_enqueue(thread, sched_choose_cpu(thread));
	return thread;
}

void thread_exit(void)
{
	struct thread *self = current_thread();

	BUG_ON(self == &boot_thread || preempt_disabled());
	schedule(SCHEDULE_EXIT);
	panic("thread %s runs after its end", self->name);
}

static void thread_free(struct thread *thread)
{
	unpublish(thread);
	stack_free(thread->stack_low);
	kfree(thread);
}

void thread_ended(struct thread *thread)
{
	struct thread *first = atomic_read(&to_reap);

	if (thread->life == THREAD_JOINABLE) {
		/* Whoever joins may free it at once. */
		atomic_store_release(&thread->life, (u8)THREAD_GONE);
		wake_all(&gone_queue);
		return;
	}
	do
		thread->next = first;
	while (!atomic_cmpxchg_release(&to_reap, &first, thread));
	work_queue(&reaper);
}

static void reap(struct work *work __unused)
{
	/* The exchange acquires what thread_ended() released. */
	struct thread *thread = atomic_xchg(&to_reap, (struct thread *)NULL);

	while (thread) {
		struct thread *next = thread->next;

		thread_free(thread);
		thread = next;
	}
}

void thread_join(struct thread *thread)
{
	/* The acquire pairs with the release in thread_ended(). */
	wait_event(&gone_queue,
		   atomic_load_acquire(&thread->life) == THREAD_GONE);
	thread_free(thread);
}

static void fill_info(struct thread *thread, struct thread_info *info)
{
	struct run_queue *rq = &per_cpu(run_queue, thread->cpu);
	unsigned long irqs = spin_lock_irqsave(&rq->lock);

	if (rq->current == thread)
		account_current(rq, thread->cpu);
	strscpy(info->name, thread->name, sizeof(info->name));
	info->id = thread->id;
	info->cpu = thread->cpu;
	info->priority = thread->priority;
	info->state = atomic_read(&thread->state);
	info->on_cpu = atomic_read(&thread->on_cpu);
	info->bound = thread->bound;
	info->idle = thread->priority == THREAD_PRIORITY_IDLE;
	info->cpu_ns = thread->cpu_ns;
	info->switches_voluntary = thread->switches_voluntary;
	info->switches_involuntary = thread->switches_involuntary;
	info->migrations = thread->migrations;
	spin_unlock_irqrestore(&rq->lock, irqs);
}

bool thread_get_info(unsigned id, struct thread_info *info)
{
	unsigned long irqs = spin_lock_irqsave(&threads.lock);
	struct thread *found = NULL;

	for (struct thread *it = threads.first; it && it->id >= id;
	     it = it->all_next)
		found = it;
	if (found)
		fill_info(found, info);
	spin_unlock_irqrestore(&threads.lock, irqs);
	return found;
}

unsigned thread_count(void)
{
	return READ_ONCE(threads.count);
}

/* The boot CPU's idle thread: it gets a stack of its own, as others do. */
static void idle_main(void *arg __unused)
{
	sched_idle_loop();
}

static int sched_init(void)
{
	struct thread *idle;

	thread_publish(&boot_thread);
	idle = thread_new("idle/0", idle_main, NULL);
	if (!idle)
		panic("no memory for the first thread");
	idle->bound = true;
	sched_start(idle);
	return 0;
}
initcall(INIT_SCHED, sched_init);
