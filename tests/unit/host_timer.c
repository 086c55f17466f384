/* SPDX-License-Identifier: BSD-2-Clause */
#include <kernel/timer.h>
#include "host.h"

#define TIMERS_MAX 64

static struct timer *set[TIMERS_MAX];

static struct timer **find(const struct timer *timer)
{
	for (unsigned i = 0; i < TIMERS_MAX; i++)
		if (set[i] == timer)
			return &set[i];
	return NULL;
}

int timer_start(struct timer *timer, u64 expires_ns)
{
	struct timer **place = find(timer);

	if (!place)
		place = find(NULL);
	if (!place)
		abort();
	*place = timer;
	return 0;
}

bool timer_cancel(struct timer *timer)
{
	struct timer **place = timer ? find(timer) : NULL;

	if (place)
		*place = NULL;
	return place;
}

unsigned host_run_timers(void)
{
	unsigned count = 0;

	for (unsigned i = 0; i < TIMERS_MAX; i++) {
		struct timer *timer = set[i];

		if (!timer)
			continue;
		set[i] = NULL;
		timer->handler(timer);
		count++;
	}
	return count;
}
