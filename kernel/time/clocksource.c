/* SPDX-License-Identifier: BSD-2-Clause */
/* The choice of a clock, and time_ns(). */
#define pr_fmt(fmt) "clock: " fmt

#include <kernel/atomic.h>
#include <kernel/clockevent.h>
#include <kernel/clocksource.h>
#include <kernel/cpu.h>
#include <kernel/init.h>
#include <kernel/param.h>
#include <kernel/printk.h>
#include <kernel/spinlock.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <kernel/timer.h>
#include "watchdog.h"

#define SCALE_SHIFT 32
/* A clock that has not counted after so many looks does not. */
#define CLOCK_LOOKS_MAX 1000

static const char *wanted;
param_string("clocksource", wanted,
	     "the clock to use: tsc, hpet, acpi_pm or pit");

/*
 * At @count of @cs it is @ns and @fraction / 2^32 nanoseconds. Without the
 * fraction time could go back by one when counting begins anew.
 */
struct timebase {
	const struct clocksource *cs;
	u64 count;
	u64 ns;
	u32 fraction;
};

/*
 * Readers take the copy that `sequence` names, and take it again if that has
 * changed meanwhile: neither they, which may be NMI handlers, nor the writer
 * ever wait for each other.
 */
static struct {
	struct spinlock lock; /* of writers */
	unsigned sequence;
	struct timebase base[2];
} clock = {
	.base = { { .cs = &clocksource_boot }, { .cs = &clocksource_boot } },
};

static struct clock_watchdog watchdog; /* under clock.lock */

/*
 * CPUs may read different times, or a clock wraps so soon that a busy host
 * lets a wrap go unseen: the newest time that any CPU has told.
 */
static struct {
	bool needed;
	_Alignas(64) u64 ns;
} newest;

static void keep_from_wrapping(struct timer *timer);
static struct timer wrap_timer = { .handler = keep_from_wrapping };

/* Move @base on to @count of its clock. */
static void timebase_advance(struct timebase *base, u64 count)
{
	u64 ticks = (count - base->count) & base->cs->mask;
	unsigned __int128 passed;

	/* A counter of 64 bits that went back a little stands still. */
	if (base->cs->mask == UINT64_MAX && (s64)ticks < 0)
		return;
	passed = (unsigned __int128)ticks * base->cs->ns_scale + base->fraction;
	base->count = count;
	base->ns += (u64)(passed >> SCALE_SHIFT);
	base->fraction = (u32)passed;
}

/*
 * Copy the base and read its clock: the two belong together, so that a narrow
 * clock does not wrap in between, whoever takes the CPU away. Returns the
 * count.
 */
static u64 timebase_read(struct timebase *base)
{
	unsigned sequence;
	u64 count;

	do {
		/* Pairs with the releases in timebase_write(). */
		sequence = atomic_load_acquire(&clock.sequence);
		*base = clock.base[sequence & 1];
		/* Every clock can be read at any time, so also a wrong one. */
		count = READ_ONCE(base->cs)->read();
		/* All that is done before `sequence` is looked at again. */
		fence_acquire();
	} while (atomic_read(&clock.sequence) != sequence);
	return count;
}

/* Under clock.lock. While one copy is written, readers take the other. */
static void timebase_write(const struct timebase *base)
{
	for (unsigned i = 0; i < 2; i++) {
		/* What was written last is complete before it is named. */
		atomic_store_release(&clock.sequence, clock.sequence + 1);
		/* It is named before the other one changes. */
		fence_release();
		clock.base[(clock.sequence + 1) & 1] = *base;
	}
}

static bool wraps_soon(const struct timebase *base, u64 count)
{
	return base->cs->mask <= UINT32_MAX &&
	       ((count - base->count) & base->cs->mask) > base->cs->mask / 2;
}

/*
 * Begin counting anew from here, before a narrow counter wraps. Whoever has
 * the lock does so as well.
 */
static void accumulate(void)
{
	unsigned long state = local_irq_save();
	struct timebase base;
	u64 count;

	if (spin_trylock(&clock.lock)) {
		count = timebase_read(&base);
		timebase_advance(&base, count);
		timebase_write(&base);
		spin_unlock(&clock.lock);
	}
	local_irq_restore(state);
}

static u64 never_back(u64 ns)
{
	u64 last = atomic_read(&newest.ns);

	while (last < ns && !atomic_cmpxchg(&newest.ns, &last, ns))
		;
	return MAX(last, ns);
}

u64 time_ns(void)
{
	struct timebase base;
	u64 count;

	count = timebase_read(&base);
	if (unlikely(wraps_soon(&base, count)))
		accumulate();
	timebase_advance(&base, count);
	return unlikely(READ_ONCE(newest.needed)) ? never_back(base.ns)
						  : base.ns;
}

void udelay(u64 us)
{
	u64 start = time_ns();

	while (time_ns() - start < us * NSEC_PER_USEC)
		cpu_relax();
}

const struct clocksource *clocksource_current(void)
{
	unsigned sequence = atomic_load_acquire(&clock.sequence);

	return READ_ONCE(clock.base[sequence & 1].cs);
}

/* Under clock.lock. */
static void use(const struct clocksource *cs)
{
	struct timebase base, next = { .cs = cs };
	u64 count = cs->read(), old_count = timebase_read(&base);

	timebase_advance(&base, old_count);
	if (cs->from_entry)
		timebase_advance(&next, count);
	next.count = count;
	/* Until now times were estimates; they must not go back. */
	next.ns = MAX(next.ns, base.ns);
	timebase_write(&next);
}

