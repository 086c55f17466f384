/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hardware queues. Whoever has something to do with one says so in its `todo`
 * and tries to take its lock. If another CPU has the lock, that one does it
 * too before it goes on to something else: so nobody ever waits for the lock,
 * in interrupts and out of them, and what several CPUs submit together goes to
 * the device together.
 *
 *	who wants		who has the lock
 *	store what is to be	unlock
 *	done into todo
 *	full barrier		full barrier
 *	try to lock		look at todo
 *
 * One of the two sees the other. A pass under the lock takes what was finished,
 * sends what waits, and leaves the lock before it tells the device and calls
 * done(). What done() submits is collected, for the next pass.
 */
#include "internal.h"
#include <kernel/errno.h>
#include <kernel/percpu.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <kernel/time.h>

/*
 * Passes in a row with interrupts masked; then a thread goes on. Policy: two
 * serve an interrupt, and the rest catches what came meanwhile.
 */
#define PASSES_MAX 8
/* The watch looks so often in the time a command may take. */
#define WATCHES 4

/* What this CPU is at, and what was submitted meanwhile. */
struct run {
	struct block_plug plug;
	struct block_queue *queue;
	unsigned passes;
};

static DEFINE_PER_CPU(struct run *, running);

/* What a pass leaves for after the unlock. */
struct pass {
	struct block_fifo done;
	bool notify;
	bool overdue;
};

static void count(struct block_queue *queue, const struct block_request *r,
		  int status)
{
	unsigned kind = MIN(r->operation, BLOCK_KIND_OTHER);
	struct block_counts *c = &queue->stats.kind[kind];

	c->requests++;
	c->sectors += r->sectors;
	c->failed += status != 0;
	c->ns += queue->now_ns - r->queued_ns;
}

/* @first and what was merged into it. */
static void end_requests(struct block_queue *queue, struct pass *pass,
			 struct block_request *first, int status)
{
	while (first) {
		struct block_request *r = first;

		first = r->merged;
		r->status = status;
		r->done_ns = queue->now_ns;
		if (!r->steps || status)
			count(queue, r, status);
		block_fifo_add(&pass->done, r);
	}
}

static void end_command(struct block_queue *queue, struct pass *pass,
			struct block_command *command, int status)
{
	command->state = COMMAND_FREE;
	command->next = queue->free;
	queue->free = command;
	queue->busy--;
	end_requests(queue, pass, command->first, status);
}

static void reap(struct block_queue *queue, struct pass *pass)
{
	const struct block_ops *ops = queue->disk->ops;
	struct block_command *command;
	int status;

	if (queue->armed) {
		queue->armed = false;
		ops->arm(queue, false);
	}
	while ((command = ops->reap(queue, &status)))
		end_command(queue, pass, command, status);
}

static void insert(struct block_queue *queue, struct pass *pass,
		   struct block_request *r)
{
	while (r) {
		struct block_request *next = r->next;

		r->queued_ns = queue->now_ns;
		if (unlikely(queue->disk->closed))
			end_requests(queue, pass, r, -EIO);
		else if (queue->scheduler->insert(queue, r))
			queue->stats.kind[MIN(r->operation, BLOCK_KIND_OTHER)]
				.merged++;
		r = next;
	}
}

/* What other CPUs have left. */
static void collect(struct block_queue *queue, struct pass *pass)
{
	unsigned cpu;

	for_each_cpu(cpu, &queue->pending) {
		struct block_software *software = &queue->disk->software[cpu];
		struct block_fifo fifo;

		/* Before the look at it: who adds to it sets it afterwards. */
		cpumask_clear_atomic(&queue->pending, cpu);
		spin_lock(&software->lock);
		fifo = software->fifo;
		software->fifo = (struct block_fifo){ 0 };
		spin_unlock_no_resched(&software->lock);
		insert(queue, pass, fifo.first);
	}
}

static struct block_command *make_command(struct block_queue *queue)
{
	struct block_command *command = queue->free;
	struct block_request *r;

	if (!command)
		return NULL;
	r = queue->scheduler->next(queue);
	if (!r)
		return NULL;
	queue->free = command->next;
	queue->busy++;
	command->first = r;
	command->start = r->start;
	command->sectors = r->total_sectors;
	command->segments = r->total_segments;
	command->operation = r->step;
	command->flags = r->flags & BLOCK_COMMAND_FLAGS;
	command->overdue = 0;
	return command;
}

/* There is no room. False: there never will be. */
static bool refuse(struct block_queue *queue, struct block_command *command,
		   int err)
{
	if (err != -EAGAIN && (err != -ENOSPC || queue->busy == 1))
		return false;
	command->state = COMMAND_REFUSED;
	queue->refused = command;
	return true;
}

