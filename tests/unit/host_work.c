/* SPDX-License-Identifier: BSD-2-Clause */
#include <kernel/work.h>
#include "host.h"

static struct work *first, **last = &first;

bool work_queue(struct work *work)
{
	if (work->pending)
		return false;
	work->pending = true;
	work->next = NULL;
	*last = work;
	last = &work->next;
	return true;
}

bool work_cancel(struct work *work)
{
	struct work **link = &first;

	if (!work->pending)
		return false;
	while (*link != work)
		link = &(*link)->next;
	*link = work->next;
	if (!*link)
		last = link;
	work->pending = false;
	return true;
}

void work_flush(struct work *work)
{
	while (work_cancel(work))
		work->fn(work);
}

unsigned host_run_work(void)
{
	unsigned count = 0;

	for (; first; count++) {
		struct work *work = first;

		work_cancel(work);
		work->fn(work);
	}
	return count;
}
