/* SPDX-License-Identifier: BSD-2-Clause */
#include "core.h"
#include <kernel/cpu.h>
#include <kernel/errno.h>
#include <kernel/semaphore.h>
#include <kernel/smp.h>
#include <kernel/thread.h>

static struct {
	struct thread *partner;
	bool stop;
} turns;

static void give_turns_back(void *arg)
{
	(void)arg;
	while (!READ_ONCE(turns.stop))
		thread_yield();
}

int bench_switch_begin(void)
{
	struct thread_attr attr = { .bound = true, .cpu = smp_processor_id() };

	WRITE_ONCE(turns.stop, false);
	turns.partner = thread_create("turns", give_turns_back, NULL, &attr);
	return turns.partner ? 0 : -ENOMEM;
}

/* Each time there, and back. */
void bench_switch(u64 count)
{
	for (u64 i = 0; i < count; i += 2)
		thread_yield();
}

void bench_switch_end(void)
{
	WRITE_ONCE(turns.stop, true);
	thread_join(turns.partner);
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
	struct thread_attr attr = { .bound = true };

	if (bench_other_cpu())
		return -ENODEV;
	attr.cpu = cpumask_next_cyclic(&cpu_online_mask, smp_processor_id());
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
