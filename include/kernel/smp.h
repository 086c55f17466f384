/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CPUs. They have numbers from 0, the boot CPU's, up to cpu_count(), in the
 * order in which firmware lists them; what the hardware calls them is the
 * architecture's matter. Other CPUs are started at level SMP; one that does
 * not come up in time is reported and never used.
 */
#pragma once

#include <kernel/cpumask.h>
#include <kernel/percpu.h>

DECLARE_PER_CPU(unsigned, cpu_number);

/** This CPU's number. The caller may be on another one right afterwards. */
static inline unsigned smp_processor_id(void)
{
	return this_cpu_read(cpu_number);
}

/** CPUs that are or may come up, 1 to CONFIG_NR_CPUS. Final at level SMP. */
unsigned cpu_count(void);

/** Those that run: the boot CPU, and others as they come up. */
extern struct cpumask cpu_online_mask;

static inline bool cpu_is_online(unsigned cpu)
{
	return cpu < CONFIG_NR_CPUS && cpumask_test(&cpu_online_mask, cpu);
}

/** Every CPU that firmware calls enabled is up. */
bool smp_all_cpus_run(void);

#define for_each_online_cpu(cpu) for_each_cpu(cpu, &cpu_online_mask)

/**
 * Run @fn(@arg) on CPU @cpu, in interrupt context with interrupts masked, and
 * wait until it has returned; here too if @cpu is this one. 0 or -ENODEV (not
 * online). With interrupts unmasked, and no lock held that @fn or an
 * interrupt handler takes.
 */
int smp_call(unsigned cpu, void (*fn)(void *arg), void *arg);

/** The same on all online CPUs in @mask at the same time, this one last. */
void smp_call_mask(const struct cpumask *mask, void (*fn)(void *arg),
		   void *arg);

/** A call that nobody waits for. The memory is the caller's. */
struct smp_call_request {
	struct smp_call_request *next; /* the core's, as what follows */
	bool pending;
	void (*fn)(void *arg);
	void *arg;
};

/**
 * Run request->fn(request->arg) on @cpu soon, as smp_call(), but do not wait.
 * -EBUSY while an earlier call with @request has not begun. Any context but
 * NMI.
 */
int smp_call_async(unsigned cpu, struct smp_call_request *request);

/** Make @cpu look at need_resched of its thread soon. Any context but NMI. */
void smp_send_reschedule(unsigned cpu);

/** This CPU runs no more: masks its interrupts, waits for none, for ever. */
__noreturn void cpu_park(void);

/**
 * Stop all other CPUs for good: the machine is to be left, or a panic to be
 * reported. Waits a second at most; a CPU that does not stop by then is
 * reported. Where several CPUs call it, it returns on the first one only. Any
 * context, and more than once.
 */
void smp_stop_others(void);
