/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How long equal work takes differs a little, by caches, the host's other
 * guests and its own interrupts. It is what there is where no source is.
 *
 * How much it is worth is estimated for each window, by the most common value
 * (NIST SP 800-90B, 6.3.1) of the times, and of the differences of neighbours,
 * whichever is worse. Policy: a sixteenth of that is credited, since the times
 * are not independent of each other.
 */
#include <kernel/cpu.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/string.h>
#include <kernel/thread.h>
#include <kernel/timer.h>
#include "chacha20.h"
#include "internal.h"

/* A collection ends after so many windows, good or not: 30 ms of work. */
#define WINDOWS_MAX 256

/* Memory that the work goes through: more than it would find in one line. */
#define WORK_BLOCKS 16

/* When it was not enough: again after this time, then twice that, and so on. */
#define RETRY_FIRST_NS (NSEC_PER_SEC)
#define RETRY_MAX_NS   (64 * NSEC_PER_SEC)

/*
 * So many times the same value in a window: no more is worth n + 1 bits for
 * place n: 64 log2(64 / m) / 16 >= n + 1.
 */
static const u8 most_common[] = {
	53, 45, 38, 32, 26, 22, 19, 16, 13, 11, 9, 8
};

/* How often the most common of @values is among them. */
static unsigned most_common_count(const u64 *values, unsigned n)
{
	unsigned most = 0;

	for (unsigned i = 0; i < n; i++) {
		unsigned same = 0;

		for (unsigned k = i; k < n; k++)
			same += values[k] == values[i];
		most = MAX(most, same);
	}
	return most;
}

unsigned jitter_assess(const u64 ticks[JITTER_WINDOW])
{
	u64 differences[JITTER_WINDOW - 1];
	unsigned bits = 0, most;

	for (unsigned i = 0; i < ARRAY_SIZE(differences); i++)
		differences[i] = ticks[i + 1] - ticks[i];
	most = MAX(most_common_count(ticks, JITTER_WINDOW),
		   most_common_count(differences, ARRAY_SIZE(differences)));
	while (bits < ARRAY_SIZE(most_common) && most <= most_common[bits])
		bits++;
	return bits;
}

/* Some work, on memory that what was measured before chooses. */
static void work(u8 *memory, u64 choice)
{
	static const u8 nonce[CHACHA20_NONCE_SIZE];
	u8 *place = memory + choice % WORK_BLOCKS * CHACHA20_BLOCK_SIZE;

	chacha20_block(place, (u32)choice, nonce, place);
}

static void collect_window(struct random_source *source, u8 *memory)
{
	u64 ticks[JITTER_WINDOW], last = cpu_counter();

	for (unsigned i = 0; i < JITTER_WINDOW; i++) {
		u64 now;

		work(memory, last);
		now = cpu_counter();
		ticks[i] = now - last;
		last = now;
	}
	random_add_assessed(source, ticks, sizeof(ticks), jitter_assess(ticks));
}

static void collect(struct random_source *source, size_t size __unused)
{
	u8 memory[WORK_BLOCKS * CHACHA20_BLOCK_SIZE] = { 0 };
	u64 generation = pool_generation();

	for (unsigned i = 0; i < WINDOWS_MAX; i++) {
		collect_window(source, memory);
		if (pool_generation() != generation)
			break;
	}
	wipe(memory, sizeof(memory));
}

static struct random_source source = {
	.name = "jitter",
	.maker = RANDOM_BY_TIME,
	.costly = true,
	.request = collect,
};

/*
 * Of low priority, so it only takes time that nobody wants. Without timers all
 * who sleep only look at the clock in turns, and would leave none.
 */
static void collect_until_ready(void *arg __unused)
{
	for (u64 wait = RETRY_FIRST_NS; !random_ready();
	     wait = MIN(2 * wait, RETRY_MAX_NS)) {
		collect(&source, 0);
		if (!random_ready())
			random_wait(time_ns() + wait);
	}
}

static int jitter_start(void)
{
	struct thread_attr attr = {
		.priority = timer_available() ? THREAD_PRIORITY_LOW
					      : THREAD_PRIORITY_NORMAL,
		.detached = true,
	};

	random_source_add(&source);
	if (random_ready())
		return 0;
	return thread_create("random", collect_until_ready, NULL, &attr)
		       ? 0
		       : -ENOMEM;
}
initcall(INIT_SERVICE, jitter_start);
