/* SPDX-License-Identifier: BSD-2-Clause */
#include "core.h"
#include <kernel/cpu.h>
#include <kernel/errno.h>
#include <kernel/semaphore.h>
#include <kernel/smp.h>
#include <kernel/thread.h>

static void yield_often(void *arg)
{
	u64 count = *(u64 *)arg;

	while (count--)
		thread_yield();
}

void bench_context_switch(u64 count)
{
	struct thread_attr attr = { .bound = true, .cpu = smp_processor_id() };
	u64 each = count / 2 + 1;
	struct thread *threads[2];

	for (unsigned i = 0; i < 2; i++)
		threads[i] = thread_create("switch", yield_often, &each, &attr);
	for (unsigned i = 0; i < 2; i++)
		if (threads[i])
			thread_join(threads[i]);
}

static struct {
	struct semaphore ping, pong;
	struct thread *partner;
	bool stop;
} wake;

static void answer(void *arg)
{
	(void)arg;
	for (;;) {
		semaphore_down(&wake.ping);
		if (READ_ONCE(wake.stop))
			return;
		semaphore_up(&wake.pong);
	}
}

int bench_wake_begin(void)
{
	unsigned self = smp_processor_id();
	struct thread_attr attr = { .bound = true };

	if (bench_other_cpu())
		return -ENODEV;
	for_each_online_cpu(attr.cpu)
		if (attr.cpu != self)
			break;
	WRITE_ONCE(wake.stop, false);
	wake.partner = thread_create("answer", answer, NULL, &attr);
	return wake.partner ? 0 : -ENOMEM;
}

void bench_wake(u64 count)
{
	while (count--) {
		semaphore_up(&wake.ping);
		semaphore_down(&wake.pong);
	}
}

void bench_wake_end(void)
{
	WRITE_ONCE(wake.stop, true);
	semaphore_up(&wake.ping);
	thread_join(wake.partner);
}

static void end_at_once(void *arg)
{
	(void)arg;
}

void bench_thread(u64 count)
{
	while (count--) {
		struct thread *thread =
			thread_create("short", end_at_once, NULL, NULL);

		if (thread)
			thread_join(thread);
	}
}
