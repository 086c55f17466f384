/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * kernel/shell: cutting a line into words, running commands, what they print,
 * and a whole session at the prompt. The rest of the kernel is played by this
 * file.
 */
#include "unit.h"
#include <setjmp.h>
#include <stdarg.h>
#include <kernel/console.h>
#include <kernel/cpu.h>
#include <kernel/errno.h>
#include <kernel/mm/bootmem.h>
#include <kernel/mm/map.h>
#include <kernel/mm/page.h>
#include <kernel/mm/slab.h>
#include <kernel/panic.h>
#include <kernel/param.h>
#include <kernel/power.h>
#include <kernel/printk.h>
#include <kernel/selftest.h>
#include <kernel/sched.h>
#include <kernel/shell.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <kernel/vsprintf.h>
#include "../../kernel/shell/parse.h"

#define PROMPT "zirvium> "

static char output[65536];
static const char *input;
static jmp_buf stopped;
static char stop_reason[256];
static u64 now;

void console_write(const char *s, size_t n)
{
	size_t used = strlen(output);

	CHECK(n < sizeof(output) - used);
	memcpy(output + used, s, n);
	output[used + n] = '\0';
}

void console_puts(const char *s)
{
	console_write(s, strlen(s));
}

void console_printf(const char *fmt, ...)
{
	char text[1024];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	CHECK(n >= 0 && (size_t)n < sizeof(text));
	console_puts(text);
}

static __attribute__((noreturn)) void stop(const char *why)
{
	snprintf(stop_reason, sizeof(stop_reason), "%s", why);
	longjmp(stopped, 1);
}

/* The end of the input ends the session. */
void sched_get_times(unsigned cpu, struct sched_cpu_times *times)
{
	*times = (struct sched_cpu_times){ .busy_ns = 1000000,
					   .idle_ns = 3000000 };
}

u8 console_wait_char(void)
{
	if (!*input)
		stop("end of input");
	return (u8)*input++;
}

void panic(const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	stop(text);
}

void machine_poweroff(void)
{
	stop("poweroff");
}

void machine_reboot(void)
{
	stop("reboot");
}

void cpu_print_info(void)
{
	console_puts("a CPU\n");
}

u64 time_ns(void)
{
	return now;
}

/* The log: records 3 to 6, as if 0 to 2 had been overwritten. */
static const struct log_record records[] = {
	{ .seq = 3, .level = LOG_ERR, .text = "an error" },
	{ .seq = 4, .level = LOG_WARNING, .text = "a warning" },
	{ .seq = 5, .level = LOG_NOTICE, .text = "a notice" },
	{ .seq = 6, .level = 200, .text = "no level" },
};

bool log_read(u64 *seq, struct log_record *record)
{
	for (size_t i = 0; i < ARRAY_SIZE(records); i++) {
		if (records[i].seq >= *seq) {
			*record = records[i];
			*seq = records[i].seq + 1;
			return true;
		}
	}
	return false;
}

size_t log_format(const struct log_record *record, char *buf, size_t size)
{
	return (size_t)snprintf(buf, size, "[%u] %s\n", (unsigned)record->seq,
				record->text);
}

static struct memmap map;

const struct memmap *bootmem_map(void)
{
	return &map;
}

u64 page_free_count(void)
{
	return 1;
}

void page_get_stats(struct page_stats *stats)
{
	*stats = (struct page_stats){
		.zone[ZONE_BELOW_4G] = { .pages = 300,
					 .free_pages = 257,
					 .blocks = { [0] = 1, [8] = 1 } },
		.allocated = 5,
		.freed = 4,
	};
}

bool kmem_cache_get_stats(unsigned n, struct kmem_cache_stats *stats)
{
	*stats = (struct kmem_cache_stats){
		.name = "things",
		.used = 3,
		.slabs = n == 1 ? 2 : 0,
		.slab_pages = 4,
		.capacity = 8,
	};
	return n < 3;
}

void kmem_get_stats(struct kmem_stats *stats)
{
	*stats = (struct kmem_stats){ .large_pages = 7 };
}

void vm_get_stats(struct vm_stats *stats)
{
	*stats = (struct vm_stats){ .areas = 2, .bytes = 8192 };
}

const char *memmap_type_name(enum memmap_type type)
{
	return type == MEMMAP_RAM ? "RAM" : "reserved";
}

u64 memmap_total(const struct memmap *m, enum memmap_type type)
{
	u64 total = 0;

	for (unsigned i = 0; i < m->count; i++) {
		if (m->entries[i].type == type)
			total += m->entries[i].end - m->entries[i].start;
	}
	return total;
}

