/* SPDX-License-Identifier: BSD-2-Clause */
/* The pool, its sources and what is given out, with a clock of the test's. */
#include "unit.h"
#include <kernel/boot_info.h>
#include <kernel/errno.h>
#include <kernel/fdt.h>
#include <kernel/mutex.h>
#include <kernel/param.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/work.h>
#include <kernel/init.h>
#include "fake_fdt.h"
#include "../../kernel/random/internal.h"

struct boot_info boot_info;
static u64 now = NSEC_PER_SEC, ticks, step = 100;
static struct work *queued;
static unsigned works, warnings, waiters;

u64 time_ns(void)
{
	return now;
}

u64 cpu_counter(void)
{
	return ticks += step;
}

void mutex_lock(struct mutex *mutex)
{
}

void mutex_unlock(struct mutex *mutex)
{
}

bool work_queue(struct work *work)
{
	queued = work;
	works++;
	return true;
}

void might_sleep(void)
{
}

void wait_prepare(struct wait_queue *wq, struct waiter *waiter)
{
	waiters++;
}

bool wait_finish(struct wait_queue *wq, struct waiter *waiter)
{
	return false;
}

bool wake_one(struct wait_queue *wq)
{
	return false;
}

void wake_all(struct wait_queue *wq)
{
	waiters = 0;
}

bool sched_sleep(u64 until_ns)
{
	now = until_ns;
	return false;
}

struct thread *thread_create(const char *name, void (*fn)(void *arg), void *arg,
			     const struct thread_attr *attr)
{
	CHECK_EQ(attr->priority, THREAD_PRIORITY_LOW);
	fn(arg);
	return current_thread();
}

int param_set_bool(const struct param *p, const char *value)
{
	return 0;
}

static const struct fdt *machine;

const struct fdt *fdt_machine(void)
{
	return machine;
}

void printk(enum log_level level, unsigned flags, const char *fmt, ...)
{
	warnings += level == LOG_WARNING;
}

static void run_queued(void)
{
	struct work *work = queued;

	queued = NULL;
	if (work)
		work->fn(work);
}

static u8 stream_of_bytes(void)
{
	static u64 state = 7;

	state = state * 6364136223846793005 + 1442695040888963407;
	return (u8)(state >> 56);
}

static void fill(u8 *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		bytes[i] = stream_of_bytes();
}

static unsigned requests;
static size_t requested;

static void note_request(struct random_source *source, size_t size)
{
	requests++;
	requested += size;
}

static size_t give(struct random_source *source, void *buffer, size_t size)
{
	requests++;
	requested += size;
	fill(buffer, size);
	return size;
}

/* Before all others: it is the only one that sees an empty pool. */
bool timer_available(void)
{
	return true;
}

TEST(numbers_before_the_first_key_change_with_what_is_known)
{
	u64 a = random_u64(), b = random_u64();

	CHECK(!random_ready());
	CHECK(a != b);
	random_stir("name", 4);
	CHECK(random_u64() != b);
	CHECK(!random_ready());
	CHECK(!random_wait(now + 5));
	CHECK_EQ(pool_bits(), 0);
}

TEST(what_is_stirred_in_is_not_credited_and_makes_no_key)
{
	u8 bytes[1000];

	fill(bytes, sizeof(bytes));
	random_stir(bytes, sizeof(bytes));
	CHECK_EQ(pool_bits(), 0);
	CHECK(!random_ready());
}

TEST(the_key_comes_with_the_last_bit_and_not_before)
{
	static struct random_source source = { .name = "bits" };

	random_source_add(&source);
	random_add_assessed(&source, "x", 1, RANDOM_SEED_BITS - 1);
	CHECK(!random_ready());
	CHECK_EQ(pool_generation(), 0);
	random_add_assessed(&source, "y", 1, 1);
	CHECK(random_ready());
	CHECK_EQ(pool_generation(), 1);
	CHECK_EQ(pool_bits(), 0);
	CHECK_EQ(source.bytes, 2);
	CHECK_EQ(source.credited, RANDOM_SEED_BITS);
	CHECK(random_wait(0));
	random_source_remove(&source);
}

TEST(a_long_answer_is_filled_to_its_end_and_not_beyond)
{
	for (size_t n = 0; n < 200; n += 7) {
		u8 bytes[256];
		unsigned zeros = 0;

		memset(bytes, 0, sizeof(bytes));
		random_get(bytes, n);
		for (size_t i = 0; i < n; i++)
			zeros += !bytes[i];
		CHECK(zeros <= n / 16 + 2);
		for (size_t i = n; i < sizeof(bytes); i++)
			CHECK_EQ(bytes[i], 0);
	}
}

TEST(below_gives_each_value)
{
	u64 seen = 0;

	for (unsigned i = 0; i < 1000; i++) {
		u64 value = random_below(10);

		CHECK(value < 10);
		seen |= BIT64(value);
	}
	CHECK_EQ(seen, 0x3ff);
	CHECK_EQ(random_below(1), 0);
	CHECK(random_below(UINT64_MAX) < UINT64_MAX);
}

