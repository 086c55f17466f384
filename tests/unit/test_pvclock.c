/* SPDX-License-Identifier: BSD-2-Clause */
/* The clock page of KVM and Xen: exact, never torn, and never believed. */
#include "unit.h"
#include <kernel/virt/pvclock.h>

static struct pvclock_vcpu_time_info page;
static unsigned reads; /* of the counter */
static u64 ticks_now;
/* What the host does while the guest reads the counter; NULL: nothing. */
static void (*host)(void);

static u64 counter(void)
{
	reads++;
	if (host)
		host();
	return ticks_now;
}

static void begin(void)
{
	page = (struct pvclock_vcpu_time_info){
		.version = 2,
		.tsc_timestamp = 1000,
		.system_time = 5000,
		.tsc_to_system_mul = 1U << 31,
		.tsc_shift = 1, /* a tick is a nanosecond */
	};
	host = NULL;
	ticks_now = 3000;
	reads = 0;
}

/* Bit by bit, in as many bits as it takes. */
static u64 scale_exactly(u64 ticks, u32 mul, int shift)
{
	/* ticks * 2^shift, in whole ticks: 96 bits. */
	u64 low = shift < 0 ? ticks >> -shift : ticks << shift;
	u64 high = shift > 0 ? ticks >> (64 - shift) : 0;
	u64 low_part = (low & UINT32_MAX) * mul >> 32;
	u64 middle = (low >> 32) * mul;

	return low_part + middle + (high * mul << 32);
}

TEST(scaling_is_exact)
{
	static const u64 ticks[] = { 0,		 1,	      2,
				     999,	 UINT32_MAX,  1ULL << 32,
				     1ULL << 40, 1ULL << 62,  UINT64_MAX / 3,
				     UINT64_MAX, 123456789012 };
	static const u32 muls[] = { 1, 2, 0x80000000, 0xdeadbeef, UINT32_MAX };

	for (unsigned i = 0; i < ARRAY_SIZE(ticks); i++)
		for (unsigned j = 0; j < ARRAY_SIZE(muls); j++)
			for (int s = -PVCLOCK_SHIFT_MAX; s <= PVCLOCK_SHIFT_MAX;
			     s++)
				CHECK_EQ(pvclock_scale(ticks[i], muls[j], s),
					 scale_exactly(ticks[i], muls[j], s));
}

TEST(frequency_is_the_inverse_of_the_multiplier)
{
	begin();
	CHECK_EQ(pvclock_khz(&page), 1000000);
	page.tsc_shift = 0; /* half a nanosecond */
	CHECK_EQ(pvclock_khz(&page), 2000000);
	page.tsc_shift = -1;
	CHECK_EQ(pvclock_khz(&page), 4000000);
	page.tsc_to_system_mul = 0;
	CHECK_EQ(pvclock_khz(&page), 0);
	page.tsc_to_system_mul = 1;
	page.tsc_shift = -PVCLOCK_SHIFT_MAX; /* more than 64 bits hold */
	CHECK_EQ(pvclock_khz(&page), 0);
	page.tsc_shift = -PVCLOCK_SHIFT_MAX - 1;
	CHECK_EQ(pvclock_khz(&page), 0);
}

TEST(time_is_the_page_s_and_what_passed_since)
{
	struct pvclock_vcpu_time_info copy;
	u64 ticks;

	begin();
	CHECK(pvclock_snapshot(&page, counter, &copy, &ticks));
	CHECK_EQ(pvclock_ns(&copy, ticks), 5000 + 2000);
	/* The counter of a CPU that is behind. */
	CHECK_EQ(pvclock_ns(&copy, 999), 5000);
}

/* A guest's counter begins with 0, 2000 ticks after Xen made the page. */
TEST(a_page_may_be_older_than_the_guest)
{
	struct pvclock_vcpu_time_info copy;
	u64 ticks;

	begin();
	CHECK(pvclock_snapshot(&page, counter, &copy, &ticks));
	copy.tsc_timestamp = 0 - 2000ULL;
	CHECK_EQ(pvclock_ns(&copy, 2000), 5000 + 4000);
}

TEST(time_is_never_before_what_another_CPU_read)
{
	struct pvclock_latest last = { 0 };

	CHECK_EQ(pvclock_not_before(&last, 7), 7);
	CHECK_EQ(pvclock_not_before(&last, 5), 7);
	CHECK_EQ(pvclock_not_before(&last, 8), 8);
	CHECK_EQ(last.ns, 8);
}

static void change_once(void)
{
	page.version += 2;
	page.system_time = 6000;
	page.tsc_timestamp = 2500;
	host = NULL;
}

TEST(a_page_that_changes_while_it_is_read_is_read_again)
{
	struct pvclock_vcpu_time_info copy;
	u64 ticks;

	begin();
	host = change_once;
	CHECK(pvclock_snapshot(&page, counter, &copy, &ticks));
	CHECK_EQ(reads, 2);
	CHECK_EQ(pvclock_ns(&copy, ticks), 6000 + 500);
}

static void change_always(void)
{
	page.version += 2;
}

TEST(a_page_that_never_holds_still_is_given_up)
{
	struct pvclock_vcpu_time_info copy;
	u64 ticks;

	begin();
	page.version = 3;
	CHECK(!pvclock_snapshot(&page, counter, &copy, &ticks));
	CHECK_EQ(reads, 0);
	begin();
	host = change_always;
	CHECK(!pvclock_snapshot(&page, counter, &copy, &ticks));
	CHECK_EQ(reads, PVCLOCK_TRIES_MAX);
}

TEST(a_page_without_sense_is_refused)
{
	struct pvclock_vcpu_time_info copy;
	u64 ticks;

	begin();
	page.tsc_to_system_mul = 0;
	CHECK(!pvclock_snapshot(&page, counter, &copy, &ticks));
	begin();
	page.tsc_shift = PVCLOCK_SHIFT_MAX + 1;
	CHECK(!pvclock_snapshot(&page, counter, &copy, &ticks));
	page.tsc_shift = INT8_MIN;
	CHECK(!pvclock_snapshot(&page, counter, &copy, &ticks));
}

TEST(time_of_day_is_checked)
{
	struct pvclock_wall_clock wall = { 2, 1700000000, 5 };
	u64 ns = 0;

	CHECK(pvclock_wall_ns(&wall, &ns));
	CHECK_EQ(ns, 1700000000000000005ULL);
	wall.nsec = 1000000000;
	CHECK(!pvclock_wall_ns(&wall, &ns));
	wall = (struct pvclock_wall_clock){ 3, 1700000000, 5 };
	CHECK(!pvclock_wall_ns(&wall, &ns));
	/* Never written. */
	wall = (struct pvclock_wall_clock){ 0 };
	CHECK(!pvclock_wall_ns(&wall, &ns));
}
