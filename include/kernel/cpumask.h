/* SPDX-License-Identifier: BSD-2-Clause */
/* Sets of CPUs, by number. Not atomic where nothing else is said. */
#pragma once

#include <kernel/atomic.h>
#include <kernel/compiler.h>

#define CPUMASK_WORDS ((CONFIG_NR_CPUS + 63) / 64)

struct cpumask {
	u64 bits[CPUMASK_WORDS];
};

static inline bool cpumask_test(const struct cpumask *mask, unsigned cpu)
{
	return atomic_read(&mask->bits[cpu / 64]) >> (cpu % 64) & 1;
}

static inline void cpumask_set(struct cpumask *mask, unsigned cpu)
{
	mask->bits[cpu / 64] |= BIT64(cpu % 64);
}

static inline void cpumask_clear(struct cpumask *mask, unsigned cpu)
{
	mask->bits[cpu / 64] &= ~BIT64(cpu % 64);
}

/** A set may be changed by several at a time with these; full barriers. */
static inline void cpumask_set_atomic(struct cpumask *mask, unsigned cpu)
{
	(void)atomic_fetch_or(&mask->bits[cpu / 64], BIT64(cpu % 64));
}

static inline void cpumask_clear_atomic(struct cpumask *mask, unsigned cpu)
{
	(void)atomic_fetch_and(&mask->bits[cpu / 64], ~BIT64(cpu % 64));
}

/** The first member from @cpu on, or CONFIG_NR_CPUS. */
static inline unsigned cpumask_next(const struct cpumask *mask, unsigned cpu)
{
	while (cpu < CONFIG_NR_CPUS) {
		u64 word = atomic_read(&mask->bits[cpu / 64]) >> (cpu % 64);

		if (word)
			return cpu + (unsigned)__builtin_ctzll(word);
		cpu = (cpu / 64 + 1) * 64;
	}
	return CONFIG_NR_CPUS;
}

/** The member after @cpu, going round: @cpu itself if it is the only one. */
static inline unsigned cpumask_next_cyclic(const struct cpumask *mask,
					   unsigned cpu)
{
	unsigned next = cpumask_next(mask, cpu + 1);

	return next < CONFIG_NR_CPUS ? next : cpumask_next(mask, 0);
}

static inline bool cpumask_empty(const struct cpumask *mask)
{
	return cpumask_next(mask, 0) == CONFIG_NR_CPUS;
}

static inline unsigned cpumask_count(const struct cpumask *mask)
{
	unsigned n = 0;

	/* Without the compiler's library there is no __builtin_popcount(). */
	for (unsigned i = 0; i < CPUMASK_WORDS; i++)
		for (u64 word = mask->bits[i]; word; word &= word - 1)
			n++;
	return n;
}

/** Visit the members in order; @cpu is an unsigned variable. */
#define for_each_cpu(cpu, mask)                              \
 for ((cpu) = cpumask_next(mask, 0); (cpu) < CONFIG_NR_CPUS; \
      (cpu) = cpumask_next(mask, (cpu) + 1))
