/* SPDX-License-Identifier: BSD-2-Clause */
#include "suite.h"
#include <kernel/irq.h>
#include <kernel/preempt.h>
#include <kernel/smp.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <kernel/virt/service.h>

/* How long something that needs no waiting may take on a slow host. */
#define LIMIT_MS 20000

bool virt_test_runs(struct selftest *t, enum hypervisor_type type,
		    const char *feature)
{
	if (virt_service_runs(type, feature))
		return true;
	selftest_skip(t,
		      virt_service_offered(type, feature)
			      ? "%s is switched off or of no use here"
			      : "%s is not offered",
		      feature);
	return false;
}

/* Interrupts of kind IPI_CALL that @cpu took. */
static u64 calls_taken(unsigned cpu)
{
	const char *name;
	u64 count;

	for (unsigned n = 0; arch_irq_counter(n, cpu, &name, &count); n++)
		if (!strcmp(name, "call"))
			return count;
	return 0;
}

static DEFINE_PER_CPU(u64, taken_before);

/* Every CPU in @mask took one; how many others did. */
static bool reaches(const struct cpumask *mask,
		    int (*send)(const struct cpumask *mask), unsigned *others)
{
	u64 until = time_ns() + LIMIT_MS * NSEC_PER_MSEC;
	unsigned cpu;
	int err;

	for_each_online_cpu(cpu)
		per_cpu(taken_before, cpu) = calls_taken(cpu);
	preempt_disable();
	err = send(mask);
	preempt_enable();
	for_each_cpu(cpu, mask)
		while (calls_taken(cpu) == per_cpu(taken_before, cpu))
			if (err || time_ns() > until)
				return false;
	*others = 0;
	for_each_online_cpu(cpu)
		if (!cpumask_test(mask, cpu))
			*others +=
				calls_taken(cpu) != per_cpu(taken_before, cpu);
	return true;
}

unsigned virt_test_ipi_sets(struct selftest *t,
			    int (*send)(const struct cpumask *mask))
{
	unsigned cpus = cpu_count(), others = 0, wrong = 0, sets = 0;

	for (unsigned step = 1; step <= cpus; step++) {
		struct cpumask mask = { 0 };

		for (unsigned cpu = step - 1; cpu < cpus; cpu += step)
			if (cpu_is_online(cpu))
				cpumask_set(&mask, cpu);
		if (cpumask_empty(&mask))
			continue;
		sets++;
		if (!EXPECT(t, reaches(&mask, send, &others)))
			return sets;
		/* Somebody else's call may come in between. */
		if (others && reaches(&mask, send, &others))
			wrong += others != 0;
	}
	EXPECT_EQ(t, wrong, 0);
	return sets;
}
