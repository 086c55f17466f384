/* SPDX-License-Identifier: BSD-2-Clause */
/* Hyper-V's reference time: exact, never torn, and never believed. */
#include "fake_hyperv.h"
#include <kernel/clocksource.h>

/* 2 GHz: 200 ticks a unit of 100 ns. */
#define SCALE (UINT64_MAX / 200)

static struct hv_reference_tsc_page page;
static void (*host)(void); /* what it does while the counter is read */
static unsigned reads;

bool clocksource_counts(const struct clocksource *cs)
{
	return cs->read();
}

static u64 counter(void)
{
	reads++;
	if (host)
		host();
	return fake_counter_value;
}

static void begin(void)
{
	fake_hyperv_reset();
	page = (struct hv_reference_tsc_page){
		.tsc_sequence = 1,
		.tsc_scale = SCALE,
	};
	host = NULL;
	reads = 0;
}

static struct clocksource *source(const char *name)
{
	table_for_each(struct clocksource, clocksource, it)
		if (!strcmp((*it)->name, name))
			return *it;
	return NULL;
}

static bool near(u64 ns, u64 expected)
{
	return ns <= expected && expected - ns <= 1;
}

TEST(time_is_the_counter_s_to_the_ns)
{
	u64 ns = 0;

	begin();
	fake_counter_value = 2000000000;
	CHECK(hv_tsc_page_ns(&page, counter, &ns));
	CHECK(near(ns, 1000000000));
	fake_counter_value += 2; /* a ns, a hundredth of a unit */
	CHECK(hv_tsc_page_ns(&page, counter, &ns));
	CHECK(near(ns, 1000000001));
	page.tsc_offset = -9999999;
	CHECK(hv_tsc_page_ns(&page, counter, &ns));
	CHECK(near(ns, 1000000001 - 999999900));
}

TEST(page_that_is_not_valid_is_not_used)
{
	u64 ns;

	begin();
	page.tsc_sequence = 0;
	CHECK(!hv_tsc_page_ns(&page, counter, &ns));
	begin();
	page.tsc_scale = 0;
	CHECK(!hv_tsc_page_ns(&page, counter, &ns));
	CHECK_EQ(reads, 0);
}

static void change(void)
{
	page.tsc_sequence++;
}

static void change_once(void)
{
	page.tsc_sequence++;
	page.tsc_scale = SCALE / 2;
	host = NULL;
}

static void invalidate(void)
{
	page.tsc_sequence = 0;
}

TEST(change_while_it_is_read_is_seen)
{
	u64 ns = 0;

	begin();
	fake_counter_value = 2000000000;
	host = change_once;
	CHECK(hv_tsc_page_ns(&page, counter, &ns));
	CHECK(near(ns, 500000000) || near(ns, 499999999));
	CHECK_EQ(reads, 2);
	begin();
	host = invalidate;
	CHECK(!hv_tsc_page_ns(&page, counter, &ns));
}

TEST(page_that_never_holds_still_is_given_up)
{
	u64 ns;

	begin();
	page.tsc_sequence = 2;
	host = change;
	CHECK(!hv_tsc_page_ns(&page, counter, &ns));
	CHECK_EQ(reads, 10000);
}

/* The page that was registered, or NULL. */
static struct hv_reference_tsc_page *registered(void)
{
	return (void *)(uintptr_t)(FAKE(HV_X64_MSR_REFERENCE_TSC) & ~0xfffULL);
}

TEST(page_that_stays_invalid_is_given_back_without_a_word)
{
	begin();
	fake_no_msr[fake_index(HV_X64_MSR_TIME_REF_COUNT)] = true;
	CHECK_EQ(fake_start(HV_REFERENCE_COUNTER), -EIO);
	fake_fill = &page;
	CHECK_EQ(fake_start(HV_REFERENCE_TSC), -ENODEV);
	begin();
	CHECK_EQ(fake_start(HV_REFERENCE_COUNTER), 0);
	CHECK_EQ(fake_start(HV_REFERENCE_TSC), -ENODEV);
	CHECK_EQ(FAKE(HV_X64_MSR_REFERENCE_TSC), 0);
	fake_no_write[fake_index(HV_X64_MSR_REFERENCE_TSC)] = true;
	CHECK_EQ(fake_start(HV_REFERENCE_TSC), -EIO);
	CHECK_EQ(source("hyperv-tsc")->probe(), 0);
	CHECK_EQ(hv_tsc_ns(), 0);
}

TEST(clock_falls_back_to_the_register_and_never_goes_back)
{
	const struct clocksource *cs = source("hyperv-tsc");
	struct hv_reference_tsc_page *shared;
	u64 before;

	begin();
	fake_fill = &page; /* as Hyper-V does, at once */
	CHECK_EQ(fake_start(HV_REFERENCE_COUNTER), 0);
	CHECK_EQ(fake_start(HV_REFERENCE_TSC), 0);
	shared = registered();
	CHECK_EQ(cs->probe(), 1000000000);
	fake_counter_value = 2000000000;
	before = cs->read();
	CHECK(near(before, 1000000000));
	shared->tsc_sequence = 0;
	FAKE(HV_X64_MSR_TIME_REF_COUNT) = 10000100;
	CHECK_EQ(cs->read(), 1000010099);
	/* The register is behind, and so is the page afterwards. */
	FAKE(HV_X64_MSR_TIME_REF_COUNT) = 10000050;
	CHECK_EQ(cs->read(), 1000010099);
	shared->tsc_sequence = 1;
	CHECK_EQ(cs->read(), 1000010099);
	fake_counter_value = 4000000000;
	CHECK(near(cs->read(), 2000000000));
	fake_stop(HV_REFERENCE_TSC);
	CHECK_EQ(FAKE(HV_X64_MSR_REFERENCE_TSC), 0);
}

TEST(counter_that_is_missing_or_stands_still_is_no_clock)
{
	begin();
	fake_no_msr[fake_index(HV_X64_MSR_TIME_REF_COUNT)] = true;
	CHECK_EQ(fake_start(HV_REFERENCE_COUNTER), -EIO);
	CHECK_EQ(source("hyperv-counter")->probe(), 0);
	fake_no_msr[fake_index(HV_X64_MSR_TIME_REF_COUNT)] = false;
	CHECK_EQ(fake_start(HV_REFERENCE_COUNTER), 0);
	CHECK_EQ(source("hyperv-counter")->probe(), 0); /* it says 0 */
	FAKE(HV_X64_MSR_TIME_REF_COUNT) = 5;
	CHECK_EQ(source("hyperv-counter")->probe(), 1000000000);
	CHECK_EQ(hv_counter_ns(), 500);
}