static char selftest_spec[600];

bool selftest_run(const char *spec, struct selftest_totals *totals)
{
	snprintf(selftest_spec, sizeof(selftest_spec), "%s", spec);
	*totals = (struct selftest_totals){ 0 };
	return true;
}

int param_set_bool(const struct param *p, const char *value)
{
	(void)p;
	(void)value;
	return 0;
}

static bool a_flag, b_flag;
param_bool("zeta", b_flag, "the last");
param_bool("alpha", a_flag, "the first");

static int command_args(int argc, char **argv)
{
	CHECK(!argv[argc]);
	for (int i = 0; i < argc; i++)
		console_printf("<%s>", argv[i]);
	return 0;
}
SHELL_COMMAND(args, "[WORD]...", "Print the words", command_args);

static int command_refuse(int argc, char **argv)
{
	(void)argv;
	return argc > 1 ? -EIO : -EINVAL;
}
SHELL_COMMAND(refuse, "", "Fail", command_refuse);

/* Run @line; what it prints is left in output. */
static int execute(const char *line)
{
	static char *copy; /* kept: some commands do not come back */

	free(copy);
	copy = strdup(line);
	output[0] = '\0';
	return shell_execute(copy);
}

/* Run @line, which must not return; why it ended is in stop_reason. */
static void execute_last(const char *line)
{
	stop_reason[0] = '\0';
	if (setjmp(stopped) == 0) {
		execute(line);
		CHECK(!"it came back");
	}
}

struct parse_case {
	const char *line;
	int ret;
	const char *words; /* joined by "|" */
};

static const struct parse_case parse_cases[] = {
	{ "", 0, "" },
	{ "  \t ", 0, "" },
	{ "a", 1, "a" },
	{ "  a  b\tc ", 3, "a|b|c" },
	{ "'a b' \"c d\"", 2, "a b|c d" },
	{ "a'b'\"c\"d", 1, "abcd" },
	{ "'' \"\"", 2, "|" },
	{ "a\\ b", 1, "a b" },
	{ "\\'a \\\"b \\\\", 3, "'a|\"b|\\" },
	{ "'a\\b\"c'", 1, "a\\b\"c" },
	{ "\"a\\\"b\\\\c\\d'e\"", 1, "a\"b\\c\\d'e" },
	{ "'", -EINVAL, "" },
	{ "a 'b", -EINVAL, "" },
	{ "\"", -EINVAL, "" },
	{ "\"a\\", -EINVAL, "" },
	{ "\"a\\\"", -EINVAL, "" },
	{ "a\\", -EINVAL, "" },
	{ "a b c d e f g", 7, "a|b|c|d|e|f|g" },
	{ "a b c d e f g h", -E2BIG, "" },
};

TEST(lines_are_cut_into_words)
{
	for (size_t i = 0; i < ARRAY_SIZE(parse_cases); i++) {
		const struct parse_case *c = &parse_cases[i];
		char *line = strdup(c->line), joined[64] = "";
		char *argv[8];
		int argc = shell_parse(line, argv, ARRAY_SIZE(argv));

		CHECK_EQ(argc, c->ret);
		for (int n = 0; n < argc; n++) {
			strcat(joined, n ? "|" : "");
			strcat(joined, argv[n]);
		}
		if (argc >= 0)
			CHECK(!argv[argc]);
		CHECK_STR(joined, c->words);
		free(line);
	}
}

TEST(random_lines_are_cut_within_their_bounds)
{
	u64 state = 7;

	for (int i = 0; i < 100000; i++) {
		char text[24], *line, *argv[6];
		unsigned n = (unsigned)(state >> 40) % sizeof(text);
		size_t total = 0;
		int argc;

		for (unsigned k = 0; k < n; k++) {
			state = state * 6364136223846793005ULL + 1;
			text[k] = "ab  '\"\\\t"[state >> 61];
		}
		state += (u64)i << 32;
		text[n] = '\0';
		line = strdup(text);
		argc = shell_parse(line, argv, ARRAY_SIZE(argv));
		CHECK(argc < (int)ARRAY_SIZE(argv));
		for (int k = 0; k < argc; k++)
			total += strlen(argv[k]) + 1;
		CHECK(total <= strlen(text) + 1);
		free(line);
	}
}

TEST(commands_get_their_words)
{
	CHECK_EQ(execute("  args 'a b' c"), 0);
	CHECK_STR(output, "<args><a b><c>");
}

