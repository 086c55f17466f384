/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Steal time. Hyper-V does not say how long a CPU waited for one of the
 * host's; it says how long it ran ("Virtual Processor Run Time Register").
 * What has passed, without that and without the time that the CPU slept, was
 * stolen.
 *
 * That is a little less than the truth: what a host spends on a CPU that
 * sleeps is in both of the latter. And the register is asked by its own CPU
 * only, once in a while, since it costs an exit: others see what was found
 * last.
 */
#include <kernel/cpu.h>
#include <kernel/errno.h>
#include <kernel/param.h>
#include <kernel/percpu.h>
#include <kernel/sched.h>
#include <kernel/smp.h>
#include <kernel/time.h>
#include <kernel/virt/x86.h>
#include "internal.h"

/* Between two looks at the register. */
#define SAMPLE_NS (1 * NSEC_PER_MSEC)
/*
 * Hosts count the time that a CPU ran in steps, of their timer's for example:
 * what they counted too late is made up for, but not more than this.
 */
#define DEBT_MAX_NS (10 * (s64)NSEC_PER_MSEC)
#define NS_PER_UNIT 100

static bool no_steal;
param_bool("no-hv-vp-run-time", no_steal,
	   "do not ask Hyper-V's interface how long CPUs ran");

struct account {
	u64 asleep_ns; /* since when it sleeps; 0: it does not */
	u64 slept_ns;  /* since the last look */
	u64 seen_ns;   /* when that was */
	u64 ran_ns;    /* what the register said then */
	s64 balance_ns;
	u64 stolen_ns;
};
static DEFINE_PER_CPU(struct account, accounts);
static bool started;

static bool read_run_time(u64 *ns)
{
	if (virt_rdmsr(HV_X64_MSR_VP_RUNTIME, ns))
		return false;
	*ns *= NS_PER_UNIT;
	return true;
}

static void end_sleep(struct account *a, u64 now)
{
	if (a->asleep_ns && now > a->asleep_ns)
		a->slept_ns += now - a->asleep_ns;
	a->asleep_ns = 0;
}

static void look(struct account *a, u64 now)
{
	u64 ran;

	if (now < a->seen_ns || !read_run_time(&ran) || ran < a->ran_ns)
		return;
	a->balance_ns += (s64)(now - a->seen_ns) - (s64)(ran - a->ran_ns) -
			 (s64)a->slept_ns;
	a->seen_ns = now;
	a->ran_ns = ran;
	a->slept_ns = 0;
	a->balance_ns = MAX(a->balance_ns, -DEBT_MAX_NS);
	if (a->balance_ns <= 0)
		return;
	WRITE_ONCE(a->stolen_ns, a->stolen_ns + (u64)a->balance_ns);
	a->balance_ns = 0;
}

static u64 hv_steal_clock(unsigned cpu)
{
	struct account *a = &per_cpu(accounts, cpu);
	u64 now;

	if (cpu == smp_processor_id() && a->seen_ns) {
		now = hv_reference_ns();
		end_sleep(a, now);
		if (now - a->seen_ns >= SAMPLE_NS)
			look(a, now);
	}
	return READ_ONCE(a->stolen_ns);
}

/* Interrupts masked. */
void hv_steal_sleep(void)
{
	if (started)
		this_cpu_ptr(accounts)->asleep_ns = hv_reference_ns();
}

/* Who was asked for the time meanwhile has ended the sleep. */
void hv_steal_wake(void)
{
	unsigned long irq;

	if (!started)
		return;
	irq = local_irq_save();
	end_sleep(this_cpu_ptr(accounts), hv_reference_ns());
	local_irq_restore(irq);
}

static int start(void)
{
	int err;

	if (!hv_reference_ns())
		return -ENODEV;
	err = hv_idle_use();
	if (err)
		return err;
	started = true;
	sched_set_steal_clock(hv_steal_clock);
	return 0;
}

static int start_cpu(void)
{
	struct account *a = this_cpu_ptr(accounts);

	if (!read_run_time(&a->ran_ns))
		return -EIO;
	a->seen_ns = hv_reference_ns();
	return 0;
}

static const struct virt_service steal_service = {
	.hypervisor = HYPERV_TYPE_HYPERV,
	.feature = HV_RUN_TIME,
	.role = VIRT_ROLE_STEAL,
	.off = &no_steal,
	.start = start,
	.start_cpu = start_cpu,
};
VIRT_SERVICE(6, steal_service);
