/* SPDX-License-Identifier: BSD-2-Clause */
/* The time of day: the choice of a source. */
#include <kernel/atomic.h>
#include <kernel/spinlock.h>
#include <kernel/time.h>
#include <kernel/wallclock.h>

static struct {
	struct spinlock lock; /* of whoever asks the sources */
	bool asked;	      /* what follows does not change any more */
	const struct wallclock *source;
	u64 entry_ns; /* UTC when time_ns() was 0 */
} wall;

/* Of equals any, but always the same. */
static bool ranks_above(const struct wallclock *a, const struct wallclock *b)
{
	return a->rating != b->rating ? a->rating > b->rating
				      : (uintptr_t)a < (uintptr_t)b;
}

/* The best one that ranks below @limit (NULL: of all), answering or not. */
static const struct wallclock *best_below(const struct wallclock *limit)
{
	const struct wallclock *best = NULL;

	table_for_each(const struct wallclock, wallclock, it)
		if ((!limit || ranks_above(limit, *it)) &&
		    (!best || ranks_above(*it, best)))
			best = *it;
	return best;
}

/* Under wall.lock. */
static void ask(void)
{
	const struct wallclock *w = best_below(NULL);
	u64 ns = 0, now;

	while (w && (w->read(&ns) || ns < time_ns()))
		w = best_below(w);
	now = time_ns();
	if (w) {
		wall.entry_ns = ns - now;
		wall.source = w;
	}
	/* What was found is complete before it is used. */
	atomic_store_release(&wall.asked, true);
}

u64 wall_time_ns(void)
{
	/* Pairs with the release in ask(). */
	if (!atomic_load_acquire(&wall.asked)) {
		spin_lock(&wall.lock);
		if (!wall.asked)
			ask();
		spin_unlock(&wall.lock);
	}
	return wall.source ? wall.entry_ns + time_ns() : 0;
}

const struct wallclock *wallclock_current(void)
{
	return atomic_load_acquire(&wall.asked) ? wall.source : NULL;
}
