/* SPDX-License-Identifier: BSD-2-Clause */
/* The `date` command. */
#include <kernel/calendar.h>
#include <kernel/console.h>
#include <kernel/errno.h>
#include <kernel/shell.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <kernel/wallclock.h>

static const char *const weekdays[] = { "Sun", "Mon", "Tue", "Wed",
					"Thu", "Fri", "Sat" };
static const char *const months[] = {
	"Jan", "Feb", "Mar", "Apr", "May", "Jun",
	"Jul", "Aug", "Sep", "Oct", "Nov", "Dec"
};

static void print_format(const struct calendar *c, u64 ns, const char *format);

/* One conversion of POSIX's date, or the text itself. */
static void print_conversion(const struct calendar *c, u64 ns, char what)
{
	switch (what) {
	case 'a': console_puts(weekdays[c->weekday]); break;
	case 'b': console_puts(months[c->month - 1]); break;
	case 'Y': console_printf("%u", c->year); break;
	case 'm': console_printf("%02u", c->month); break;
	case 'd': console_printf("%02u", c->day); break;
	case 'e': console_printf("%2u", c->day); break;
	case 'H': console_printf("%02u", c->hour); break;
	case 'M': console_printf("%02u", c->minute); break;
	case 'S': console_printf("%02u", c->second); break;
	case 'N': console_printf("%09llu", ns % NSEC_PER_SEC); break;
	case 's': console_printf("%llu", ns / NSEC_PER_SEC); break;
	case 'Z': console_puts("UTC"); break;
	case 'F': print_format(c, ns, "%Y-%m-%d"); break;
	case 'T': print_format(c, ns, "%H:%M:%S"); break;
	case '%': console_puts("%"); break;
	default: console_printf("%%%c", what); break;
	}
}

static void print_format(const struct calendar *c, u64 ns, const char *format)
{
	for (; *format; format++) {
		if (*format == '%' && format[1])
			print_conversion(c, ns, *++format);
		else
			console_printf("%c", *format);
	}
}

static int date_command(int argc, char **argv)
{
	const char *format = "%a %b %e %H:%M:%S UTC %Y";
	struct calendar c;
	u64 ns;

	for (int i = 1; i < argc; i++) {
		if (*argv[i] == '+')
			format = argv[i] + 1;
		else if (strcmp(argv[i], "-u"))
			return -EINVAL;
	}
	ns = wall_time_ns();
	if (!ns || calendar_from_seconds((s64)(ns / NSEC_PER_SEC), &c)) {
		console_puts(
			"date: this machine does not say what time it is\n");
		return -ENODEV;
	}
	print_format(&c, ns, format);
	console_puts("\n");
	return 0;
}
SHELL_COMMAND(date, "[-u] [+FORMAT]",
	      "Show the time of day (UTC); +%s: seconds since 1970",
	      date_command);