TEST(an_empty_line_does_nothing)
{
	CHECK_EQ(execute("   "), 0);
	CHECK_STR(output, "");
}

TEST(what_does_not_work_is_said_in_one_line)
{
	CHECK_EQ(execute("frob x"), -ENOENT);
	CHECK_STR(output, "frob: command not found (try help)\n");
	CHECK_EQ(execute("refuse"), -EINVAL);
	CHECK_STR(output, "usage: refuse\n");
	CHECK_EQ(execute("refuse now"), -EIO);
	CHECK_STR(output, "refuse: error -5\n");
	CHECK_EQ(execute("help a b"), -EINVAL);
	CHECK_STR(output, "usage: help [COMMAND | params]\n");
	CHECK_EQ(execute("args 'a"), -EINVAL);
	CHECK(strstr(output, "quote"));
	CHECK_EQ(execute("a a a a a a a a a a a a a a a a a a a a a a a a a a "
			 "a a a a a a a a a"),
		 -E2BIG);
	CHECK_STR(output, "too many words, at most 32\n");
}

TEST(help_lists_commands_in_order)
{
	static const char *const names[] = { "args",   "clear",	   "cpuinfo",
					     "dmesg",  "help",	   "meminfo",
					     "panic",  "poweroff", "reboot",
					     "refuse", "selftest", "uptime" };
	char *line;

	CHECK_EQ(execute("help"), 0);
	line = strtok(output, "\n");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		CHECK(line && strncmp(line, "  ", 2) == 0);
		CHECK(line &&
		      strncmp(line + 2, names[i], strlen(names[i])) == 0);
		CHECK(line && strlen(line) < 100);
		line = strtok(NULL, "\n");
	}
	CHECK(!line);
}

TEST(help_explains_one_command)
{
	execute("help args");
	CHECK_STR(output, "  args [WORD]...                       "
			  "Print the words\n");
	execute("help frob");
	CHECK_STR(output, "help: there is no command frob\n");
}

TEST(help_lists_parameters_in_order)
{
	execute("help params");
	CHECK_STR(output, "  alpha            the first\n"
			  "  zeta             the last\n");
}

TEST(dmesg_prints_the_log)
{
	CHECK_EQ(execute("dmesg"), 0);
	CHECK_STR(output, "[3] an error\n[4] a warning\n[5] a notice\n");
}

TEST(dmesg_chooses_levels)
{
	execute("dmesg -l warn");
	CHECK_STR(output, "[4] a warning\n");
	execute("dmesg -l err,notice");
	CHECK_STR(output, "[3] an error\n[5] a notice\n");
	execute("dmesg -l warn+");
	CHECK_STR(output, "[3] an error\n[4] a warning\n");
	execute("dmesg -l debug");
	CHECK_STR(output, "");
	CHECK_EQ(execute("dmesg -l"), -EINVAL);
	CHECK_EQ(execute("dmesg now"), -EINVAL);
}

TEST(dmesg_names_the_levels_when_asked_for_another)
{
	static const char *const bad[] = {
		"dmesg -l loud", "dmesg -l warn,", "dmesg -l +",
		"dmesg -l ''",	 "dmesg -l war",   "dmesg -l err,,warn",
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		execute(bad[i]);
		CHECK(strncmp(output, "dmesg: the levels are emerg", 27) == 0);
	}
}

TEST(meminfo_shows_map_and_totals)
{
	map = (struct memmap){
		.count = 3,
		.dropped = 2,
		.entries = {
			{ 0, 0x9fc00, MEMMAP_RAM },
			{ 0x9fc00, 0xa0000, MEMMAP_RESERVED },
			{ 0x100000, 0x7fe0000, MEMMAP_RAM },
		},
	};
	CHECK_EQ(execute("meminfo"), 0);
	CHECK_STR(
		output,
		"Physical memory map, last byte included:\n"
		"  0000000000000000-000000000009fbff  639.0 KiB  RAM\n"
		"  000000000009fc00-000000000009ffff    1.0 KiB  reserved\n"
		"  0000000000100000-0000000007fdffff  126.8 MiB  RAM\n"
		"  and 2 entries that did not fit\n"
		"In total:\n"
		"RAM               127.4 MiB         133692416 bytes\n"
		"reserved            1.0 KiB              1024 bytes\n"
		"free now            4.0 KiB              4096 bytes\n"
		"Free pages, by size of block:\n"
		"  below 4 GiB    1.0 MiB of    1.1 MiB: 1x4.0 KiB 1x1.0 MiB\n"
		"  5 blocks allocated since boot, 4 freed, 0 not available, "
		"0 wrong frees\n"
		"Objects:\n"
		"  things                3 of     16 used,    8 pages\n"
		"  7 pages of larger objects, 0 wrong frees, 0 overwritten\n"
		"Mappings: 2, 8.0 KiB, 0 wrong frees\n");
}