/* Somebody looks at a narrow clock often enough, even while all sleep. */
static void keep_from_wrapping(struct timer *timer)
{
	const struct clocksource *cs = clocksource_current();
	u64 now = time_ns();

	if (cs->mask <= UINT32_MAX)
		timer_start(timer,
			    now + clocksource_elapsed_ns(cs, 0, cs->mask) / 4);
}

/* The clock to compare @cs with, or NULL. */
static const struct clocksource *reference_for(const struct clocksource *cs)
{
	const struct clocksource *other;

	for (unsigned n = 0; (other = clocksource_nth(n)); n++)
		if (other != cs && clock_watchdog_can_use(other))
			return other;
	return NULL;
}

static void use_best(void)
{
	struct clocksource *cs = clocksource_nth(0);

	use(cs);
	WRITE_ONCE(newest.needed, cs->last_resort);
	watchdog = (struct clock_watchdog){
		.tested = cs,
		.reference = cs->watched ? reference_for(cs) : NULL,
	};
}

void clocksource_watch(void)
{
	unsigned long state = local_irq_save();
	struct clocksource *unstable = NULL;

	/* Whoever has the lock is comparing, or changing the clock. */
	if (READ_ONCE(watchdog.reference) && spin_trylock(&clock.lock)) {
		if (watchdog.reference && clock_watchdog_check(&watchdog))
			unstable = watchdog.tested;
		spin_unlock(&clock.lock);
	}
	local_irq_restore(state);
	if (unstable)
		clocksource_demote(unstable, "it does not keep its rate");
}

void clocksource_demote(struct clocksource *cs, const char *reason)
{
	unsigned long state = spin_lock_irqsave(&clock.lock);
	const struct clocksource *next = clocksource_nth(0);
	bool demote;

	if (next == cs)
		next = clocksource_nth(1);
	demote = cs->hz && next;
	if (demote) {
		cs->hz = 0;
		use_best();
	}
	spin_unlock_irqrestore(&clock.lock, state);
	if (!demote)
		return;
	pr_warn("%s is unstable (%s): using %s", cs->name, reason, next->name);
	if (cs->demoted)
		cs->demoted();
	keep_from_wrapping(&wrap_timer);
}

void clocksource_set_unequal(u64 back_ns)
{
	struct clocksource *cs = clocksource_nth(0);

	pr_warn("%s goes back by %llu ns from one CPU to another", cs->name,
		(unsigned long long)back_ns);
	clocksource_demote(cs, "CPUs disagree");
	if (clocksource_nth(0) != cs)
		return;
	pr_warn("there is no other clock: CPUs wait for the one ahead");
	WRITE_ONCE(newest.needed, true);
}

static bool ranks_above(const struct clocksource *a,
			const struct clocksource *b)
{
	bool a_wanted = wanted && !strcmp(a->name, wanted);
	bool b_wanted = wanted && !strcmp(b->name, wanted);

	return a_wanted != b_wanted ? a_wanted : a->rating > b->rating;
}

struct clocksource *clocksource_nth(unsigned n)
{
	table_for_each(struct clocksource, clocksource, it) {
		unsigned above = 0;

		table_for_each(struct clocksource, clocksource, other)
			above += (*other)->hz && ranks_above(*other, *it);
		if ((*it)->hz && above == n)
			return *it;
	}
	return NULL;
}

static void try(struct clocksource *cs)
{
	u64 hz = cs->probe();

	if (!hz)
		return;
	if (hz < CLOCKSOURCE_MIN_HZ || hz > CLOCKSOURCE_MAX_HZ) {
		pr_warn("%s: %lu Hz cannot be: not used", cs->name, hz);
		return;
	}
	cs->hz = hz;
	cs->ns_scale = (NSEC_PER_SEC << SCALE_SHIFT) / hz;
}

bool clocksource_counts(const struct clocksource *cs)
{
	u64 first = cs->read() & cs->mask;

	for (unsigned i = 0; i < CLOCK_LOOKS_MAX; i++)
		if ((cs->read() & cs->mask) != first)
			return true;
	return false;
}

/* True if a clock works that needs no other to fall back on. */
static bool have_reliable(void)
{
	const struct clocksource *cs;

	for (unsigned n = 0; (cs = clocksource_nth(n)); n++)
		if (!cs->watched)
			return true;
	return false;
}

static void probe_clocks(void)
{
	table_for_each(struct clocksource, clocksource, it)
		if (!(*it)->last_resort)
			try(*it);
	table_for_each(struct clocksource, clocksource, it)
		if ((*it)->last_resort &&
		    (!have_reliable() ||
		     (wanted && !strcmp((*it)->name, wanted))))
			try(*it);
}

static void clocksource_init(void)
{
	const struct clocksource *cs, *second;

	probe_clocks();
	cs = clocksource_nth(0);
	if (!cs) {
		pr_warn("no clock of known frequency: times are wrong");
		return;
	}
	use_best();
	second = clocksource_nth(1);
	if (wanted && strcmp(cs->name, wanted))
		pr_warn("there is no clock %s: using %s", wanted, cs->name);
	pr_info("%s at %lu kHz%s%s%s", cs->name, cs->hz / 1000,
		second ? ", then " : "", second ? second->name : "",
		watchdog.reference ? ", watched" : "");
}

static int time_init(void)
{
	clocksource_init();
	clockevent_init();
	keep_from_wrapping(&wrap_timer);
	return 0;
}
initcall(INIT_TIME, time_init);
