/* SPDX-License-Identifier: BSD-2-Clause */
/* Sets of CPUs as people write them. */
#include <kernel/ctype.h>
#include <kernel/errno.h>
#include <kernel/string.h>
#include <kernel/vsprintf.h>
#include "lines.h"

/* ",1023-1023" and "..." */
#define RANGE_TEXT_MAX 14

static unsigned range_end(const struct cpumask *mask, unsigned first)
{
	while (first + 1 < CONFIG_NR_CPUS && cpumask_test(mask, first + 1))
		first++;
	return first;
}

void cpulist_print(const struct cpumask *mask, char text[CPULIST_MAX])
{
	size_t length = 0;
	unsigned cpu, last;

	text[0] = '\0';
	for (cpu = cpumask_next(mask, 0); cpu < CONFIG_NR_CPUS;
	     cpu = cpumask_next(mask, last + 1)) {
		char *end = text + length;
		size_t room = CPULIST_MAX - length;
		const char *comma = length ? "," : "";

		last = range_end(mask, cpu);
		if (room < RANGE_TEXT_MAX) {
			strscpy(end, "...", room);
			return;
		}
		if (last > cpu)
			snprintf(end, room, "%s%u-%u", comma, cpu, last);
		else
			snprintf(end, room, "%s%u", comma, cpu);
		length += strlen(end);
	}
}

/* A CPU's number at *@text, which steps behind it. */
static int parse_cpu(const char **text, unsigned *cpu)
{
	const char *p = *text;

	if (!is_digit(*p))
		return -EINVAL;
	for (*cpu = 0; is_digit(*p); p++) {
		*cpu = *cpu * 10 + (unsigned)(*p - '0');
		if (*cpu >= CONFIG_NR_CPUS)
			return -ERANGE;
	}
	*text = p;
	return 0;
}

static int parse_range(const char **text, struct cpumask *mask)
{
	unsigned first, last;
	int ret = parse_cpu(text, &first);

	if (ret)
		return ret;
	last = first;
	if (**text == '-') {
		++*text;
		ret = parse_cpu(text, &last);
	}
	if (ret || last < first)
		return ret ?: -EINVAL;
	for (unsigned cpu = first; cpu <= last; cpu++)
		cpumask_set(mask, cpu);
	return 0;
}

int cpulist_parse(const char *text, struct cpumask *mask)
{
	int ret;

	*mask = (struct cpumask){ 0 };
	for (;;) {
		ret = parse_range(&text, mask);
		if (ret)
			return ret;
		if (!*text)
			return 0;
		if (*text++ != ',')
			return -EINVAL;
	}
}
