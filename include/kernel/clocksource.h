/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Clocks that count: time_ns() reads the best one that works. A clock is
 * registered beside its code with CLOCKSOURCE(); all are tried at level TIME.
 */
#pragma once

#include <kernel/cpumask.h>
#include <kernel/table.h>

/* Clocks out of this range are refused: 100 kHz to 100 GHz. */
#define CLOCKSOURCE_MIN_HZ 100000ULL
#define CLOCKSOURCE_MAX_HZ 100000000000ULL

struct clocksource {
	const char *name; /* as in clocksource= */
	unsigned rating;  /* the highest that works is used */
	/* Bits that count: 2^n - 1. Of 32 or less the count wraps soon. */
	u64 mask;
	/* Any context. */
	u64 (*read)(void);
	/* The frequency in Hz; 0: it is not there, or does not count. */
	u64 (*probe)(void);
	/* Each CPU reads a counter of its own; they are compared. */
	bool per_cpu;
	/* Not even tried where a better one can be relied on. */
	bool last_resort;
	/* The count began with 0 when the kernel was entered. */
	bool from_entry;
	/* Set by probe(): it may go wrong, so compare it with another one. */
	bool watched;
	/* It did, and another one is used now. Any context. May be NULL. */
	void (*demoted)(void);
	u64 hz;	      /* the core's: 0 if it is not used */
	u64 ns_scale; /* the core's: nanoseconds a tick, times 2^32 */
};

TABLE_DECLARE(struct clocksource, clocksource);

#define CLOCKSOURCE(object) \
 TABLE_ENTRY(struct clocksource, clocksource, 0, object)

/** The architecture's: what time_ns() reads before level TIME. */
extern struct clocksource clocksource_boot;

/**
 * Compare the clock in use with another one if it is watched and the last
 * comparison is some time ago; demote it if it went wrong. Any context.
 */
void clocksource_watch(void);

/** For probe(): true if the count changes soon. Bounded. */
bool clocksource_counts(const struct clocksource *cs);

/** The clock that time_ns() reads. */
const struct clocksource *clocksource_current(void);

/** The @n-th clock that works, best first, or NULL. */
struct clocksource *clocksource_nth(unsigned n);

/**
 * All CPUs in @cpus read @read @rounds times each, at once, and tell each
 * other what they read. Returns by how much one read less than another had
 * before it, at most; 0: never. *@handovers, which may be NULL, grows by how
 * often a CPU saw another's reading: what the answer rests on. Interrupts
 * unmasked; on those CPUs they are masked meanwhile.
 */
u64 clock_race(u64 (*read)(void), const struct cpumask *cpus, unsigned rounds,
	       u64 *handovers);

/**
 * Once all CPUs are up: if the clock in use is a counter of each CPU, compare
 * them. If they disagree it is demoted, or, where there is no other clock,
 * time_ns() is made to go on at the price of a shared variable. Level SCHED,
 * boot CPU. 0.
 */
int clocksource_compare_cpus(void);

/** The clock in use goes back by @back_ns from one CPU to another. */
void clocksource_set_unequal(u64 back_ns);

/** Stop using @cs, for @reason, if there is another one. */
void clocksource_demote(struct clocksource *cs, const char *reason);
