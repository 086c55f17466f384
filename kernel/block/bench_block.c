/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * `bench blk`: requests to a disk, so many at a time, each of which is followed
 * by another one as soon as it is finished. What is written to must be named
 * by blk_test=.
 */
#include "internal.h"
#include "test_disk.h"
#include <kernel/bench.h>
#include <kernel/cpu.h>
#include <kernel/errno.h>
#include <kernel/mm/slab.h>
#include <kernel/smp.h>
#include <kernel/time.h>

/* Policy: a case takes so long, after a while in which nothing is counted. */
#define MEASURE_NS  (400 * NSEC_PER_MSEC)
#define WARM_UP_NS  (50 * NSEC_PER_MSEC)
#define DRAIN_NS    (10 * NSEC_PER_MSEC)
#define RANDOM_SEED 0x9e3779b97f4a7c15ULL /* any odd number */

/*
 * Latencies, in steps of a sixteenth of their power of two: what is told is
 * exact to 6 percent.
 */
#define STEP_BITS 4
#define STEPS	  (1U << STEP_BITS)
#define BUCKETS	  (48 * STEPS)

struct shape {
	u8 operation;
	bool sequential;
	bool polled;
	bool all_cpus;
	u32 bytes;
	unsigned depth; /* of each CPU */
};

/* What one CPU does. */
struct worker {
	struct bench_run *run;
	struct thread *thread;
	struct flight *flights;
	char *buffers;
	u64 random;
	u64 next;	  /* sector, if sequential */
	unsigned started; /* atomic, as what follows: requests under way */
	u64 counted;
	u32 *latencies;
};

/* One request, again and again. */
struct flight {
	struct block_request request;
	struct block_segment segment;
	struct worker *worker;
};

enum phase {
	PHASE_WARM_UP,
	PHASE_MEASURE,
	PHASE_STOP
};

struct bench_run {
	const struct shape *shape;
	struct block_device *device;
	u32 sectors;
	u64 slots; /* places of a request on the disk */
	unsigned phase;
	unsigned failed;
	u64 start_ns, end_ns;
	struct block_stats before, after;
	struct worker *workers; /* by CPU */
};

static unsigned bucket_of(u64 ns)
{
	unsigned bits = ns ? 63 - (unsigned)__builtin_clzll(ns) : 0;
	u64 bucket;

	if (bits < STEP_BITS)
		return (unsigned)ns;
	bucket = (u64)(bits - STEP_BITS + 1) * STEPS +
		 ((ns >> (bits - STEP_BITS)) & (STEPS - 1));
	return (unsigned)MIN(bucket, BUCKETS - 1ULL);
}

static u64 bucket_ns(unsigned bucket)
{
	unsigned bits = bucket / STEPS;

	if (!bits)
		return bucket;
	return (u64)(STEPS + bucket % STEPS) << (bits - 1);
}

/* xorshift64, which is enough to jump about on a disk. */
static u64 next_random(struct worker *w)
{
	w->random ^= w->random << 13;
	w->random ^= w->random >> 7;
	w->random ^= w->random << 17;
	return w->random;
}

static u64 next_sector(struct worker *w)
{
	const struct bench_run *run = w->run;

	if (run->shape->sequential)
		return w->next++ % run->slots * run->sectors;
	return next_random(w) % run->slots * run->sectors;
}

static void flight_done(struct block_request *r)
{
	struct flight *f = container_of(r, struct flight, request);
	struct worker *w = f->worker;
	unsigned phase = READ_ONCE(w->run->phase);

	if (r->status)
		WRITE_ONCE(w->run->failed, 1);
	if (phase == PHASE_MEASURE) {
		w->counted++;
		w->latencies[bucket_of(r->done_ns - r->queued_ns)]++;
	}
	if (phase == PHASE_STOP || r->status) {
		atomic_fetch_add(&w->started, -1U);
		return;
	}
	r->sector = next_sector(w);
	block_submit(r);
}

