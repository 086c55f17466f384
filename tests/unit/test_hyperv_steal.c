/* SPDX-License-Identifier: BSD-2-Clause */
/* Steal time from what Hyper-V says about time that a CPU ran. */
#include "fake_hyperv.h"
#include <kernel/sched.h>
#include <kernel/time.h>

#define MS NSEC_PER_MSEC

static steal_clock_fn clock;
static u64 now_ns;

u64 hv_reference_ns(void)
{
	return now_ns;
}

int hv_idle_use(void)
{
	return 0;
}

steal_clock_fn sched_set_steal_clock(steal_clock_fn new)
{
	clock = new;
	return NULL;
}

static void begin(void)
{
	fake_hyperv_reset();
	now_ns = 1000 * MS;
	FAKE(HV_X64_MSR_VP_RUNTIME) = 7000;
	CHECK_EQ(fake_start(HV_RUN_TIME), 0);
}

/* Time passes, of which the host says the CPU ran so much. */
static u64 pass(u64 ns, u64 ran)
{
	u64 before = clock(0);

	now_ns += ns;
	FAKE(HV_X64_MSR_VP_RUNTIME) += ran / 100;
	return clock(0) - before;
}

TEST(what_passed_and_was_neither_run_nor_slept_was_stolen)
{
	begin();
	CHECK_EQ(pass(10 * MS, 10 * MS), 0);
	CHECK_EQ(pass(10 * MS, 4 * MS), 6 * MS);
	hv_steal_sleep();
	now_ns += 50 * MS;
	hv_steal_wake();
	CHECK_EQ(pass(10 * MS, 10 * MS), 0);
	CHECK_EQ(pass(10 * MS, 0), 10 * MS);
}

TEST(sleep_ends_when_the_time_is_asked_for)
{
	u64 before;

	begin();
	before = clock(0);
	hv_steal_sleep();
	now_ns += 50 * MS;
	CHECK_EQ(clock(0), before); /* in an interrupt, before it woke */
	now_ns += 5 * MS;	    /* another thread runs */
	FAKE(HV_X64_MSR_VP_RUNTIME) += 5 * MS / 100;
	hv_steal_wake();
	CHECK_EQ(pass(10 * MS, 10 * MS), 0);
	CHECK_EQ(clock(0), before);
}

TEST(what_was_counted_too_late_is_made_up_for)
{
	begin();
	(void)pass(10 * MS, 10 * MS);
	CHECK_EQ(pass(4 * MS, 0), 4 * MS); /* not counted yet */
	CHECK_EQ(pass(4 * MS, 8 * MS), 0); /* now it is */
	CHECK_EQ(pass(4 * MS, 0), 0);	   /* the same again */
	CHECK_EQ(pass(4 * MS, 8 * MS), 0);
}

TEST(more_run_than_passed_hides_little_of_what_follows)
{
	begin();
	CHECK_EQ(pass(10 * MS, 500 * MS), 0);
	CHECK_EQ(pass(100 * MS, 0), 90 * MS);
}

TEST(registers_that_go_back_or_vanish_steal_nothing)
{
	u64 before;

	begin();
	before = clock(0);
	FAKE(HV_X64_MSR_VP_RUNTIME) = 0;
	now_ns += 10 * MS;
	CHECK_EQ(clock(0), before);
	fake_no_msr[fake_index(HV_X64_MSR_VP_RUNTIME)] = true;
	now_ns += 10 * MS;
	CHECK_EQ(clock(0), before);
	CHECK_EQ(fake_service(HV_RUN_TIME)->start_cpu(), -EIO);
	begin();
	before = clock(0);
	now_ns = 5; /* the reference time went back */
	CHECK_EQ(clock(0), before);
}

TEST(register_is_asked_once_in_a_while)
{
	begin();
	CHECK_EQ(pass(MS / 2, 0), 0);
	CHECK_EQ(pass(MS / 2, 0), MS);
}
