/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the network stack stands on, for one thread of the host: time that goes
 * on when somebody sleeps, work that runs then, pollers without threads.
 */
#pragma once

#include <pthread.h>
#include <stdlib.h>
#include <kernel/mm/slab.h>
#include <kernel/net.h>
#include <kernel/sched.h>
#include <kernel/smp.h>
#include <kernel/string.h>
#include <kernel/thread.h>
#include <kernel/time.h>
#include <kernel/work.h>
#include "../../kernel/net/netdev.h"

#define FAKE_DELAYED_MAX 16
/* How far time goes on at most in one sleep. */
#define FAKE_STEP_NS (10 * NSEC_PER_MSEC)

static u64 fake_now = NSEC_PER_SEC;
static struct work *fake_work;
static struct {
	struct delayed_work *work;
	u64 due_ns;
} fake_delayed[FAKE_DELAYED_MAX];
/* Set: the n-th allocation from now on, and all after it, fails. */
static unsigned fake_allocations_left;
/* The next thread_join() is for the client, not for a poller. */
static bool fake_client_should_end;

u64 time_ns(void)
{
	return fake_now;
}

void *kmalloc(size_t size)
{
	if (fake_allocations_left && !--fake_allocations_left) {
		fake_allocations_left = 1;
		return NULL;
	}
	return malloc(size);
}

void *kzalloc(size_t size)
{
	void *memory = kmalloc(size);

	if (memory)
		memset(memory, 0, size);
	return memory;
}

void kfree(const void *object)
{
	free((void *)object);
}

void might_sleep(void)
{
	if (preempt_disabled())
		abort();
}

bool work_queue(struct work *work)
{
	struct work **link = &fake_work;

	if (work->pending)
		return false;
	while (*link)
		link = &(*link)->next;
	work->pending = true;
	work->next = NULL;
	*link = work;
	return true;
}

bool work_cancel(struct work *work)
{
	struct work **link = &fake_work;

	while (*link && *link != work)
		link = &(*link)->next;
	if (!*link)
		return false;
	*link = work->next;
	work->pending = false;
	return true;
}

void work_flush(struct work *work)
{
	if (work_cancel(work))
		work->fn(work);
}

int work_queue_at(struct delayed_work *work, u64 due_ns)
{
	unsigned free = FAKE_DELAYED_MAX;

	for (unsigned i = 0; i < FAKE_DELAYED_MAX; i++) {
		if (fake_delayed[i].work == work) {
			fake_delayed[i].due_ns = due_ns;
			return 0;
		}
		if (!fake_delayed[i].work)
			free = i;
	}
	if (free == FAKE_DELAYED_MAX)
		abort();
	fake_delayed[free].work = work;
	fake_delayed[free].due_ns = due_ns;
	return 0;
}

bool work_cancel_delayed(struct delayed_work *work)
{
	for (unsigned i = 0; i < FAKE_DELAYED_MAX; i++) {
		if (fake_delayed[i].work != work)
			continue;
		fake_delayed[i].work = NULL;
		return true;
	}
	return work_cancel(&work->work);
}

/* Run what is due, and what waits in devices. */
static inline void fake_net_run(void)
{
	for (unsigned i = 0; i < FAKE_DELAYED_MAX; i++) {
		struct delayed_work *work = fake_delayed[i].work;

		if (!work || fake_delayed[i].due_ns > fake_now)
			continue;
		fake_delayed[i].work = NULL;
		work_queue(&work->work);
	}
	while (fake_work) {
		struct work *work = fake_work;

		work_cancel(work);
		work->fn(work);
	}
	for (struct net_device *net = net_first(); net; net = net->next)
		for (unsigned i = 0; i < net->pairs; i++)
			if (net->pair[i].open)
				while (net_poll(&net->pair[i]))
					;
}

/* Let @ns pass. */
static inline __unused void fake_net_pass(u64 ns)
{
	u64 until = fake_now + ns;

	while (fake_now < until) {
		fake_now = MIN(until, fake_now + FAKE_STEP_NS);
		fake_net_run();
	}
}

void sched_prepare_sleep(void)
{
}

/* The test's, if it has somebody else do something meanwhile. */
void (*fake_meanwhile)(void);

/*
 * A thread that is no poller: one of the host's, which runs while the test
 * waits for it to sleep, and the other way round.
 */
static struct {
	struct thread thread;
	pthread_t host;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	void (*fn)(void *arg);
	void *arg;
	bool exists, ended, its_turn;
} fake_client = { .lock = PTHREAD_MUTEX_INITIALIZER,
		  .changed = PTHREAD_COND_INITIALIZER };

/* It is the other one's turn, until it says that it is the caller's. */
static inline void fake_give_turn(bool to_client)
{
	pthread_mutex_lock(&fake_client.lock);
	fake_client.its_turn = to_client;
	pthread_cond_broadcast(&fake_client.changed);
	while (fake_client.its_turn == to_client && !fake_client.ended)
		pthread_cond_wait(&fake_client.changed, &fake_client.lock);
	pthread_mutex_unlock(&fake_client.lock);
}

static void *fake_client_main(void *arg)
{
	pthread_mutex_lock(&fake_client.lock);
	while (!fake_client.its_turn)
		pthread_cond_wait(&fake_client.changed, &fake_client.lock);
	pthread_mutex_unlock(&fake_client.lock);
	fake_client.fn(fake_client.arg);
	pthread_mutex_lock(&fake_client.lock);
	fake_client.ended = true;
	pthread_cond_broadcast(&fake_client.changed);
	pthread_mutex_unlock(&fake_client.lock);
	return arg;
}

/* Let it run until it sleeps. */
static inline void fake_client_run(void)
{
	if (!fake_client.exists || fake_client.ended)
		return;
	if (!fake_client.host)
		pthread_create(&fake_client.host, NULL, fake_client_main, NULL);
	fake_give_turn(true);
}

bool sched_sleep(u64 until_ns)
{
	if (fake_client.its_turn && pthread_self() == fake_client.host) {
		fake_give_turn(false);
		return fake_now < until_ns;
	}
	if (fake_meanwhile)
		fake_meanwhile();
	fake_net_run();
	fake_now += FAKE_STEP_NS;
	return fake_now < until_ns;
}

bool thread_wake(struct thread *thread)
{
	(void)thread;
	return true;
}

unsigned sched_queued(unsigned cpu)
{
	(void)cpu;
	return 0;
}

int smp_call(unsigned cpu, void (*fn)(void *arg), void *arg)
{
	(void)cpu;
	fn(arg);
	return 0;
}

/* Pollers have no thread: fake_net_run() does what they do. */
struct thread *thread_create(const char *name, void (*fn)(void *arg), void *arg,
			     const struct thread_attr *attr)
{
	(void)attr;
	if (strchr(name, '/') || fake_client.exists)
		return &fake_client.thread;
	fake_client.fn = fn;
	fake_client.arg = arg;
	fake_client.exists = true;
	fake_client.ended = false;
	fake_client.host = 0;
	return &fake_client.thread;
}

/* A poller's end is not waited for; the client has been told to end. */
void thread_join(struct thread *thread)
{
	(void)thread;
	if (!fake_client.exists || !fake_client_should_end)
		return;
	while (!fake_client.ended)
		fake_client_run();
	pthread_join(fake_client.host, NULL);
	fake_client.exists = false;
	fake_client.its_turn = false;
}

void thread_sleep_until(u64 until_ns)
{
	fake_net_pass(until_ns > fake_now ? until_ns - fake_now : 0);
}
