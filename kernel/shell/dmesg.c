/* SPDX-License-Identifier: BSD-2-Clause */
/* `dmesg`: the kernel log. */
#include <kernel/console.h>
#include <kernel/errno.h>
#include <kernel/printk.h>
#include <kernel/shell.h>
#include <kernel/string.h>

#define ALL_LEVELS (BIT(LOG_DEBUG + 1) - 1)

/* As Linux's dmesg calls them. */
static const char *const level_names[] = {
	[LOG_EMERG] = "emerg", [LOG_ALERT] = "alert",  [LOG_CRIT] = "crit",
	[LOG_ERR] = "err",     [LOG_WARNING] = "warn", [LOG_NOTICE] = "notice",
	[LOG_INFO] = "info",   [LOG_DEBUG] = "debug",
};

/*
 * The levels that the @length bytes at @name mean, as a mask: one, or with
 * "+" behind it that one and all more severe. 0: there is no such level.
 */
static unsigned level_mask(const char *name, size_t length)
{
	bool and_above = length && name[length - 1] == '+';

	length -= and_above;
	for (unsigned i = 0; i < ARRAY_SIZE(level_names); i++) {
		if (strlen(level_names[i]) == length &&
		    memcmp(level_names[i], name, length) == 0)
			return and_above ? BIT(i + 1) - 1 : BIT(i);
	}
	return 0;
}

/* The mask of "err,warn"; 0 if any of the names is none. */
static unsigned parse_levels(const char *list)
{
	unsigned mask = 0;

	for (;;) {
		const char *comma = strchr(list, ',');
		size_t n = comma ? (size_t)(comma - list) : strlen(list);
		unsigned one = level_mask(list, n);

		if (!one || !comma)
			return one ? mask | one : 0;
		mask |= one;
		list = comma + 1;
	}
}

static void print_log(unsigned mask)
{
	struct log_record record;
	char line[LOG_LINE_MAX];
	u64 seq = 0;

	while (log_read(&seq, &record)) {
		if (record.level <= LOG_DEBUG && (mask & BIT(record.level)))
			console_write(line,
				      log_format(&record, line, sizeof(line)));
	}
}

static int command_dmesg(int argc, char **argv)
{
	unsigned mask = ALL_LEVELS;

	if (argc == 3 && strcmp(argv[1], "-l") == 0)
		mask = parse_levels(argv[2]);
	else if (argc != 1)
		return -EINVAL;
	if (!mask) {
		console_puts("dmesg: the levels are emerg alert crit err warn "
			     "notice info debug; \"warn+\" means warn and "
			     "all more severe\n");
		return 0;
	}
	print_log(mask);
	return 0;
}

static const char *complete_dmesg(unsigned n)
{
	if (n == 0)
		return "-l";
	return n <= ARRAY_SIZE(level_names) ? level_names[n - 1] : NULL;
}

SHELL_COMMAND_COMPLETE(dmesg, "[-l LEVEL[+][,LEVEL[+]]...]",
		       "Print the kernel log, or some levels of it",
		       command_dmesg, complete_dmesg);
