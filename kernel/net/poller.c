/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pollers. Each pair's thread is bound to the CPU that the device interrupts
 * for it. It is a little more urgent than ordinary threads, so that what came
 * in does not wait for the end of somebody's turn; while it is never done it
 * lets them run now and then, or who is to take the packets would never get
 * to. The loopback device's is not urgent: it is woken by who sends, and each
 * packet would cost two switches.
 */
#include "netdev.h"
#include <kernel/atomic.h>
#include <kernel/errno.h>
#include <kernel/sched.h>
#include <kernel/smp.h>
#include <kernel/thread.h>
#include <kernel/time.h>
#include <kernel/vsprintf.h>

/* Policy: packets that are handed up before others' needs are looked at. */
#define POLL_BUDGET 64
/* Policy: a poller that is busy for a turn sleeps so long, if others wait. */
#define POLL_REST_NS (SCHED_SLICE_NS / 4)

void net_wake(struct net_pair *pair)
{
	/* A full barrier: the poller sees what made this call necessary. */
	if (!atomic_xchg(&pair->woken, true))
		wake_one(&pair->wake);
}

void net_transmit_ready(struct net_pair *pair)
{
	net_wake(pair);
}

bool net_poll(struct net_pair *pair)
{
	const struct net_device_ops *ops = pair->device->ops;
	unsigned received = ops->poll(pair, POLL_BUDGET);

	net_transmit_queued(pair);
	if (received >= POLL_BUDGET)
		return true;
	return !ops->arm(pair);
}

static bool take_wake(struct net_pair *pair)
{
	/* A full barrier, before what it announces is looked at. */
	return atomic_xchg(&pair->woken, false);
}

/* Poll until there is no more, since @pair was woken. */
static void poll_all(struct net_pair *pair)
{
	u64 since = time_ns();

	while (net_poll(pair) && !atomic_read(&pair->stopping)) {
		if (time_ns() - since < SCHED_SLICE_NS)
			continue;
		if (sched_queued(pair->cpu))
			thread_sleep_ns(POLL_REST_NS);
		since = time_ns();
	}
}

static void poller_main(void *arg)
{
	struct net_pair *pair = arg;

	while (!atomic_read(&pair->stopping)) {
		poll_all(pair);
		wait_event(&pair->wake, take_wake(pair));
	}
}

int net_poller_start(struct net_pair *pair)
{
	bool urgent = !(pair->device->features & NET_LOOPBACK);
	struct thread_attr attr = { .priority = THREAD_PRIORITY_NORMAL + urgent,
				    .bound = true,
				    .cpu = pair->cpu };
	char name[THREAD_NAME_MAX];

	snprintf(name, sizeof(name), "%s/%u", pair->device->name, pair->index);
	pair->stopping = false;
	pair->poller = thread_create(name, poller_main, pair, &attr);
	return pair->poller ? 0 : -ENOMEM;
}

void net_poller_stop(struct net_pair *pair)
{
	if (!pair->poller)
		return;
	atomic_write(&pair->stopping, true);
	net_wake(pair);
	thread_join(pair->poller);
	pair->poller = NULL;
}
