/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's life, from the loader's hand-over to the prompt. */
#include <generated/version.h>
#include <kernel/boot_info.h>
#include <kernel/init.h>
#include <kernel/param.h>
#include <kernel/power.h>
#include <kernel/printk.h>
#include <kernel/selftest.h>
#include <kernel/shell.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <kernel/version.h>

const char kernel_version[] = ZIRVIUM_VERSION;

static bool initcall_debug;
param_bool("initcall_debug", initcall_debug,
	   "log each step of the boot and how long it took");

static void run_initcall(const struct initcall *call)
{
	u64 start = time_ns();
	int err = call->fn();
	u64 us = (time_ns() - start) / NSEC_PER_USEC;

	if (err)
		pr_err("%s failed: error %d", call->name, -err);
	if (initcall_debug)
		pr_info("%s: %lu us", call->name, us);
}

static void report_unknown_params(void)
{
	const char *word;

	for (unsigned i = 0; (word = param_unknown(i)); i++) {
		/* A module may come and know it. */
		if (IS_ENABLED(CONFIG_MODULES) && param_module_length(word))
			continue;
		pr_notice("Unknown parameter \"%s\": ignored", word);
	}
}

void kernel_main(void)
{
	/* What param_parse() cuts up. */
	static char words[PARAM_SOURCES_MAX + BOOT_CMDLINE_MAX];
	size_t before;
	u64 us;

	pr_plain("Zirvium " ZIRVIUM_VERSION " (" ZIRVIUM_COMPILER ")");
	pr_info("Booted by %s%s%s, command line: %s", boot_info.protocol,
		*boot_info.loader ? " from " : "", boot_info.loader,
		boot_info.cmdline);
	before = param_read_sources(words, PARAM_SOURCES_MAX);
	strscpy(words + before, boot_info.cmdline, sizeof(words) - before);
	param_parse(words);
	report_unknown_params();

	table_for_each(const struct initcall, init, call)
		run_initcall(*call);

	us = time_ns() / NSEC_PER_USEC;
	selftest_boot();
	pr_plain("Boot: %lu us from kernel entry to prompt", us);
	if (IS_ENABLED(CONFIG_SHELL))
		shell_run();
	pr_notice("Built without a shell: halted");
	machine_halt();
}
