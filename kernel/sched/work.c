/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Deferred work and the threads that do it. There is always one that waits,
 * unless there are WORKERS_MAX: whoever takes work first sees to that. So
 * queueing work never needs memory, and works in any context.
 */
#define pr_fmt(fmt) "work: " fmt

#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/printk.h>
#include <kernel/thread.h>
#include <kernel/wait.h>
#include <kernel/work.h>

/* A thread that comes free ends if so many others wait. */
#define WORKERS_WAITING_MAX 2

/* A thread that runs work: on its stack, while it does. */
struct worker {
	struct worker *next;
	const struct work *work; /* only compared: it may be freed by itself */
};

static struct {
	struct spinlock lock; /* of all but the queues */
	struct work *first, *last;
	struct worker *busy;
	unsigned workers; /* in all */
	unsigned waiting; /* of these; new ones are counted before they start */
	struct wait_queue work_comes;
	struct wait_queue work_ended;
} pool;

static bool is_running(const struct work *work)
{
	const struct worker *it = pool.busy;

	while (it && it->work != work)
		it = it->next;
	return it;
}

bool work_queue(struct work *work)
{
	unsigned long irqs = spin_lock_irqsave(&pool.lock);
	bool fresh = !work->pending;

	if (fresh) {
		work->pending = true;
		work->next = NULL;
		if (pool.last)
			pool.last->next = work;
		else
			pool.first = work;
		pool.last = work;
	}
	spin_unlock_irqrestore(&pool.lock, irqs);
	if (fresh)
		wake_one(&pool.work_comes);
	return fresh;
}

/* Unlink @work, which comes after @before (NULL: it is the first). */
static void unlink_work(struct work *work, struct work *before)
{
	if (before)
		before->next = work->next;
	else
		pool.first = work->next;
	if (pool.last == work)
		pool.last = before;
	work->pending = false;
}

/* The first that does not run at the moment, off the list; or NULL. */
static struct work *take_first(void)
{
	struct work *before = NULL, *work = pool.first;

	while (work && is_running(work)) {
		before = work;
		work = work->next;
	}
	if (work)
		unlink_work(work, before);
	return work;
}

/* Take work for @worker. *@alone: it must see that another one waits. */
static struct work *take_work(struct worker *worker, bool *alone)
{
	unsigned long irqs = spin_lock_irqsave(&pool.lock);
	struct work *work = take_first();

	*alone = false;
	if (work) {
		worker->work = work;
		worker->next = pool.busy;
		pool.busy = worker;
		pool.waiting--;
		*alone = !pool.waiting && pool.workers < WORKERS_MAX;
		pool.waiting += *alone;
		pool.workers += *alone;
	}
	spin_unlock_irqrestore(&pool.lock, irqs);
	return work;
}

/* @worker has run its work. False: enough others wait. */
static bool end_work(const struct worker *worker)
{
	unsigned long irqs = spin_lock_irqsave(&pool.lock);
	bool stay = pool.waiting < WORKERS_WAITING_MAX;
	struct worker **link = &pool.busy;

	while (*link != worker)
		link = &(*link)->next;
	*link = worker->next;
	pool.waiting += stay;
	pool.workers -= !stay;
	spin_unlock_irqrestore(&pool.lock, irqs);
	wake_all(&pool.work_ended);
	/* What was queued again while it ran waits for somebody else now. */
	if (!stay)
		wake_one(&pool.work_comes);
	return stay;
}

static void worker_main(void *arg);

/* One that the pool counts already. */
static int start_worker(void)
{
	static const struct thread_attr attr = { .detached = true };
	unsigned long irqs;

	if (thread_create("worker", worker_main, NULL, &attr))
		return 0;
	irqs = spin_lock_irqsave(&pool.lock);
	pool.waiting--;
	pool.workers--;
	spin_unlock_irqrestore(&pool.lock, irqs);
	return -ENOMEM;
}

static void worker_main(void *arg __unused)
{
	struct worker self;
	struct work *work;
	bool alone;

	do {
		wait_event(&pool.work_comes, (work = take_work(&self, &alone)));
		if (alone)
			start_worker();
		work->fn(work);
	} while (end_work(&self));
}

/* Neither waiting nor running. */
static bool is_idle(const struct work *work)
{
	unsigned long irqs = spin_lock_irqsave(&pool.lock);
	bool idle = !work->pending && !is_running(work);

	spin_unlock_irqrestore(&pool.lock, irqs);
	return idle;
}

void work_flush(struct work *work)
{
	wait_event(&pool.work_ended, is_idle(work));
}

static bool take_back(struct work *work)
{
	unsigned long irqs = spin_lock_irqsave(&pool.lock);
	struct work *before = NULL, *it = pool.first;
	bool pending = work->pending;

	while (pending && it != work) {
		before = it;
		it = it->next;
	}
	if (pending)
		unlink_work(work, before);
	spin_unlock_irqrestore(&pool.lock, irqs);
	return pending;
}

bool work_cancel(struct work *work)
{
	bool pending = take_back(work);

	work_flush(work);
	return pending;
}

static void queue_delayed(struct timer *timer)
{
	work_queue(&container_of(timer, struct delayed_work, timer)->work);
}

int work_queue_at(struct delayed_work *work, u64 due_ns)
{
	work->timer.handler = queue_delayed;
	return timer_start(&work->timer, due_ns);
}

bool work_cancel_delayed(struct delayed_work *work)
{
	bool set = timer_cancel(&work->timer);

	return work_cancel(&work->work) || set;
}

static int work_init(void)
{
	pool.workers = 1;
	pool.waiting = 1;
	return start_worker();
}
initcall(INIT_SCHED, work_init);
