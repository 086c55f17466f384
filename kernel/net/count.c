/* SPDX-License-Identifier: BSD-2-Clause */
/* What was dropped, by reason, and numbers that are hard to guess. */
#include "stack.h"
#include <kernel/percpu.h>
#include <kernel/smp.h>
#include <kernel/time.h>

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

/*
 * SplitMix64 (Steele, Lea and Flood 2014) over the clock: who does not see
 * this machine's memory cannot guess it within the life of a question.
 */
u64 net_random(void)
{
	static u64 state;
	u64 z = atomic_fetch_add_relaxed(&state, 0x9e3779b97f4a7c15ULL) +
		time_ns() * 0xd1342543de82ef95ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}
