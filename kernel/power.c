/* SPDX-License-Identifier: BSD-2-Clause */
#include <kernel/acpi_power.h>
#include <kernel/arch_power.h>
#include <kernel/console.h>
#include <kernel/cpu.h>
#include <kernel/irq.h>
#include <kernel/power.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <kernel/virt/service.h>

/*
 * From here on nothing else runs, on this CPU neither: another thread may wait
 * for ever for what a stopped CPU holds, and we for its turn to end.
 */
static void be_alone(void)
{
	local_irq_disable();
	smp_stop_others();
	virt_services_stop_cpu();
}

void machine_poweroff(void)
{
	pr_notice("Power down");
	console_flush();
	be_alone();
	console_drain();
	arch_irq_shutdown();
	arch_poweroff();
	acpi_poweroff();
	pr_err("This machine offers no way to turn it off: halted");
	machine_halt();
}

void machine_reboot(void)
{
	pr_notice("Reset");
	console_flush();
	be_alone();
	console_drain();
	arch_irq_shutdown();
	acpi_reset();
	arch_reboot();
	pr_err("This machine offers no way to reset it: halted");
	machine_halt();
}

void machine_exit(bool success)
{
	console_flush();
	be_alone();
	console_drain();
	arch_exit(success);
	machine_poweroff();
}
