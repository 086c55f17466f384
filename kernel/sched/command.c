/* SPDX-License-Identifier: BSD-2-Clause */
/* `ps` and `top`. */
#include <kernel/console.h>
#include <kernel/errno.h>
#include <kernel/mm/slab.h>
#include <kernel/shell.h>
#include <kernel/smp.h>
#include <kernel/string.h>
#include <kernel/thread.h>
#include "internal.h"

#define TOP_INTERVAL_MS 1000
#define TOP_LINES_MAX	20

static const char *state_name(const struct thread_info *info)
{
	if (info->on_cpu)
		return "running";
	switch (info->state) {
	case THREAD_RUNNABLE:
	case THREAD_WAITING: return "ready";
	case THREAD_ASLEEP: return "asleep";
	default: return "ended";
	}
}

static void print_ms(u64 ns)
{
	console_printf(" %7llu.%03llu", (unsigned long long)(ns / NSEC_PER_SEC),
		       (unsigned long long)(ns / NSEC_PER_MSEC % 1000));
}

static void print_thread(const struct thread_info *info)
{
	console_printf("%5u %c%-4u %3u %-8s", info->id, info->bound ? '=' : ' ',
		       info->cpu, info->priority, state_name(info));
	print_ms(info->cpu_ns);
	console_printf(" %9llu %9llu %6llu  %s\n",
		       (unsigned long long)info->switches_voluntary,
		       (unsigned long long)info->switches_involuntary,
		       (unsigned long long)info->migrations, info->name);
}

static int command_ps(int argc, char **argv __unused)
{
	struct thread_info info;

	if (argc != 1)
		return -EINVAL;
	console_puts("   ID  CPU  PRI STATE       SECONDS    SLEPT+   "
		     "PREEMPTED MOVED  NAME\n");
	for (unsigned id = 0; thread_get_info(id, &info); id = info.id + 1)
		print_thread(&info);
	return 0;
}
SHELL_COMMAND(ps, "", "List the threads (=: bound to that CPU)", command_ps);

/* One thread between two looks. */
struct sample {
	unsigned id;
	unsigned cpu;
	u64 cpu_ns; /* at the last look */
	u64 used_ns;
	char name[THREAD_NAME_MAX];
};

struct top {
	struct sample *samples;
	unsigned capacity;
	unsigned count;
	u64 at_ns;
	u64 interval_ns;
};

static u64 cpu_ns_before(const struct top *top, unsigned id)
{
	for (unsigned i = 0; i < top->count; i++) {
		if (top->samples[i].id == id)
			return top->samples[i].cpu_ns;
	}
	return 0;
}

static void take_sample(struct sample *sample, const struct thread_info *info,
			const struct top *before)
{
	u64 old = cpu_ns_before(before, info->id);

	sample->id = info->id;
	sample->cpu = info->cpu;
	sample->cpu_ns = info->cpu_ns;
	sample->used_ns = info->cpu_ns - MIN(old, info->cpu_ns);
	strscpy(sample->name, info->name, sizeof(sample->name));
}

/* Look at all threads; *@now is empty. 0 or -ENOMEM. */
static int top_look(struct top *now, const struct top *before)
{
	struct thread_info info;

	/* Some may be created meanwhile: then they are seen the next time. */
	now->capacity = thread_count() + 8;
	now->count = 0;
	now->samples = kmalloc(now->capacity * sizeof(*now->samples));
	if (!now->samples)
		return -ENOMEM;
	now->at_ns = time_ns();
	now->interval_ns = now->at_ns - before->at_ns;
	for (unsigned id = 0;
	     now->count < now->capacity && thread_get_info(id, &info);
	     id = info.id + 1)
		take_sample(&now->samples[now->count++], &info, before);
	return 0;
}

/* In tenths of a percent of one CPU. */
static unsigned share(u64 ns, u64 interval_ns)
{
	return interval_ns ? (unsigned)(ns * 1000 / interval_ns) : 0;
}

/* The one that used most, marked as shown. */
static struct sample *next_busiest(struct top *top)
{
	struct sample *best = NULL;

	for (unsigned i = 0; i < top->count; i++) {
		struct sample *s = &top->samples[i];

		if (s->used_ns && (!best || s->used_ns > best->used_ns))
			best = s;
	}
	return best;
}

static void print_totals(const struct top *top)
{
	struct sched_cpu_times sum = { 0 }, times;
	unsigned cpu, cpus = 0, threads = top->count;

	for_each_online_cpu(cpu) {
		sched_get_times(cpu, &times);
		sum.idle_ns += times.idle_ns;
		sum.busy_ns += times.busy_ns;
		sum.steal_ns += times.steal_ns;
		sum.switches += times.switches;
		cpus++;
	}
	console_printf("%u threads, %u CPUs, since boot: busy", threads, cpus);
	print_ms(sum.busy_ns);
	console_puts(" s, idle");
	print_ms(sum.idle_ns);
	console_puts(" s, stolen");
	print_ms(sum.steal_ns);
	console_printf(" s, %llu switches\n", (unsigned long long)sum.switches);
}

static void top_print(struct top *top)
{
	struct sample *s;

	console_puts("\033[H\033[2J");
	print_totals(top);
	console_puts("   ID  CPU   %CPU  NAME\n");
	for (unsigned n = 0; n < TOP_LINES_MAX && (s = next_busiest(top));
	     n++) {
		unsigned tenths = share(s->used_ns, top->interval_ns);

		console_printf("%5u %4u %4u.%u  %s\n", s->id, s->cpu,
			       tenths / 10, tenths % 10, s->name);
		s->used_ns = 0;
	}
	console_puts("(any key ends this)\n");
}

static bool key_within(u64 ms)
{
	u8 key;

	return console_wait_char_until(&key, time_ns() + ms * NSEC_PER_MSEC);
}

static int command_top(int argc, char **argv __unused)
{
	struct top before = { 0 }, now = { 0 };
	int err;

	if (argc != 1)
		return -EINVAL;
	do {
		err = top_look(&now, &before);
		if (err)
			break;
		top_print(&now);
		kfree(before.samples);
		before = now;
	} while (!key_within(TOP_INTERVAL_MS));
	kfree(before.samples);
	return err;
}
SHELL_COMMAND(top, "", "Show what uses the CPUs, until a key is pressed",
	      command_top);