static void dispatch(struct block_queue *queue, struct pass *pass)
{
	for (;;) {
		struct block_command *command = queue->refused;
		int ret;

		queue->refused = NULL;
		if (likely(!command))
			command = make_command(queue);
		if (!command)
			return;
		ret = queue->disk->ops->post(queue, command);
		if (likely(!ret)) {
			command->state = COMMAND_SENT;
			command->sent_ns = queue->now_ns;
			queue->stats.commands++;
			queue->commit = true;
		} else if (refuse(queue, command, ret)) {
			return;
		} else {
			end_command(queue, pass, command,
				    ret == -ENOSPC ? -EIO : ret);
		}
	}
}

/* The disk is closed: what the device does not have ends here. */
static void drop_waiting(struct block_queue *queue, struct pass *pass)
{
	struct block_command *command = queue->refused;
	struct block_request *r;

	queue->refused = NULL;
	if (command)
		end_command(queue, pass, command, -EIO);
	while ((r = queue->scheduler->next(queue)))
		end_requests(queue, pass, r, -EIO);
}

/* The device is done with all, or was reset. */
static void abandon(struct block_queue *queue, struct pass *pass)
{
	for (unsigned i = 0; i < queue->disk->depth; i++) {
		struct block_command *command = block_command_at(queue, i);

		if (command->state != COMMAND_FREE)
			end_command(queue, pass, command, -EIO);
	}
}

static void start_watch(struct block_queue *queue)
{
	u64 interval_ns = queue->disk->timeout_ns / WATCHES;

	queue->watching =
		!timer_start(&queue->timer, queue->now_ns + interval_ns);
}

static void watch(struct block_queue *queue, struct pass *pass)
{
	queue->watching = false;
	if (queue->disk->dead)
		return;
	for (unsigned i = 0; i < queue->disk->depth; i++) {
		struct block_command *command = block_command_at(queue, i);

		/*
		 * What was refused the device does not have: it waits for room,
		 * not for the device. And where the whole machine had stopped
		 * time has passed at once: the device gets until the next look.
		 */
		if (command->state != COMMAND_SENT ||
		    queue->now_ns - command->sent_ns <
			    queue->disk->timeout_ns ||
		    ++command->overdue < 2)
			continue;
		pass->overdue = true;
		return;
	}
}

/* The part of a pass that talks to the device. */
static void serve(struct block_queue *queue, struct pass *pass)
{
	const struct block_ops *ops = queue->disk->ops;

	dispatch(queue, pass);
	if (queue->commit) {
		queue->commit = false;
		pass->notify = ops->commit(queue);
		queue->stats.notifications += pass->notify;
	}
	/* After the last of several passes, so that it interrupts less. */
	if (!queue->armed && !queue->disk->polled && !pass->done.first) {
		queue->armed = true;
		if (!ops->arm(queue, true))
			(void)atomic_fetch_or(&queue->todo, TODO_REAP);
	}
}

static void do_pass(struct block_queue *queue, struct pass *pass,
		    struct block_request *list, u32 todo)
{
	struct block_disk *disk = queue->disk;

	queue->now_ns = time_ns();
	if (todo & TODO_REAP && !disk->dead)
		reap(queue, pass);
	if (todo & TODO_WATCH)
		watch(queue, pass);
	if (todo & TODO_COLLECT)
		collect(queue, pass);
	insert(queue, pass, list);
	if (unlikely(disk->closed))
		drop_waiting(queue, pass);
	if (todo & TODO_ABANDON)
		abandon(queue, pass);
	if (likely(!disk->dead))
		serve(queue, pass);
	if (unlikely(queue->busy && !queue->watching))
		start_watch(queue);
}

static void append(struct block_plug *to, const struct block_plug *from)
{
	if (!from->first)
		return;
	if (to->last)
		to->last->next = from->first;
	else
		to->first = from->first;
	to->last = from->last;
}

static void call_done(struct run *run, struct block_request *r)
{
	while (r) {
		struct block_request *next = r->next;

		r->next = NULL;
		if (unlikely(r->steps) && block_request_next_step(r))
			append(&run->plug, &(struct block_plug){ r, r });
		else
			r->done(r);
		r = next;
	}
}

/* With the lock, which it gives up. */
static void pass_and_unlock(struct run *run, struct block_queue *queue,
			    struct block_request *list)
{
	struct block_disk *disk = queue->disk;
	struct pass pass = { 0 };
	u32 todo = 0;

