/* SPDX-License-Identifier: BSD-2-Clause */
/* Starting the other CPUs. */
#define pr_fmt(fmt) "smp: " fmt

#include <kernel/arch_smp.h>
#include <kernel/cpu.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/param.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <kernel/time.h>
#include "internal.h"

/* Policy: how long to wait while no CPU makes progress. Hosts may be slow. */
#define START_TIMEOUT_MS 5000

static unsigned max_cpus = CONFIG_NR_CPUS;
param_uint("maxcpus", max_cpus, "start at most this many CPUs; 0 as nosmp");

static bool nosmp;
param_bool("nosmp", nosmp, "start no other CPU");

/* How far a CPU has come. It and the boot CPU agree by compare-and-exchange. */
enum start_state {
	START_NOT,
	START_WANTED, /* it was asked to start */
	START_SEEN,   /* it runs its initcall_cpu()s */
	START_DONE,
	START_GIVEN_UP, /* too late: it must not touch anything */
};
static DEFINE_PER_CPU(unsigned, start_state);

struct cpumask cpu_online_mask = { { 1 } };
DEFINE_PER_CPU(struct thread, idle_thread);

static unsigned count = 1;
static bool all_run;

unsigned cpu_count(void)
{
	return atomic_read(&count);
}

bool smp_all_cpus_run(void)
{
	return atomic_read(&all_run);
}

bool smp_cpu_was_seen(unsigned cpu)
{
	return atomic_read(&per_cpu(start_state, cpu)) >= START_SEEN;
}

static bool advance(unsigned cpu, unsigned from, unsigned to)
{
	return atomic_cmpxchg(&per_cpu(start_state, cpu), &from, to);
}

static void run_initcalls(unsigned cpu)
{
	table_for_each(const struct initcall, init_cpu, call) {
		int err = (*call)->fn();

		if (err)
			pr_err("%s failed on CPU %u: error %d", (*call)->name,
			       cpu, -err);
	}
}

void smp_secondary_main(unsigned cpu)
{
	if (!advance(cpu, START_WANTED, START_SEEN))
		cpu_park();
	run_initcalls(cpu);
	if (!advance(cpu, START_SEEN, START_DONE))
		cpu_park();
	cpumask_set_atomic(&cpu_online_mask, cpu);
	/* What was unmapped before nobody told us. */
	arch_tlb_flush_local();
	local_irq_enable();
	cpu_startup_entry();
}

/* Memory for CPUs from 1 on; how many CPUs there can be. */
static unsigned create_cpus(unsigned wanted)
{
	for (unsigned cpu = 1; cpu < wanted; cpu++) {
		if (percpu_create(cpu) || arch_cpu_prepare(cpu)) {
			pr_warn("no memory for CPU %u and those after it", cpu);
			return cpu;
		}
		per_cpu(start_state, cpu) = START_WANTED;
		per_cpu(idle_thread, cpu).name = "idle";
	}
	return wanted;
}

/* Wait until all are up, as long as there is progress. */
static bool wait_for_all(void)
{
	unsigned seen = 0, online;
	u64 deadline = 0;

	do {
		online = cpumask_count(&cpu_online_mask);
		if (online == count)
			return true;
		if (online > seen)
			deadline = time_ns() + START_TIMEOUT_MS * NSEC_PER_MSEC;
		seen = MAX(seen, online);
		cpu_relax();
	} while (time_ns() < deadline);
	return false;
}

static void give_up(unsigned cpu)
{
	if (advance(cpu, START_WANTED, START_GIVEN_UP))
		pr_warn("CPU %u (%s %llu) does not start: not used", cpu,
			arch_cpu_id_name(),
			(unsigned long long)arch_cpu_id(cpu));
	else if (advance(cpu, START_SEEN, START_GIVEN_UP))
		pr_warn("CPU %u (%s %llu) hangs in its start: not used", cpu,
			arch_cpu_id_name(),
			(unsigned long long)arch_cpu_id(cpu));
}

static int start_cpus(void)
{
	struct cpumask mask = { 0 };
	bool all;
	int err;

	for (unsigned cpu = 1; cpu < count; cpu++)
		cpumask_set(&mask, cpu);
	err = arch_cpus_start(&mask);
	if (err)
		return err;
	all = wait_for_all();
	for (unsigned cpu = 1; !all && cpu < count; cpu++)
		give_up(cpu);
	arch_cpus_started(all);
	return 0;
}

static int smp_init(void)
{
	unsigned max = nosmp || !max_cpus ? 1 : MIN(max_cpus, CONFIG_NR_CPUS);
	unsigned left_alone = 0;
	unsigned found = arch_smp_enumerate(max, &left_alone);
	u64 start = time_ns();
	int err = 0;

	atomic_write(&count, create_cpus(found));
	if (left_alone)
		pr_notice("%u more CPUs are left alone", left_alone);
	if (count > 1)
		err = start_cpus();
	atomic_write(&all_run,
		     !left_alone && cpumask_count(&cpu_online_mask) == found);
	if (found > 1)
		pr_info("%u CPUs, %llu us", cpumask_count(&cpu_online_mask),
			(unsigned long long)(time_ns() - start) /
				NSEC_PER_USEC);
	return err;
}
initcall(INIT_SMP, smp_init);
