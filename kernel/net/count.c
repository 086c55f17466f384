/* SPDX-License-Identifier: BSD-2-Clause */
/* What was dropped, by reason. */
#include "stack.h"
#include <kernel/percpu.h>
#include <kernel/smp.h>

struct drop_counters {
	u64 count[NET_DROPS];
};

static DEFINE_PER_CPU(struct drop_counters, drop_counters);

void net_count(enum net_drop why)
{
	this_cpu_ptr(drop_counters)->count[why]++;
}

void net_drop(struct packet *packet, enum net_drop why)
{
	net_count(why);
	packet_free(packet);
}

u64 net_drop_count(enum net_drop why)
{
	u64 sum = 0;
	unsigned cpu;

	for_each_online_cpu(cpu)
		sum += READ_ONCE(per_cpu(drop_counters, cpu).count[why]);
	return sum;
}