/* The policy of <kernel/random.h>. */
TEST(a_source_is_asked_for_one_seed_a_minute_and_only_if_numbers_are_wanted)
{
	static struct random_source source = {
		.name = "asked",
		.quality = 8,
		.request = note_request,
	};
	u64 generation = pool_generation();
	u8 seed[RANDOM_SEED_BYTES];

	requests = 0;
	requested = 0;
	random_source_add(&source);
	CHECK_EQ(requests, 1);
	works = 0;
	for (unsigned i = 0; i < 1000; i++)
		random_u64();
	CHECK_EQ(works, 0);
	now += RANDOM_RESEED_NS + 1;
	CHECK_EQ(works, 0);
	for (unsigned i = 0; i < 1000; i++)
		random_u64();
	CHECK_EQ(works, 1);
	run_queued();
	CHECK_EQ(requests, 2);
	CHECK_EQ(requested, 2 * RANDOM_SEED_BYTES);
	/* It answers: a new key, and peace for a minute. */
	fill(seed, sizeof(seed));
	random_add(&source, seed, sizeof(seed));
	CHECK_EQ(pool_generation(), generation + 1);
	now += RANDOM_RESEED_NS - 1;
	random_u64();
	CHECK_EQ(works, 1);
	random_source_remove(&source);
	now += RANDOM_RESEED_NS;
	random_u64();
	run_queued();
	CHECK_EQ(requests, 2);
}

TEST(what_a_cpu_gives_changes_with_the_key)
{
	static struct random_source source = {
		.name = "read",
		.quality = 4,
		.maker = RANDOM_BY_CPU,
		.read = give,
	};
	u64 generation = pool_generation();

	random_source_add(&source);
	CHECK_EQ(source.credited, RANDOM_SEED_BYTES * 4);
	/* The last test asked for a key. */
	CHECK_EQ(pool_generation(), generation + 1);
	now += RANDOM_RESEED_NS + 1;
	random_u64();
	run_queued();
	CHECK_EQ(pool_generation(), generation + 2);
	random_source_remove(&source);
}

static unsigned costly_requests;

static void count_costly(struct random_source *source, size_t size)
{
	costly_requests++;
}

TEST(a_costly_source_is_asked_when_the_others_did_not_answer_for_a_minute)
{
	static struct random_source dead = { .name = "dead",
					     .quality = 8,
					     .request = note_request };
	static struct random_source costly = { .name = "costly",
					       .costly = true,
					       .request = count_costly };

	random_source_add(&dead);
	random_source_add(&costly);
	CHECK_EQ(costly_requests, 0);
	now += RANDOM_RESEED_NS + 1;
	random_u64();
	run_queued();
	CHECK_EQ(costly_requests, 0);
	now += RANDOM_RESEED_NS + 1;
	random_u64();
	run_queued();
	CHECK_EQ(costly_requests, 1);
	random_source_remove(&dead);
	now += RANDOM_RESEED_NS + 1;
	random_u64();
	run_queued();
	CHECK_EQ(costly_requests, 2);
	random_source_remove(&costly);
}

static struct random_source device = { .name = "device", .quality = 8 };

static void give_bytes(const u8 *bytes, size_t size)
{
	random_add(&device, bytes, size);
}

static void add_device(void)
{
	random_source_add(&device);
	CHECK(!device.failed);
	CHECK_EQ(device.bytes, 0);
	warnings = 0;
}

static void check_broken(void)
{
	u64 credited = device.credited;
	u8 seed[RANDOM_SEED_BYTES];

	CHECK(device.failed);
	CHECK_EQ(warnings, 1);
	fill(seed, sizeof(seed));
	give_bytes(seed, sizeof(seed));
	CHECK_EQ(device.credited, credited);
	CHECK_EQ(warnings, 1);
	random_source_remove(&device);
}

TEST(a_sound_source_passes_for_long)
{
	u8 seed[RANDOM_SEED_BYTES];

	add_device();
	for (unsigned i = 0; i < 20000; i++) {
		fill(seed, 1 + i % sizeof(seed));
		give_bytes(seed, 1 + i % sizeof(seed));
	}
	CHECK(!device.failed);
	CHECK_EQ(warnings, 0);
	CHECK_EQ(device.credited, device.bytes * 8);
	random_source_remove(&device);
}

TEST(a_stuck_source_is_broken)
{
	u8 stuck[RANDOM_SEED_BYTES];

	memset(stuck, 0xff, sizeof(stuck));
	add_device();
	give_bytes(stuck, sizeof(stuck));
	CHECK_EQ(device.credited, 0);
	check_broken();
	/* One byte at a time as well. */
	add_device();
	for (unsigned i = 0; i < 5; i++)
		give_bytes(stuck, 1);
	CHECK(!device.failed);
	give_bytes(stuck, 1);
	check_broken();
}

TEST(a_word_that_repeats_is_broken)
{
	u8 words[RANDOM_SEED_BYTES];

	fill(words, sizeof(words));
	memcpy(words + 40, words + 32, 8);
	add_device();
	give_bytes(words, sizeof(words));
	check_broken();
}

