/* SPDX-License-Identifier: BSD-2-Clause */
/* The shell's `bench`. */
#include "measure.h"
#include <kernel/clockevent.h>
#include <kernel/clocksource.h>
#include <kernel/console.h>
#include <kernel/errno.h>
#include <kernel/json.h>
#include <kernel/shell.h>
#include <kernel/smp.h>
#include <kernel/string.h>
#include <kernel/thread.h>
#include <kernel/virt/hypervisor.h>

#define PS_PER_NS 1000

static const struct bench_suite *find_suite(const char *name)
{
	table_for_each(const struct bench_suite, bench, it)
		if (strcmp((*it)->name, name) == 0)
			return *it;
	return NULL;
}

static void list_suites(void)
{
	table_for_each(const struct bench_suite, bench, it) {
		console_printf("%s\n", (*it)->name);
		for (const struct bench_case *c = (*it)->cases; c->name; c++)
			console_printf("  %s.%s\n", (*it)->name, c->name);
	}
}

static const char *clockevent_name(void)
{
	const struct clockevent *event = clockevent_current();

	return event ? event->name : "none";
}

static void print_machine(const struct bench_suite *suite)
{
	console_printf("%s: %s, %u CPUs, clock %s, timer %s\n", suite->name,
		       hypervisor_get_name(), cpumask_count(&cpu_online_mask),
		       clocksource_current()->name, clockevent_name());
	console_printf("%-26s %12s %12s %12s %7s\n", "operation", "median ns",
		       "from", "to", "spread");
}

static const char *reason(int err)
{
	switch (err) {
	case -ENODEV: return "not on this machine";
	case -ENOMEM: return "no memory for it";
	case -EPERM: return "it would overwrite a disk that is not to be";
	case -ETIMEDOUT: return "nothing came about in time";
	default: return "failed";
	}
}

static void print_ns(u64 ps)
{
	console_printf(" %10llu.%llu", (unsigned long long)(ps / PS_PER_NS),
		       (unsigned long long)(ps % PS_PER_NS / 100));
}

static void print_values(const struct bench_result *r)
{
	for (unsigned i = 0; i < r->value_count; i++)
		console_printf(" %s %llu", r->values[i].name,
			       (unsigned long long)r->values[i].value);
	console_puts("\n");
}

static void print_result(const struct bench_case *c,
			 const struct bench_result *r)
{
	u64 spread = bench_spread(r);

	console_printf("%-26s", c->name);
	if (r->err) {
		console_printf("  left out: %s\n", reason(r->err));
		return;
	}
	if (r->value_count) {
		print_values(r);
		return;
	}
	print_ns(r->median);
	print_ns(r->quartile1);
	print_ns(r->quartile3);
	console_printf(" %5llu %%%s\n", (unsigned long long)spread,
		       spread > BENCH_SPREAD_MAX ? "  disturbed" : "");
}

static void put_console(void *arg, const char *s, size_t n)
{
	(void)arg;
	console_write(s, n);
}

static void json_values(struct json *j, const struct bench_result *r)
{
	json_object_begin(j, "values");
	for (unsigned i = 0; i < r->value_count; i++)
		json_u64(j, r->values[i].name, r->values[i].value);
	json_object_end(j);
}

static void json_result(struct json *j, const struct bench_case *c,
			const struct bench_result *r)
{
	json_object_begin(j, NULL);
	json_string(j, "name", c->name);
	if (r->err) {
		json_string(j, "left_out", reason(r->err));
	} else if (r->value_count) {
		json_values(j, r);
	} else {
		json_u64(j, "samples", r->samples);
		json_u64(j, "count", r->count);
		json_u64(j, "minimum_ps", r->minimum);
		json_u64(j, "quartile1_ps", r->quartile1);
		json_u64(j, "median_ps", r->median);
		json_u64(j, "quartile3_ps", r->quartile3);
		json_u64(j, "maximum_ps", r->maximum);
	}
	json_object_end(j);
}

/* What was asked for. */
struct request {
	const struct bench_suite *suite;
	const char *name; /* of one case; NULL: all */
};

static void run_text(void *arg)
{
	const struct request *r = arg;
	const struct bench_suite *suite = r->suite;
	const char *name = r->name;
	struct bench_result result;

	print_machine(suite);
	for (const struct bench_case *c = suite->cases; c->name; c++) {
		if (name && strcmp(c->name, name) != 0)
			continue;
		bench_measure(c, &result);
		print_result(c, &result);
	}
}

static void run_json(void *arg)
{
	const struct request *r = arg;
	const struct bench_suite *suite = r->suite;
	const char *name = r->name;
	struct bench_result result;
	struct json j;

	json_begin(&j, put_console, NULL);
	json_object_begin(&j, NULL);
	json_string(&j, "suite", suite->name);
	json_string(&j, "hypervisor", hypervisor_get_name());
	json_u64(&j, "cpus", cpumask_count(&cpu_online_mask));
	json_string(&j, "clock", clocksource_current()->name);
	json_string(&j, "timer", clockevent_name());
	json_array_begin(&j, "cases");
	for (const struct bench_case *c = suite->cases; c->name; c++) {
		if (name && strcmp(c->name, name) != 0)
			continue;
		bench_measure(c, &result);
		json_result(&j, c, &result);
	}
	json_array_end(&j);
	json_object_end(&j);
	json_end(&j);
}

static bool has_case(const struct bench_suite *suite, const char *name)
{
	const struct bench_case *c = suite->cases;

	while (c->name && strcmp(c->name, name) != 0)
		c++;
	return c->name;
}

/* "core" or "core.clock_read": cuts @spec up. */
static const struct bench_suite *parse(char *spec, const char **name)
{
	char *dot = strchr(spec, '.');
	const struct bench_suite *suite;

	if (dot)
		*dot = '\0';
	*name = dot ? dot + 1 : NULL;
	suite = find_suite(spec);
	return suite && (!dot || has_case(suite, *name)) ? suite : NULL;
}

static int command_bench(int argc, char **argv)
{
	bool json = argc > 1 && strcmp(argv[1], "--json") == 0;
	struct thread_attr attr = { .bound = true };
	struct request request;
	struct thread *thread;

	if (argc == 2 && strcmp(argv[1], "-l") == 0) {
		list_suites();
		return 0;
	}
	if (argc != 2 + json)
		return -EINVAL;
	request.suite = parse(argv[1 + json], &request.name);
	if (!request.suite)
		return -ENOENT;
	/* A thread that stays on its CPU: cases put others on other ones. */
	attr.cpu = smp_processor_id();
	thread = thread_create("bench", json ? run_json : run_text, &request,
			       &attr);
	if (!thread)
		return -ENOMEM;
	thread_join(thread);
	return 0;
}

static const char *complete_bench(unsigned n)
{
	return n < table_count(bench) ? __table_bench_start[n]->name : NULL;
}

SHELL_COMMAND_COMPLETE(bench, "-l | [--json] SUITE[.CASE]",
		       "Measure what operations cost; -l lists them",
		       command_bench, complete_bench);
