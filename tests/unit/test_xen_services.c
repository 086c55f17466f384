/* SPDX-License-Identifier: BSD-2-Clause */
/* Xen's clock and runstates, as a host may write them. */
#include <stdlib.h>
#include "unit.h"
#include "../../kernel/virt/xen/internal.h"
#include <kernel/errno.h>
#include <kernel/sched.h>
#include <kernel/smp.h>
#include <kernel/virt/x86.h>
#include <kernel/wallclock.h>

static struct vcpu_info info;
static struct shared_info shared;
static const struct vcpu_runstate_info *area;
static struct vcpu_runstate_info *runstate;
static steal_clock_fn clock;
static u64 ticks;
static long result;

steal_clock_fn sched_set_steal_clock(steal_clock_fn new)
{
	clock = new;
	return NULL;
}

struct vcpu_info *xen_vcpu_info(unsigned cpu)
{
	CHECK_EQ(cpu, 0);
	return &info;
}

struct shared_info *xen_shared(void)
{
	return &shared;
}

bool xen_has_feature(unsigned bit)
{
	return bit == XENFEAT_hvm_safe_pvclock;
}

unsigned xen_vcpu(unsigned cpu)
{
	return cpu;
}

u64 virt_counter(void)
{
	return ticks;
}

bool virt_counter_is_invariant(void)
{
	return false;
}

bool virt_service_runs(enum hypervisor_type type, const char *feature)
{
	(void)feature;
	return type == HYPERV_TYPE_XEN;
}

long xen_hypercall(unsigned number, unsigned long a, unsigned long b,
		   unsigned long c, unsigned long d, unsigned long e)
{
	(void)b;
	(void)d;
	(void)e;
	if (number == __HYPERVISOR_vm_assist)
		return -ENOSYS;
	CHECK_EQ(number, __HYPERVISOR_vcpu_op);
	CHECK_EQ(a, VCPUOP_register_runstate_memory_area);
	area = (void *)(uintptr_t)((struct vcpu_register_runstate_memory_area *)
					   c)
		       ->addr;
	return result;
}

static int start_all(void)
{
	int err = 0;

	table_for_each(const struct virt_service, virt_service, it) {
		if ((*it)->start)
			err = err ?: (*it)->start();
		if ((*it)->start_cpu)
			err = err ?: (*it)->start_cpu();
	}
	return err;
}

static void begin(void)
{
	info.time = (struct pvclock_vcpu_time_info){
		.version = 2,
		.tsc_timestamp = 1000,
		.system_time = 5000,
		.tsc_to_system_mul = 1U << 31,
		.tsc_shift = 1, /* a tick is a nanosecond */
		.flags = PVCLOCK_TSC_STABLE,
	};
	shared.wc.version = 2;
	shared.wc.sec = 1700000000;
	shared.wc.nsec = 5;
	shared.wc_sec_hi = 0;
	ticks = 3000;
	result = 0;
	CHECK_EQ(start_all(), 0);
	CHECK(area);
	runstate = (struct vcpu_runstate_info *)(uintptr_t)area;
	*runstate = (struct vcpu_runstate_info){
		.state = RUNSTATE_running,
		.state_entry_time = 77,
		.time = { 1, 20, 300, 4000 },
	};
}

TEST(time_is_the_page_s_and_what_passed_since)
{
	begin();
	CHECK_EQ(xen_system_time(), 5000 + 2000);
	CHECK_EQ(xen_clock_khz(), 1000000);
}

TEST(a_page_that_never_holds_still_stops_the_clock_only)
{
	u64 last;

	begin();
	info.time.flags = 0;
	last = xen_system_time();
	info.time.version = 3;
	CHECK_EQ(xen_system_time(), last);
	CHECK_EQ(xen_clock_khz(), 0);
	CHECK(start_all());
}

TEST(a_clock_that_differs_by_CPU_does_not_go_back)
{
	u64 last;

	begin();
	info.time.flags = 0;
	last = xen_system_time();
	info.time.system_time -= 1000;
	CHECK_EQ(xen_system_time(), last);
}

static int wall_read(u64 *ns)
{
	int ret = -ENODEV;

	table_for_each(const struct wallclock, wallclock, it)
		ret = (*it)->read(ns);
	return ret;
}

TEST(time_of_day_has_more_than_32_bits_of_seconds)
{
	u64 ns = 0;

	begin();
	CHECK_EQ(wall_read(&ns), 0);
	CHECK_EQ(ns, 1700000000ULL * NSEC_PER_SEC + 5 + xen_system_time());
	shared.wc_sec_hi = 1;
	CHECK_EQ(wall_read(&ns), 0);
	CHECK_EQ(ns / NSEC_PER_SEC, 1700000000ULL + (1ULL << 32));
	shared.wc.version = 1;
	CHECK_EQ(wall_read(&ns), -ENODEV);
	shared.wc.version = 2;
	shared.wc.nsec = 1000000000;
	CHECK_EQ(wall_read(&ns), -ENODEV);
}

TEST(stolen_is_what_it_wanted_to_run_and_did_not)
{
	begin();
	CHECK_EQ(clock(0), 20 + 4000);
}

TEST(a_runstate_that_always_changes_is_given_up)
{
	begin();
	runstate->state_entry_time |= XEN_RUNSTATE_UPDATE;
	CHECK_EQ(clock(0), 0);
}

TEST(who_runs_is_what_xen_says)
{
	begin();
	CHECK(!xen_is_preempted(0));
	CHECK(!xen_does_not_run(0));
	runstate->state = RUNSTATE_runnable;
	CHECK(xen_is_preempted(0));
	CHECK(xen_does_not_run(0));
	runstate->state = RUNSTATE_blocked;
	CHECK(!xen_is_preempted(0));
	CHECK(xen_does_not_run(0));
	runstate->state = -5;
	CHECK(!xen_is_preempted(0));
	CHECK(xen_does_not_run(0));
}

TEST(a_refused_runstate_area_is_an_error)
{
	begin();
	result = -EINVAL;
	CHECK_EQ(start_all(), -EINVAL);
}

TEST(the_area_is_given_back)
{
	begin();
	runstate->state = RUNSTATE_runnable;
	table_for_each(const struct virt_service, virt_service, it)
		if ((*it)->stop_cpu)
			(*it)->stop_cpu();
	CHECK(!area);
	CHECK(!xen_does_not_run(0));
}
