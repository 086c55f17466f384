/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls between CPUs that are threads of the host. An interrupt is a signal,
 * so it comes between any two instructions, and masking it is blocking it.
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <kernel/arch_smp.h>
#include <kernel/cpu.h>
#include <kernel/errno.h>
#include <kernel/irq.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include "../../kernel/smp/internal.h"
#include "unit.h"

#define CPUS	    4
#define ROUNDS	    300
#define IPI_SIGNAL  SIGUSR1
#define LATE_TIME_S 100 /* added to the clock: waits are over */

extern char __bss_start[], _end[];

unsigned percpu__cpu_number;
struct cpumask cpu_online_mask;

static pthread_t threads[CPUS];
static unsigned interrupts, nmis_asked, times_said;
static u64 added_s;

unsigned cpu_count(void)
{
	return CPUS;
}

bool irq_available(void)
{
	return true;
}

u64 time_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return ((u64)now.tv_sec + atomic_read(&added_s)) * NSEC_PER_SEC +
	       (u64)now.tv_nsec;
}

void printk(enum log_level level, unsigned flags, const char *fmt, ...)
{
	atomic_fetch_add(&times_said, 1U);
}

void panic(const char *fmt, ...)
{
	abort();
}

void smp_ask_where(unsigned cpu)
{
	atomic_fetch_add(&nmis_asked, 1U);
}

void ipi_send(unsigned cpu, enum ipi_kind kind)
{
	atomic_fetch_add(&interrupts, 1U);
	pthread_kill(threads[cpu], IPI_SIGNAL);
}

void ipi_send_mask(const struct cpumask *mask, enum ipi_kind kind)
{
	unsigned cpu;

	for_each_cpu(cpu, mask)
		ipi_send(cpu, kind);
}

static void take_interrupt(int signal)
{
	smp_call_interrupt();
}

static void set_blocked(int how, sigset_t *old)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, IPI_SIGNAL);
	pthread_sigmask(how, &set, old);
}

unsigned long unit_irq_save(void)
{
	sigset_t old;

	set_blocked(SIG_BLOCK, &old);
	return (unsigned long)sigismember(&old, IPI_SIGNAL);
}

void unit_irq_restore(unsigned long state)
{
	if (!state)
		set_blocked(SIG_UNBLOCK, NULL);
}

void unit_relax(void)
{
	sched_yield();
}

static pthread_barrier_t barrier_all;
static void (*body)(unsigned cpu);

static void *run_cpu(void *arg)
{
	unsigned cpu = (unsigned)(uintptr_t)arg;

	unit_percpu_offset = percpu_offsets[cpu];
	this_cpu_write(cpu_number, cpu);
	threads[cpu] = pthread_self();
	pthread_barrier_wait(&barrier_all);
	body(cpu);
	/* Who is done can still be called. */
	pthread_barrier_wait(&barrier_all);
	return NULL;
}

/* Run @fn on all CPUs at once. */
static void run(void (*fn)(unsigned cpu))
{
	struct sigaction action = { .sa_handler = take_interrupt,
				    .sa_flags = SA_RESTART };
	size_t size = (size_t)(_end - __bss_start);
	pthread_t joined[CPUS];

	body = fn;
	cpu_online_mask = (struct cpumask){ { (1U << CPUS) - 1 } };
	sigaction(IPI_SIGNAL, &action, NULL);
	pthread_barrier_init(&barrier_all, NULL, CPUS);
	for (unsigned i = 0; i < CPUS; i++) {
		char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		percpu_offsets[i] = (uintptr_t)memory - (uintptr_t)__bss_start;
		if (memory == MAP_FAILED ||
		    pthread_create(&joined[i], NULL, run_cpu,
				   (void *)(uintptr_t)i))
			abort();
	}
	for (unsigned i = 0; i < CPUS; i++)
		pthread_join(joined[i], NULL);
	pthread_barrier_destroy(&barrier_all);
}

static u64 calls_taken[CPUS], wrong;

struct order {
	unsigned from, number;
	u32 answered; /* by CPU */
};

static void answer(void *arg)
{
	struct order *order = arg;

	calls_taken[smp_processor_id()]++;
	atomic_fetch_add(&order->answered, 1U << smp_processor_id());
}

static void call_all(unsigned cpu)
{
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct order order = { .from = cpu, .number = i };

		smp_call_mask(&cpu_online_mask, answer, &order);
		/* Each once, and all before the call returned. */
		if (order.answered != (1U << CPUS) - 1)
			atomic_fetch_add(&wrong, (u64)1);
	}
}

TEST(all_cpus_call_all_at_the_same_time)
{
	memset(calls_taken, 0, sizeof(calls_taken));
	run(call_all);
	CHECK_EQ(wrong, 0);
	for (unsigned i = 0; i < CPUS; i++)
		CHECK_EQ(calls_taken[i], CPUS * ROUNDS);
	CHECK_EQ(times_said, 0);
}

static void call_one(unsigned cpu)
{
	for (unsigned i = 0; i < ROUNDS; i++) {
		unsigned target = (cpu + i) % CPUS;
		struct order order = { .from = cpu };

		if (smp_call(target, answer, &order) ||
		    order.answered != 1U << target)
			atomic_fetch_add(&wrong, (u64)1);
	}
	if (smp_call(CPUS, answer, NULL) != -ENODEV ||
	    smp_call(UINT32_MAX, answer, NULL) != -ENODEV)
		atomic_fetch_add(&wrong, (u64)1);
}

TEST(all_cpus_call_one_another)
{
	memset(calls_taken, 0, sizeof(calls_taken));
	run(call_one);
	CHECK_EQ(wrong, 0);
	for (unsigned i = 0; i < CPUS; i++)
		CHECK_EQ(calls_taken[i], ROUNDS);
}

static unsigned async_runs, async_sent;

static void run_async(void *arg)
{
	atomic_fetch_add((unsigned *)arg, 1U);
}

static void send_async(unsigned cpu)
{
	static struct smp_call_request requests[CPUS];

	requests[cpu].fn = run_async;
	requests[cpu].arg = &async_runs;
	for (unsigned i = 0; i < ROUNDS; i++) {
		while (smp_call_async((cpu + i) % CPUS, &requests[cpu]))
			sched_yield();
		atomic_fetch_add(&async_sent, 1U);
	}
	while (atomic_read(&async_runs) < CPUS * ROUNDS)
		sched_yield();
}

TEST(calls_without_waiting_each_run_once)
{
	run(send_async);
	CHECK_EQ(async_sent, CPUS * ROUNDS);
	CHECK_EQ(async_runs, CPUS * ROUNDS);
}

/* CPU 1 masks its interrupts until CPU 0 has complained. */
static void call_the_deaf(unsigned cpu)
{
	struct order order = { .from = cpu };
	unsigned long irq;

	if (cpu == 1) {
		irq = local_irq_save();
		pthread_barrier_wait(&barrier_all);
		while (!atomic_read(&nmis_asked)) {
			atomic_fetch_add(&added_s, (u64)LATE_TIME_S);
			sched_yield();
		}
		local_irq_restore(irq);
		return;
	}
	pthread_barrier_wait(&barrier_all);
	if (cpu == 0 && (smp_call(1, answer, &order) || order.answered != 2))
		atomic_fetch_add(&wrong, (u64)1);
}

TEST(a_silent_cpu_is_named_once_and_waited_for)
{
	run(call_the_deaf);
	CHECK_EQ(wrong, 0);
	CHECK_EQ(nmis_asked, 1);
	CHECK_EQ(times_said, 2);
}
