/* SPDX-License-Identifier: BSD-2-Clause */
/* Self-tests of random numbers. */
#include <kernel/mm/slab.h>
#include <kernel/percpu.h>
#include <kernel/selftest.h>
#include <kernel/smp.h>
#include <kernel/string.h>
#include <kernel/timer.h>
#include "chacha20.h"
#include "internal.h"

/* Without any source, jitter needs some 20 ms of an idle CPU. */
#define READY_LIMIT_NS (5 * NSEC_PER_SEC)

#define SAMPLE_BYTES 16384

/* RFC 8439, 2.3.2 */
static void test_block(struct selftest *t)
{
	static const u8 nonce[] = { 0, 0, 0, 9, 0, 0, 0, 0x4a, 0, 0, 0, 0 };
	static const u8 expected[] = { 0x10, 0xf1, 0xe7, 0xe4,
				       0xd1, 0x3b, 0x59, 0x15 };
	u8 key[CHACHA20_KEY_SIZE], block[CHACHA20_BLOCK_SIZE];

	for (unsigned i = 0; i < sizeof(key); i++)
		key[i] = (u8)i;
	chacha20_block(key, 1, nonce, block);
	EXPECT(t, !memcmp(block, expected, sizeof(expected)));
	EXPECT_EQ(t, block[63], 0x4e);
}

static void test_ready(struct selftest *t)
{
	u64 credited = 0;

	if (!EXPECT(t, random_wait(time_ns() + READY_LIMIT_NS)))
		return;
	for (const struct random_source *it = sources_lock(); it;
	     it = it->next) {
		if (it->credited)
			selftest_note(t, "%s: %lu bits", it->name,
				      it->credited);
		EXPECT(t, !it->failed);
		credited += it->credited;
	}
	sources_unlock();
	EXPECT(t, credited >= RANDOM_SEED_BITS);
}

/*
 * Chi-square of 255 degrees of freedom: the limits are 8 standard deviations
 * from its mean.
 */
#define CHI_MIN 75
#define CHI_MAX 435

static void test_bytes_are_even(struct selftest *t)
{
	const u64 each = SAMPLE_BYTES / 256;
	u8 *bytes = kmalloc(SAMPLE_BYTES);
	u32 counts[256] = { 0 };
	u64 chi = 0;

	if (!EXPECT(t, bytes))
		return;
	random_get(bytes, SAMPLE_BYTES);
	for (unsigned i = 0; i < SAMPLE_BYTES; i++)
		counts[bytes[i]]++;
	for (unsigned i = 0; i < ARRAY_SIZE(counts); i++)
		chi += (counts[i] - each) * (counts[i] - each);
	chi /= each;
	EXPECT(t, chi > CHI_MIN && chi < CHI_MAX);
	kfree(bytes);
}

static void test_no_two_are_equal(struct selftest *t)
{
	u64 a[8] = { 0 }, b[8] = { 0 };

	random_get(a, sizeof(a));
	random_get(b, sizeof(b));
	EXPECT(t, memcmp(a, b, sizeof(a)) != 0);
	EXPECT(t, random_u64() != random_u64());
	/* A size is kept to. */
	a[0] = b[1];
	random_get(b, sizeof(b[0]));
	EXPECT_EQ(t, b[1], a[0]);
}

static void test_below(struct selftest *t)
{
	unsigned seen = 0;

	for (unsigned i = 0; i < 200; i++) {
		u64 value = random_below(5);

		EXPECT(t, value < 5);
		seen |= BIT(value);
	}
	EXPECT_EQ(t, seen, 0x1f);
	EXPECT_EQ(t, random_below(1), 0);
}

static DEFINE_PER_CPU(u64, drawn);

static void draw(void *arg __unused)
{
	u64 value = random_u64();

	this_cpu_write(drawn, value);
}

static void test_each_cpu_has_its_own(struct selftest *t)
{
	unsigned cpu;

	if (cpu_count() == 1) {
		selftest_skip(t, "there is one CPU");
		return;
	}
	for_each_online_cpu(cpu)
		smp_call(cpu, draw, NULL);
	for_each_online_cpu(cpu)
		for (unsigned other = 0; other < cpu; other++)
			EXPECT(t, per_cpu(drawn, cpu) != per_cpu(drawn, other));
}

static struct {
	struct timer timer;
	u64 value[2];
	bool done;
} tick;

static void on_timer(struct timer *timer __unused)
{
	random_get(tick.value, sizeof(tick.value));
	WRITE_ONCE(tick.done, true);
}

#define TICK_LIMIT_NS (10 * NSEC_PER_SEC)

static void test_interrupts_get_some(struct selftest *t)
{
	u64 start = time_ns();

	if (!timer_available()) {
		selftest_skip(t, "timers do not interrupt");
		return;
	}
	tick.done = false;
	tick.timer.handler = on_timer;
	timer_start(&tick.timer, start + NSEC_PER_MSEC);
	while (!READ_ONCE(tick.done) && time_ns() - start < TICK_LIMIT_NS)
		random_u64();
	timer_cancel(&tick.timer);
	EXPECT(t, tick.done);
	EXPECT(t, tick.value[0] != tick.value[1]);
}

static const struct selftest_case random_cases[] = {
	{ .name = "chacha20-block", .run = test_block },
	{ .name = "is-ready-and-says-by-what", .run = test_ready },
	{ .name = "bytes-are-even", .run = test_bytes_are_even },
	{ .name = "no-two-are-equal", .run = test_no_two_are_equal },
	{ .name = "below-a-limit", .run = test_below },
	{ .name = "each-cpu-has-its-own", .run = test_each_cpu_has_its_own },
	{ .name = "interrupts-get-some", .run = test_interrupts_get_some },
	{}
};
SELFTEST_SUITE(random, "random", random_cases, 0);
