/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls from one CPU to others, without locks.
 *
 * Each CPU has room for one call that it waits for. Whom it is for finds it
 * by the caller's bit in its own set `callers`. Calls that nobody waits for
 * are in a list that callers push to and the CPU takes as a whole. One
 * interrupt is on its way to a CPU at most: whoever sets `kicked` first sends
 * it.
 */
#define pr_fmt(fmt) "smp: " fmt

#include <kernel/arch_smp.h>
#include <kernel/cpu.h>
#include <kernel/errno.h>
#include <kernel/irq.h>
#include <kernel/panic.h>
#include <kernel/preempt.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <kernel/time.h>
#include "internal.h"

/*
 * After that long a wait is reported, once. Policy: and then it goes on. The
 * host may not let a virtual CPU run for as long as it likes, so silence is no
 * proof that anything is broken, and the memory of a call that may still be
 * made cannot be given up.
 */
#define CALL_REPORT_MS	  5000
#define CALL_SPINS_A_LOOK 1024

struct call {
	void (*fn)(void *arg);
	void *arg;
	unsigned waiting; /* CPUs that have not answered */
};

static DEFINE_PER_CPU(struct call, call);
static DEFINE_PER_CPU(struct cpumask, callers);
static DEFINE_PER_CPU(struct smp_call_request *, requests); /* latest first */
static DEFINE_PER_CPU(unsigned, kicked);

/*
 * Full barriers on both sides: either we find `kicked` clear and interrupt, or
 * the CPU has yet to clear it and finds after that what we have stored.
 */
static bool must_interrupt(unsigned cpu)
{
	return !atomic_xchg(&per_cpu(kicked, cpu), 1U);
}

static void run_requests(void)
{
	struct smp_call_request *list = NULL, *next;
	/* Acquire: pairs with the release in smp_call_async(). */
	struct smp_call_request *r = atomic_xchg(this_cpu_ptr(requests), NULL);

	for (; r; r = next) {
		next = r->next;
		r->next = list;
		list = r;
	}
	for (r = list; r; r = next) {
		void (*fn)(void *arg) = r->fn;
		void *arg = r->arg;

		next = r->next;
		/* Release: we have read it all, it may be used again. */
		atomic_store_release(&r->pending, false);
		fn(arg);
	}
}

static void run_call(struct call *c)
{
	c->fn(c->arg);
	/* What @fn did is before the caller's wait ends; then it is gone. */
	atomic_fetch_add(&c->waiting, -1U);
}

static void run_calls(void)
{
	struct cpumask *mask = this_cpu_ptr(callers);

	for (unsigned i = 0; i < CPUMASK_WORDS; i++) {
		u64 bits = atomic_read(&mask->bits[i]);

		/* Pairs with cpumask_set_atomic(): the call was filled in. */
		if (bits)
			bits = atomic_xchg(&mask->bits[i], 0ULL);
		for (; bits; bits &= bits - 1)
			run_call(&per_cpu(call,
					  i * 64 + (unsigned)__builtin_ctzll(
							   bits)));
	}
}

void smp_call_interrupt(void)
{
	atomic_xchg(this_cpu_ptr(kicked), 0U);
	run_requests();
	run_calls();
}

/* Name who has not answered, ask where it is, and interrupt it once more. */
static void report_silence(const struct cpumask *targets, const struct call *c)
{
	unsigned self = smp_processor_id(), cpu;

	pr_warn("CPU %u waits for %u others to run %pS", self,
		atomic_read(&c->waiting), (void *)(uintptr_t)c->fn);
	for_each_cpu(cpu, targets) {
		if (!cpumask_test(&per_cpu(callers, cpu), self))
			continue;
		pr_warn("CPU %u has not answered for %u ms", cpu,
			CALL_REPORT_MS);
		smp_ask_where(cpu);
		ipi_send(cpu, IPI_CALL);
	}
}

