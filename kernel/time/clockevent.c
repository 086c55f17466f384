/* SPDX-License-Identifier: BSD-2-Clause */
/* The device that interrupts when the next timer is due: which one, and how. */
#define pr_fmt(fmt) "timer: " fmt

#include "events.h"
#include <kernel/clockevent.h>
#include <kernel/clocksource.h>
#include <kernel/init.h>
#include <kernel/param.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <kernel/spinlock.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <kernel/timer.h>

/* The shortest time that is worth an interrupt of its own. */
#define EVENT_MIN_NS 1000

/*
 * A device must be seen to interrupt before it is relied on: in TRIAL_NS, and
 * not before half of it, because a line may bring what was pending when it was
 * unmasked. A busy host may be late. A clock that stands still is one that is
 * quick to read, so that the looks end soon as well.
 */
#define TRIAL_NS	100000
#define TRIAL_MAX_MS	1000
#define TRIAL_LOOKS_MAX 20000000

static const char *wanted;
param_string("clockevent", wanted,
	     "the timer to use: tsc-deadline, xen, hyperv-direct, "
	     "hyperv-message, lapic, hpet or pit");

static struct clockevent *chosen;
/* What takes over if the clock that the chosen one counts by goes wrong. */
static struct clockevent *fallback;
/* The one that drives this CPU's timers. */
static DEFINE_PER_CPU(struct clockevent *, event);

/* A device that is one for all: when each CPU wants it, and who asks it to. */
struct wish {
	u64 due_ns; /* under shared.lock */
	struct smp_call_request call;
};
static DEFINE_PER_CPU(struct wish, wishes);

static struct {
	struct spinlock lock; /* taken after that of a CPU's timers */
	u64 armed_ns;
} shared;

/* When a device that no CPU uses yet has interrupted. */
static u64 trial_seen_ns;

bool timer_available(void)
{
	return this_cpu_read(event);
}

const struct clockevent *clockevent_current(void)
{
	return READ_ONCE(chosen);
}

static void set_device(const struct clockevent *e, u64 due)
{
	u64 now = time_ns();
	u64 ns = due > now ? due - now : 0;

	if (due == NOTHING_DUE)
		e->stop();
	else
		e->set(MIN(MAX(ns, EVENT_MIN_NS), e->max_ns));
}

/* Under shared.lock: make the device interrupt when the first CPU wants it. */
static void arm_shared(const struct clockevent *e)
{
	u64 first = NOTHING_DUE, due;
	unsigned cpu;

	for_each_online_cpu(cpu) {
		due = per_cpu(wishes, cpu).due_ns;
		if (due != NOTHING_DUE && (first == NOTHING_DUE || due < first))
			first = due;
	}
	if (first == shared.armed_ns)
		return;
	shared.armed_ns = first;
	set_device(e, first);
}

void clockevent_arm(u64 due_ns)
{
	const struct clockevent *e = this_cpu_read(event);

	if (e->per_cpu) {
		set_device(e, due_ns);
		return;
	}
	spin_lock(&shared.lock);
	this_cpu_ptr(wishes)->due_ns = due_ns;
	arm_shared(e);
	spin_unlock(&shared.lock);
}

static void run_as_asked(void *arg __unused)
{
	timers_run();
}

/* Under shared.lock: ask the CPUs whose timers are due. True: this one, too. */
static bool ask_others(u64 now)
{
	unsigned here = smp_processor_id(), cpu;
	bool mine = false;

	for_each_online_cpu(cpu) {
		struct wish *wish = &per_cpu(wishes, cpu);

		if (wish->due_ns == NOTHING_DUE || wish->due_ns > now)
			continue;
		wish->due_ns = NOTHING_DUE;
		wish->call.fn = run_as_asked;
		/* One that has not begun yet will do as well. */
		if (cpu == here)
			mine = true;
		else
			smp_call_async(cpu, &wish->call);
	}
	return mine;
}

static void shared_interrupt(const struct clockevent *e)
{
	bool mine;

	spin_lock(&shared.lock);
	mine = ask_others(time_ns());
	shared.armed_ns = NOTHING_DUE;
	arm_shared(e);
	spin_unlock(&shared.lock);
	if (mine)
		timers_run();
}