TEST(sizes_are_cut_not_rounded_up)
{
	map = (struct memmap){
		.count = 4,
		.entries = {
			{ 0, 1023, MEMMAP_RAM },
			{ 0, (1ULL << 20) - 1, MEMMAP_RAM },
			{ 0, (1ULL << 40) - 1, MEMMAP_RAM },
			{ 0, UINT64_MAX, MEMMAP_RAM },
		},
	};
	execute("meminfo");
	CHECK(strstr(output, "fe     1023 B  RAM\n"));
	CHECK(strstr(output, " 1023.9 KiB  RAM\n"));
	CHECK(strstr(output, " 1023.9 GiB  RAM\n"));
	CHECK(strstr(output, "   15.9 EiB  RAM\n"));
}

TEST(uptime_is_readable_and_exact)
{
	now = (26ULL * 3600 + 3 * 60 + 4) * NSEC_PER_SEC + 5678999;
	execute("uptime");
	CHECK_STR(output, "up 26:03:04 (93784.005678 s), idle 75.0 %\n");
}

TEST(selftest_joins_its_names)
{
	execute("selftest");
	CHECK_STR(selftest_spec, "all");
	execute("selftest one two.three four,five");
	CHECK_STR(selftest_spec, "one,two.three,four,five");
	CHECK_EQ(execute("selftest -x"), -EINVAL);
	CHECK_EQ(execute("selftest -l one"), -EINVAL);
}

TEST(selftest_refuses_more_than_it_can_hold)
{
	char line[700] = "selftest ";
	int ret;

	for (int n = 500; n < 520; n++) {
		memset(line + 9, 'x', (size_t)n);
		strcpy(line + 9 + n, " y");
		ret = execute(line);
		CHECK_EQ(ret, n < 510 ? 0 : -E2BIG);
		if (!ret)
			CHECK_STR(selftest_spec + n, ",y");
	}
}

TEST(commands_that_end_the_machine_do)
{
	execute_last("poweroff");
	CHECK_STR(stop_reason, "poweroff");
	execute_last("reboot");
	CHECK_STR(stop_reason, "reboot");
	execute_last("panic");
	CHECK_STR(stop_reason, "asked for in the shell");
	execute_last("panic %s  and 'so on'");
	CHECK_STR(stop_reason, "%s and so on");
}

TEST(a_long_panic_message_is_cut)
{
	for (int n = 100; n < 140; n++) {
		char line[200];

		snprintf(line, sizeof(line), "panic %0*d %s", n, 0,
			 "end of it");
		execute_last(line);
		CHECK(strlen(stop_reason) < 128);
		CHECK(strncmp(stop_reason, "0000", 4) == 0);
	}
}

TEST(commands_without_arguments_refuse_them)
{
	static const char *const lines[] = { "poweroff now", "reboot now",
					     "clear x",	     "cpuinfo x",
					     "meminfo x",    "uptime x" };

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		CHECK_EQ(execute(lines[i]), -EINVAL);
}

/* Type @keys at the prompt; the whole session is left in output. */
static void session(const char *keys)
{
	input = keys;
	output[0] = '\0';
	if (setjmp(stopped) == 0)
		shell_run();
}

TEST(a_session_reads_well_in_a_log)
{
	session("args 1 2\rfrob\r\n\n");
	CHECK_STR(output,
		  PROMPT "args 1 2\n<args><1><2>" PROMPT
			 "frob\nfrob: command not found (try help)\n" PROMPT
			 "\n" PROMPT);
}

TEST(tab_completes_commands_and_their_arguments)
{
	session("cpu\t\n");
	CHECK(strstr(output, PROMPT "cpuinfo \na CPU\n"));
	session("help unk\thelp upt\t\n");
	CHECK(strstr(output, "usage: help"));
	session("  help upt\t\n");
	CHECK(strstr(output, "uptime  "));
	session("dmesg -l warn\t\n");
	CHECK(strstr(output, "] a warning\n"));
	session("help par\t\n");
	CHECK(strstr(output, "alpha"));
	session("frob \tx\n");
	CHECK(strstr(output, PROMPT "frob x\n"));
	session("selftest a\t\n");
	CHECK_STR(selftest_spec, "all");
}