static void start_all(struct worker *w)
{
	const struct bench_run *run = w->run;
	struct block_plug plug = { 0 };

	atomic_write(&w->started, run->shape->depth);
	for (unsigned i = 0; i < run->shape->depth; i++) {
		struct flight *f = &w->flights[i];

		f->worker = w;
		f->segment.data = w->buffers + (size_t)i * run->shape->bytes;
		f->segment.length = run->shape->bytes;
		f->request = (struct block_request){
			.device = run->device,
			.operation = run->shape->operation,
			.sector = next_sector(w),
			.sectors = run->sectors,
			.segments = &f->segment,
			.segment_count = 1,
			.done = flight_done,
		};
		block_plug_add(&plug, &f->request);
	}
	block_plug_flush(&plug);
}

static void wait_until(const struct bench_run *run, u64 until_ns)
{
	if (!run->shape->polled) {
		thread_sleep_until(until_ns);
		return;
	}
	while (time_ns() < until_ns)
		block_poll(run->device);
}

static void keep_time(struct bench_run *run)
{
	wait_until(run, time_ns() + WARM_UP_NS);
	block_get_stats(run->device, &run->before);
	run->start_ns = time_ns();
	WRITE_ONCE(run->phase, PHASE_MEASURE);
	wait_until(run, run->start_ns + MEASURE_NS);
	WRITE_ONCE(run->phase, PHASE_STOP);
	run->end_ns = time_ns();
	block_get_stats(run->device, &run->after);
}

/* All end: the layer sees to that. */
static void drain(struct worker *w)
{
	while (atomic_load_acquire(&w->started))
		wait_until(w->run, time_ns() + DRAIN_NS);
}

static void work(void *arg)
{
	start_all(arg);
	drain(arg);
}

static int prepare_worker(struct bench_run *run, unsigned cpu)
{
	const struct shape *s = run->shape;
	struct worker *w = &run->workers[cpu];

	w->run = run;
	w->random = RANDOM_SEED * (cpu + 1);
	w->next = cpu * (run->slots / cpu_count());
	w->flights = kzalloc(s->depth * sizeof(*w->flights));
	w->buffers = kzalloc((size_t)s->depth * s->bytes);
	w->latencies = kzalloc(BUCKETS * sizeof(*w->latencies));
	return w->flights && w->buffers && w->latencies ? 0 : -ENOMEM;
}

static int prepare_workers(struct bench_run *run)
{
	unsigned cpu;
	int ret;

	if (!run->shape->all_cpus)
		return prepare_worker(run, smp_processor_id());
	for_each_online_cpu(cpu) {
		ret = prepare_worker(run, cpu);
		if (ret)
			return ret;
	}
	return 0;
}

static void free_workers(struct bench_run *run)
{
	for (unsigned cpu = 0; run->workers && cpu < cpu_count(); cpu++) {
		kfree(run->workers[cpu].flights);
		kfree(run->workers[cpu].buffers);
		kfree(run->workers[cpu].latencies);
	}
	kfree(run->workers);
}

/* This CPU's requests are started by the caller, a thread bound to it. */
static void run_workers(struct bench_run *run)
{
	struct worker *own = &run->workers[smp_processor_id()];

	for (unsigned cpu = 0; cpu < cpu_count(); cpu++) {
		struct thread_attr attr = { .bound = true, .cpu = cpu };
		struct worker *w = &run->workers[cpu];

		if (w->run && w != own)
			w->thread = thread_create("bench", work, w, &attr);
	}
	start_all(own);
	keep_time(run);
	drain(own);
	for (unsigned cpu = 0; cpu < cpu_count(); cpu++)
		if (run->workers[cpu].thread)
			thread_join(run->workers[cpu].thread);
}

static u64 sum_counted(const struct bench_run *run, u64 *latencies)
{
	u64 sum = 0;

	for (unsigned cpu = 0; cpu < cpu_count(); cpu++) {
		const struct worker *w = &run->workers[cpu];

		sum += w->counted;
		for (unsigned i = 0; w->latencies && i < BUCKETS; i++)
			latencies[i] += w->latencies[i];
	}
	return sum;
}

/* The latency that @percent of @count requests did not exceed. */
static u64 percentile(const u64 *latencies, u64 count, unsigned percent)
{
	u64 seen = 0;

	for (unsigned i = 0; i < BUCKETS; i++) {
		seen += latencies[i];
		if (seen * 100 >= count * percent)
			return bucket_ns(i);
	}
	return 0;
}

