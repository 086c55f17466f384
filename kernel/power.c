/* SPDX-License-Identifier: BSD-2-Clause */
#include <kernel/acpi_power.h>
#include <kernel/arch_power.h>
#include <kernel/atomic.h>
#include <kernel/console.h>
#include <kernel/cpu.h>
#include <kernel/errno.h>
#include <kernel/irq.h>
#include <kernel/power.h>
#include <kernel/power_hook.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <kernel/virt/service.h>
#include <kernel/work.h>

static struct {
	struct work work;
	enum power_request what;
	bool made;
} request;

static void leave_as_asked(struct work *work)
{
	(void)work;
	if (request.what == POWER_REQUEST_REBOOT)
		machine_reboot();
	machine_poweroff();
}

int power_request(enum power_request what, const char *from)
{
	if (atomic_xchg(&request.made, true))
		return -EBUSY;
	pr_notice("%s asks to %s this machine", from,
		  what == POWER_REQUEST_REBOOT ? "reset" : "turn off");
	request.what = what;
	request.work.fn = leave_as_asked;
	work_queue(&request.work);
	return 0;
}

void power_hooks_panicked(const char *message)
{
	table_for_each(const struct power_hook, power_hook, it)
		if ((*it)->panicked)
			(*it)->panicked(message);
}

static void tell_closing(void)
{
	table_for_each(const struct power_hook, power_hook, it)
		if ((*it)->closing)
			(*it)->closing();
}

/*
 * From here on nothing else runs, on this CPU neither: another thread may wait
 * for ever for what a stopped CPU holds, and we for its turn to end.
 */
static void be_alone(void)
{
	local_irq_disable();
	smp_stop_others();
	virt_services_stop();
}

void machine_poweroff(void)
{
	pr_notice("Power down");
	tell_closing();
	console_settle();
	be_alone();
	console_drain();
	arch_irq_shutdown();
	table_for_each(const struct power_hook, power_hook, it)
		if ((*it)->poweroff)
			(*it)->poweroff();
	arch_poweroff();
	acpi_poweroff();
	pr_err("This machine offers no way to turn it off: halted");
	machine_halt();
}

void machine_reboot(void)
{
	pr_notice("Reset");
	console_settle();
	be_alone();
	console_drain();
	arch_irq_shutdown();
	table_for_each(const struct power_hook, power_hook, it)
		if ((*it)->reboot)
			(*it)->reboot();
	acpi_reset();
	arch_reboot();
	pr_err("This machine offers no way to reset it: halted");
	machine_halt();
}

void machine_exit(bool success)
{
	console_settle();
	be_alone();
	console_drain();
	arch_exit(success);
	machine_poweroff();
}