static void wait_for_answers(const struct cpumask *targets,
			     const struct call *c)
{
	u64 limit = time_ns() + CALL_REPORT_MS * NSEC_PER_MSEC;
	bool reported = false;
	unsigned spins = 0;

	/* Acquire: what the others did is seen by the caller. */
	while (atomic_load_acquire(&c->waiting)) {
		cpu_relax();
		if (reported || ++spins % CALL_SPINS_A_LOOK ||
		    time_ns() < limit)
			continue;
		report_silence(targets, c);
		reported = true;
	}
}

static void interrupt_for(const struct cpumask *targets)
{
	unsigned self = smp_processor_id(), cpu;
	struct cpumask silent = { 0 };

	for_each_cpu(cpu, targets) {
		cpumask_set_atomic(&per_cpu(callers, cpu), self);
		if (must_interrupt(cpu))
			cpumask_set(&silent, cpu);
	}
	if (!cpumask_empty(&silent))
		ipi_send_mask(&silent, IPI_CALL);
}

static void call_here(void (*fn)(void *arg), void *arg)
{
	unsigned long state = local_irq_save();

	fn(arg);
	local_irq_restore(state);
}

static void call_there(const struct cpumask *targets, bool here,
		       void (*fn)(void *arg), void *arg)
{
	struct call *c = this_cpu_ptr(call);

	/* Two that call each other must each take the other's interrupt. */
	BUG_ON(!local_irq_enabled() || c->waiting);
	c->fn = fn;
	c->arg = arg;
	atomic_write(&c->waiting, cpumask_count(targets));
	interrupt_for(targets);
	if (here)
		call_here(fn, arg);
	wait_for_answers(targets, c);
}

void smp_call_mask(const struct cpumask *mask, void (*fn)(void *arg), void *arg)
{
	struct cpumask targets;
	bool here;

	preempt_disable();
	for (unsigned i = 0; i < CPUMASK_WORDS; i++)
		targets.bits[i] =
			mask->bits[i] & atomic_read(&cpu_online_mask.bits[i]);
	here = cpumask_test(&targets, smp_processor_id());
	cpumask_clear(&targets, smp_processor_id());
	if (!cpumask_empty(&targets))
		call_there(&targets, here, fn, arg);
	else if (here)
		call_here(fn, arg);
	preempt_enable();
}

int smp_call(unsigned cpu, void (*fn)(void *arg), void *arg)
{
	struct cpumask mask = { 0 };

	if (!cpu_is_online(cpu))
		return -ENODEV;
	cpumask_set(&mask, cpu);
	smp_call_mask(&mask, fn, arg);
	return 0;
}

static void push(unsigned cpu, struct smp_call_request *r)
{
	struct smp_call_request **list = &per_cpu(requests, cpu);
	struct smp_call_request *first = atomic_read(list);

	do
		r->next = first;
	while (!atomic_cmpxchg_release(list, &first, r));
}

/*
 * Without interrupts there is this CPU only, and no better time. What a
 * request asks for comes after it, and not within.
 */
static void run_now(void *unused __unused)
{
	static bool running;

	if (running)
		return;
	running = true;
	while (atomic_read(this_cpu_ptr(requests)))
		smp_call_interrupt();
	running = false;
}

int smp_call_async(unsigned cpu, struct smp_call_request *request)
{
	bool idle = false;

	if (!cpu_is_online(cpu))
		return -ENODEV;
	if (!atomic_cmpxchg(&request->pending, &idle, true))
		return -EBUSY;
	push(cpu, request);
	if (!irq_available())
		call_here(run_now, NULL);
	else if (must_interrupt(cpu))
		ipi_send(cpu, IPI_CALL);
	return 0;
}

void smp_send_reschedule(unsigned cpu)
{
	ipi_send(cpu, IPI_RESCHEDULE);
}

void smp_reschedule_interrupt(void)
{
	/* What is to be done is done at the end of any interrupt. */
}