static int fill_values(const struct bench_run *run, const u64 *latencies,
		       u64 count, struct bench_value *values)
{
	u64 ns = run->end_ns - run->start_ns;
	u64 per_s = count * NSEC_PER_SEC / ns;
	u64 told = run->after.notifications - run->before.notifications;
	u64 irqs = run->after.interrupts - run->before.interrupts;
	const struct bench_value all[] = {
		{ "requests_per_s", per_s },
		{ "kib_per_s", per_s * run->shape->bytes / 1024 },
		{ "p50_ns", percentile(latencies, count, 50) },
		{ "p95_ns", percentile(latencies, count, 95) },
		{ "p99_ns", percentile(latencies, count, 99) },
		{ "notifications_per_1000", told * 1000 / count },
		{ "interrupts_per_1000", irqs * 1000 / count },
		{ "queues", run->device->disk->queue_count },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(all); i++)
		values[i] = all[i];
	return ARRAY_SIZE(all);
}

static int report_run(struct bench_run *run, struct bench_value *values)
{
	u64 *latencies;
	u64 count;
	int ret = prepare_workers(run);

	if (ret)
		return ret;
	run_workers(run);
	if (run->failed)
		return -EIO;
	latencies = kzalloc(BUCKETS * sizeof(*latencies));
	if (!latencies)
		return -ENOMEM;
	count = sum_counted(run, latencies);
	ret = count ? fill_values(run, latencies, count, values) : -ETIMEDOUT;
	kfree(latencies);
	return ret;
}

static int report_on(struct bench_run *run, struct bench_value *values)
{
	int ret;

	run->sectors = run->shape->bytes >> BLOCK_SECTOR_SHIFT;
	run->slots = READ_ONCE(run->device->sectors) / run->sectors;
	if (!run->slots ||
	    run->sectors > block_limits(run->device)->sectors_max)
		return -ENODEV;
	run->workers = kzalloc(cpu_count() * sizeof(*run->workers));
	if (!run->workers)
		return -ENOMEM;
	if (run->shape->polled)
		block_set_polled(run->device->disk, true);
	ret = report_run(run, values);
	if (run->shape->polled)
		block_set_polled(run->device->disk, false);
	free_workers(run);
	return ret;
}

static int report(const struct bench_case *c, struct bench_value *values)
{
	struct bench_run run = { .shape = c->arg };
	int ret;

	run.device = block_bench_disk(run.shape->operation != BLOCK_READ);
	if (!run.device)
		return run.shape->operation == BLOCK_READ ? -ENODEV : -EPERM;
	ret = report_on(&run, values);
	block_put(run.device);
	return ret;
}

#define CASE(n, ...)                                        \
 {                                                          \
  .name = n, .report = report, .arg = &(const struct shape) \
  {                                                         \
   __VA_ARGS__                                              \
  }                                                         \
 }
#define KIB 1024

static const struct bench_case blk_cases[] = {
	CASE("rand_read_4k_qd1", .bytes = 4 * KIB, .depth = 1),
	CASE("rand_read_4k_qd32", .bytes = 4 * KIB, .depth = 32),
	CASE("rand_read_4k_qd128", .bytes = 4 * KIB, .depth = 128),
	CASE("rand_read_4k_qd1_polled", .bytes = 4 * KIB, .depth = 1,
	     .polled = true),
	CASE("rand_read_4k_qd32_polled", .bytes = 4 * KIB, .depth = 32,
	     .polled = true),
	CASE("rand_read_4k_qd32_all_cpus", .bytes = 4 * KIB, .depth = 32,
	     .all_cpus = true),
	CASE("seq_read_128k_qd8", .bytes = 128 * KIB, .depth = 8,
	     .sequential = true),
	CASE("rand_write_4k_qd1", .operation = BLOCK_WRITE, .bytes = 4 * KIB,
	     .depth = 1),
	CASE("rand_write_4k_qd32", .operation = BLOCK_WRITE, .bytes = 4 * KIB,
	     .depth = 32),
	CASE("rand_write_4k_qd128", .operation = BLOCK_WRITE, .bytes = 4 * KIB,
	     .depth = 128),
	CASE("seq_write_128k_qd8", .operation = BLOCK_WRITE, .bytes = 128 * KIB,
	     .depth = 8, .sequential = true),
	{},
};
BENCH_SUITE(blk, "blk", blk_cases);
