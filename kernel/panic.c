/* SPDX-License-Identifier: BSD-2-Clause */
#include <kernel/atomic.h>
#include <kernel/console.h>
#include <kernel/cpu.h>
#include <kernel/panic.h>
#include <kernel/param.h>
#include <kernel/power.h>
#include <kernel/power_hook.h>
#include <kernel/printk.h>
#include <kernel/selftest.h>
#include <kernel/smp.h>
#include <kernel/symbols.h>
#include <kernel/thread.h>
#include <kernel/time.h>
#include <kernel/vsprintf.h>

#define PANIC_TEXT_MAX 256

static int panic_timeout;
param_int("panic", panic_timeout,
	  "after a panic: 0 stop, N reset after N seconds, -1 reset at once");

static unsigned panics;
static bool host_told;

static __noreturn void leave(void)
{
	if (selftest_exit_requested())
		machine_exit(false);
	if (panic_timeout == 0)
		machine_halt();
	if (panic_timeout > 0) {
		pr_emerg("Reset in %d seconds", panic_timeout);
		udelay((u64)panic_timeout * 1000000);
	}
	machine_reboot();
}

static char text[PANIC_TEXT_MAX];

static void report(const char *fmt, va_list ap)
{
	vsnprintf(text, sizeof(text), fmt, ap);
	pr_emerg("Kernel panic: %s", text);
	pr_emerg("on CPU %u, in thread %s", smp_processor_id(),
		 current_thread()->name);
	backtrace_print(0);
	pr_emerg("---[ end of panic: %s ]---", text);
}

void panic(const char *fmt, ...)
{
	unsigned before;
	va_list ap;

	local_irq_save();
	/* Of several CPUs that panic one goes on from here. */
	smp_stop_others();
	before = atomic_fetch_add(&panics, 1U);
	/* What failed may be what leaving needs. */
	if (before > 1)
		machine_halt();
	console_enter_panic();
	/* Or what reporting needs: then leave without. */
	if (before == 0) {
		va_start(ap, fmt);
		report(fmt, ap);
		va_end(ap);
	}
	if (!atomic_xchg(&host_told, true))
		power_hooks_panicked(text);
	leave();
}