	if (atomic_read(&queue->todo))
		todo = atomic_xchg(&queue->todo, 0U);
	run->queue = queue;
	run->passes++;
	do_pass(queue, &pass, list, todo);
	if (!queue->armed && !disk->polled && !disk->dead)
		(void)atomic_fetch_or(&queue->todo, (u32)TODO_ARM);
	spin_unlock_no_resched(&queue->lock);
	if (pass.notify)
		disk->ops->notify(queue);
	if (unlikely(pass.overdue) && !atomic_xchg(&disk->overdue, true))
		disk->ops->timed_out(disk);
	call_done(run, pass.done.first);
}

/* For who has the lock: @list of this CPU. */
static void leave(struct block_queue *queue, struct block_request *list,
		  u32 todo)
{
	unsigned cpu = smp_processor_id();
	struct block_software *software = &queue->disk->software[cpu];

	if (list) {
		spin_lock(&software->lock);
		while (list) {
			struct block_request *next = list->next;

			block_fifo_add(&software->fifo, list);
			list = next;
		}
		spin_unlock_no_resched(&software->lock);
		cpumask_set_atomic(&queue->pending, cpu);
		todo |= TODO_COLLECT;
	}
	/* A full barrier: see the top of the file. */
	(void)atomic_fetch_or(&queue->todo, todo);
}

/* Cut the first requests that go to the same queue off @plug. */
static struct block_queue *take_list(struct block_plug *plug,
				     struct block_request **list)
{
	struct block_request *last = plug->first;
	struct block_disk *disk = last->device->disk;

	while (last->next && last->next->device->disk == disk)
		last = last->next;
	*list = plug->first;
	plug->first = last->next;
	if (!plug->first)
		plug->last = NULL;
	last->next = NULL;
	return block_queue_here(disk);
}

/* The first requests in @run's plug, if they go to @queue. */
static struct block_request *take_more(struct run *run,
				       const struct block_queue *queue)
{
	struct block_request *list = run->plug.first;

	if (!list || block_queue_here(list->device->disk) != queue)
		return NULL;
	take_list(&run->plug, &list);
	return list;
}

static void run_queue(struct run *run, struct block_queue *queue,
		      struct block_request *list, u32 todo)
{
	bool locked = !todo && spin_trylock(&queue->lock);

	for (;;) {
		if (!locked) {
			leave(queue, list, todo);
			if (!spin_trylock(&queue->lock))
				return;
			list = NULL;
		}
		pass_and_unlock(run, queue, list);
		/* Between the unlock and the look: see the top of the file. */
		fence_full();
		list = take_more(run, queue);
		todo = 0;
		if (!list && !atomic_read(&queue->todo))
			return;
		if (run->passes >= PASSES_MAX)
			break;
		locked = spin_trylock(&queue->lock);
	}
	leave(queue, list, 0);
	work_queue(&queue->work);
}

static void run_plug(struct run *run)
{
	struct block_request *list;

	while (run->plug.first) {
		struct block_queue *queue = take_list(&run->plug, &list);

		if (run->passes < PASSES_MAX) {
			run_queue(run, queue, list, 0);
			continue;
		}
		leave(queue, list, 0);
		work_queue(&queue->work);
	}
}

/* In a done(), or in a driver's notify(): the run below it goes on. */
static void run_later(struct run *run, const struct block_plug *plug,
		      struct block_queue *queue, u32 todo)
{
	append(&run->plug, plug);
	if (!queue)
		return;
	(void)atomic_fetch_or(&queue->todo, todo);
	if (queue != run->queue)
		work_queue(&queue->work);
}

/* All that is done with queues is done in here. */
static void run(const struct block_plug *plug, struct block_queue *queue,
		u32 todo)
{
	unsigned long state = local_irq_save();
	struct run *outer = this_cpu_read(running);
	struct run run = { .plug = *plug };

	if (outer) {
		run_later(outer, plug, queue, todo);
		local_irq_restore(state);
		return;
	}
	preempt_disable();
	this_cpu_write(running, &run);
	if (queue)
		run_queue(&run, queue, NULL, todo);
	run_plug(&run);
	this_cpu_write(running, NULL);
	preempt_enable_no_resched();
	local_irq_restore(state);
	preempt_check();
}

void block_queue_run(struct block_queue *queue, u32 todo)
{
	run(&(struct block_plug){ 0 }, queue, todo);
}

void block_queue_interrupt(struct block_queue *queue)
{
	/* Not exact: others may count at the same time. */
	queue->stats.interrupts++;
	block_queue_run(queue, TODO_REAP);
}

void block_plug_flush(struct block_plug *plug)
{
	struct block_plug taken = *plug;

	*plug = (struct block_plug){ 0 };
	if (taken.first)
		run(&taken, NULL, 0);
}
