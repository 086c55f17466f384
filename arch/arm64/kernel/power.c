/* SPDX-License-Identifier: BSD-2-Clause */
#include <abi/arm64/semihosting.h>
#include <asm/cpu.h>
#include <asm/extable.h>
#include <asm/smccc.h>
#include <kernel/arch_power.h>
#include <kernel/irq.h>
#include <kernel/power.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <kernel/virt/service.h>

/* QEMU's exit status, the same as isa-debug-exit's on a PC. */
#define EXIT_SUCCESS_STATUS 33
#define EXIT_FAILURE_STATUS 35

/*
 * To a debugger, as which QEMU counts with -semihosting. Without one the
 * instruction is undefined.
 */
void arch_exit(bool success)
{
	const u64 block[2] = {
		SEMIHOSTING_APPLICATION_EXIT,
		success ? EXIT_SUCCESS_STATUS : EXIT_FAILURE_STATUS,
	};
	register u64 operation __asm__("x0") = SEMIHOSTING_EXIT_EXTENDED;
	register const u64 *argument __asm__("x1") = block;

	__asm__ __volatile__("1: hlt %[hlt]\n"
			     "2:\n" EXTABLE(1b, 2b)
			     : "+r"(operation)
			     : "r"(argument), [hlt] "i"(SEMIHOSTING_HLT)
			     : "memory");
}

/* Each returns only if it failed. */
static void psci_call(u32 function)
{
	struct smccc_result r;

	if (!psci_version())
		return;
	smccc_call(function, 0, 0, 0, &r);
	pr_err("PSCI refuses call %#x: %d", function, (s32)r.x0);
}

void arch_poweroff(void)
{
	psci_call(PSCI_SYSTEM_OFF);
}

void arch_reboot(void)
{
	psci_call(PSCI_SYSTEM_RESET);
}

void machine_halt(void)
{
	smp_stop_others();
	virt_services_stop();
	arch_irq_shutdown();
	for (;;)
		cpu_halt();
}