TEST(an_answer_given_again_is_broken)
{
	u8 seed[RANDOM_SEED_BYTES];

	fill(seed, sizeof(seed));
	add_device();
	give_bytes(seed, sizeof(seed));
	CHECK(!device.failed);
	give_bytes(seed, sizeof(seed));
	check_broken();
}

TEST(a_byte_far_too_often_is_broken)
{
	u8 seed[RANDOM_SEED_BYTES];

	add_device();
	for (unsigned i = 0; i < 8 && !device.failed; i++) {
		fill(seed, sizeof(seed));
		for (unsigned k = 0; k < sizeof(seed); k += 16)
			seed[k] = 0;
		give_bytes(seed, sizeof(seed));
	}
	check_broken();
}

TEST(a_source_that_is_added_again_gets_a_new_chance)
{
	u8 seed[RANDOM_SEED_BYTES];

	add_device();
	fill(seed, sizeof(seed));
	give_bytes(seed, sizeof(seed));
	CHECK_EQ(device.credited, sizeof(seed) * 8);
	random_source_remove(&device);
	random_source_remove(&device);
}

TEST(jitter_without_jitter_is_worth_nothing)
{
	u64 times[JITTER_WINDOW];

	for (unsigned i = 0; i < JITTER_WINDOW; i++)
		times[i] = 1000;
	CHECK_EQ(jitter_assess(times), 0);
	for (unsigned i = 0; i < JITTER_WINDOW; i++)
		times[i] = 1000 + 10 * i;
	CHECK_EQ(jitter_assess(times), 0);
	/* Two values in turn: no more than one bit a time at the very most. */
	for (unsigned i = 0; i < JITTER_WINDOW; i++)
		times[i] = 1000 + i % 2;
	CHECK(jitter_assess(times) <= 4);
}

TEST(jitter_is_credited_with_a_sixteenth_of_its_estimate)
{
	u64 times[JITTER_WINDOW];

	/* Eight values: three bits a time by the first of the estimates. */
	for (unsigned i = 0; i < JITTER_WINDOW; i++)
		times[i] = 1000 + stream_of_bytes() % 8;
	CHECK(jitter_assess(times) >= 6 && jitter_assess(times) <= 12);
	for (unsigned i = 0; i < JITTER_WINDOW; i++)
		times[i] = 1000 + stream_of_bytes();
	CHECK_EQ(jitter_assess(times), 12);
}

TEST(interrupts_at_equal_distances_are_not_credited)
{
	unsigned before = pool_bits();

	for (unsigned i = 0; i < 4 * INTERRUPTS_PER_BIT; i++)
		random_note_interrupt();
	/* The first one has a distance that no other has. */
	CHECK_EQ(pool_bits(), before);
	for (unsigned i = 0; i < 4 * INTERRUPTS_PER_BIT; i++) {
		step = stream_of_bytes();
		random_note_interrupt();
	}
	CHECK_EQ(pool_bits(), MIN(before + 4, RANDOM_SEED_BITS));
}

static void run_seed(void)
{
	table_for_each(const struct initcall, init, it)
		if (!strcmp((*it)->name, "seed_fdt_init"))
			CHECK_EQ((*it)->fn(), 0);
}

static void make_tree(const void *seed, u32 size)
{
	static struct fdt fdt;

	tree_start();
	tree_begin("chosen");
	tree_string("bootargs", "quiet");
	TREE_CELLS("kaslr-seed", 1, 2);
	if (seed)
		tree_property("rng-seed", seed, size);
	tree_end();
	tree_finish();
	CHECK_EQ(fdt_open(&fdt, tree.blob, tree.size), 0);
	machine = &fdt;
}

static struct random_source *find_source(const char *name)
{
	struct random_source *it = sources_lock();

	while (it && strcmp(it->name, name))
		it = it->next;
	sources_unlock();
	return it;
}

TEST(a_tree_without_a_seed_is_no_source)
{
	make_tree(NULL, 0);
	run_seed();
	CHECK(!find_source("rng-seed"));
	make_tree("", 0);
	run_seed();
	CHECK(!find_source("rng-seed"));
}

TEST(the_trees_seed_is_credited_and_wiped)
{
	u8 seed[32], zeros[32] = { 0 };
	struct random_source *source;
	u32 length;

	fill(seed, sizeof(seed));
	make_tree(seed, sizeof(seed));
	run_seed();
	source = find_source("rng-seed");
	if (!CHECK(source))
		return;
	CHECK_EQ(source->credited, 256);
	CHECK_MEM(fdt_property(machine, fdt_find(machine, "/chosen"),
			       "rng-seed", &length),
		  zeros, sizeof(zeros));
	random_source_remove(source);
}

TEST(a_seed_of_zeros_is_worth_nothing)
{
	u8 zeros[64] = { 0 };

	make_tree(zeros, sizeof(zeros));
	run_seed();
	CHECK_EQ(find_source("rng-seed")->credited, 0);
}
