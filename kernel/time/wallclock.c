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

/* The best source after @last, or of all; equals in the table's order. */
static const struct wallclock *next_best(const struct wallclock *last)
{
	const struct wallclock *best = NULL;
	bool past = false;

	table_for_each(const struct wallclock, wallclock, it) {
		const struct wallclock *w = *it;
		/* One more than what may follow. */
		unsigned limit = last ? last->rating + past : UINT32_MAX;

		if (last && w == last)
			past = true;
		else if (w->rating < limit &&
			 (!best || w->rating > best->rating))
			best = w;
	}
	return best;
}

/* Under wall.lock. */
static void ask(void)
{
	const struct wallclock *w = next_best(NULL);
	u64 ns = 0, now;

	while (w && (w->read(&ns) || ns < time_ns()))
		w = next_best(w);
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