void timer_interrupt(void)
{
	const struct clockevent *e = this_cpu_read(event);

	if (!e) {
		WRITE_ONCE(trial_seen_ns, time_ns());
		return;
	}
	clocksource_watch();
	if (e->per_cpu)
		timers_run();
	else
		shared_interrupt(e);
}

/* Wait for an interrupt that comes when it should. */
static bool interrupts(const struct clockevent *e)
{
	u64 start = time_ns(), passed;

	WRITE_ONCE(trial_seen_ns, 0);
	set_device(e, start + TRIAL_NS);
	for (unsigned looks = 0; looks < TRIAL_LOOKS_MAX; looks++) {
		passed = time_ns() - start;
		if (READ_ONCE(trial_seen_ns) >= start + TRIAL_NS / 2)
			return true;
		if (passed > TRIAL_MAX_MS * NSEC_PER_MSEC)
			break;
		cpu_relax();
	}
	e->stop();
	return false;
}

static bool works(const struct clockevent *e)
{
	if (e->probe())
		return false;
	if (interrupts(e))
		return true;
	pr_warn("%s does not interrupt: not used", e->name);
	if (e->release)
		e->release();
	return false;
}

static bool ranks_above(const struct clockevent *a, const struct clockevent *b)
{
	bool a_wanted = wanted && !strcmp(a->name, wanted);
	bool b_wanted = wanted && !strcmp(b->name, wanted);

	return a_wanted != b_wanted ? a_wanted : a->rating > b->rating;
}

/* The best device that ranks below @limit (NULL: of all), working or not. */
static struct clockevent *best_below(const struct clockevent *limit)
{
	struct clockevent *best = NULL;

	table_for_each(struct clockevent, clockevent, it) {
		struct clockevent *e = *it;

		if (limit && !ranks_above(limit, e))
			continue;
		if (!best || ranks_above(e, best))
			best = e;
	}
	return best;
}

/* The best one of those that work. */
static struct clockevent *find_event(const struct clockevent *limit)
{
	struct clockevent *e = best_below(limit);

	while (e && !works(e))
		e = best_below(e);
	return e;
}

/* One that is needed in a hurry cannot be tried then. */
static struct clockevent *find_fallback(const struct clockevent *e)
{
	struct clockevent *other = NULL;

	if (!e->counts_by || !e->counts_by->watched)
		return NULL;
	other = find_event(e);
	/* They may be two modes of one device. */
	if (other && e->init_cpu && e->init_cpu())
		pr_err("%s does not come back", e->name);
	return other;
}

void clockevent_init(void)
{
	struct clockevent *e = find_event(NULL);

	if (wanted && (!e || strcmp(e->name, wanted)))
		pr_warn("there is no timer %s%s%s", wanted, e ? ": using " : "",
			e ? e->name : "");
	if (!e) {
		pr_notice("no timer interrupts: waiting costs CPU time");
		return;
	}
	fallback = find_fallback(e);
	this_cpu_write(event, e);
	WRITE_ONCE(chosen, e);
	pr_info("%s, one shot, no tick%s%s", e->name,
		fallback ? "; in reserve: " : "",
		fallback ? fallback->name : "");
}

/* Another CPU takes up the device that the boot CPU has chosen. */
static int clockevent_init_cpu(void)
{
	struct clockevent *e = READ_ONCE(chosen);
	int err = e && e->init_cpu ? e->init_cpu() : 0;

	if (!err)
		this_cpu_write(event, e);
	return err;
}
initcall_cpu(INIT_TIME, clockevent_init_cpu);

static void change_event(void *arg __unused)
{
	struct clockevent *old = this_cpu_read(event);

	if (!old || old == chosen)
		return;
	old->stop();
	/* Should it not work here, the old one is better than none. */
	if (clockevent_init_cpu() && old->init_cpu)
		old->init_cpu();
	timers_rearm();
}

void clockevent_withdraw(const struct clockevent *e)
{
	static DEFINE_PER_CPU(struct smp_call_request, changes);
	unsigned long state;
	unsigned cpu;

	if (!fallback || chosen != e)
		return;
	WRITE_ONCE(chosen, fallback);
	pr_notice("%s from now on", chosen->name);
	state = local_irq_save();
	for_each_online_cpu(cpu) {
		struct smp_call_request *change = &per_cpu(changes, cpu);

		change->fn = change_event;
		if (cpu == smp_processor_id())
			change_event(NULL);
		else
			smp_call_async(cpu, change);
	}
	local_irq_restore(state);
}
