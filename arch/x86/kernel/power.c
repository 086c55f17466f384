/* SPDX-License-Identifier: BSD-2-Clause */
/* The PC's own ways to reset, stop and leave. */
#include <asm/cpu.h>
#include <kernel/arch_power.h>
#include <kernel/power.h>
#include <kernel/io.h>
#include <kernel/irq.h>
#include <kernel/smp.h>
#include <kernel/time.h>
#include <kernel/virt/service.h>

#define I8042_STATUS	  0x64
#define I8042_INPUT_FULL  BIT(1)
#define I8042_PULSE_RESET 0xfe
#define I8042_POLLS	  1000 /* of 10 us */

#define RESET_CONTROL	     0xcf9 /* Intel chipsets, and QEMU's */
#define RESET_CONTROL_SYSTEM 0x02
#define RESET_CONTROL_CPU    0x04

/* QEMU's isa-debug-exit at its customary port: exits with 2 * value + 1. */
#define DEBUG_EXIT	   0xf4
#define DEBUG_EXIT_SUCCESS 0x10
#define DEBUG_EXIT_FAILURE 0x11

/* How long a way out may take before the next one is tried. */
#define RESET_WAIT_US 50000

void arch_exit(bool success)
{
	outl(DEBUG_EXIT, success ? DEBUG_EXIT_SUCCESS : DEBUG_EXIT_FAILURE);
}

/* A PC is turned off through ACPI. */
void arch_poweroff(void)
{
}

static void reset_i8042(void)
{
	for (unsigned i = 0; i < I8042_POLLS; i++) {
		if (!(inb(I8042_STATUS) & I8042_INPUT_FULL))
			break;
		udelay(10);
	}
	outb(I8042_STATUS, I8042_PULSE_RESET);
	udelay(RESET_WAIT_US);
}

static void reset_control(void)
{
	outb(RESET_CONTROL, RESET_CONTROL_SYSTEM);
	udelay(50);
	outb(RESET_CONTROL, RESET_CONTROL_SYSTEM | RESET_CONTROL_CPU);
	udelay(RESET_WAIT_US);
}

/* Without an IDT an exception is a triple fault, which resets a PC. */
static void reset_triple_fault(void)
{
	const struct {
		u16 limit;
		u64 base;
	} __packed none = { 0, 0 };

	__asm__ __volatile__("lidt %0; int3" : : "m"(none));
}

void arch_reboot(void)
{
	reset_i8042();
	reset_control();
	reset_triple_fault();
}

void machine_halt(void)
{
	smp_stop_others();
	virt_services_stop();
	arch_irq_shutdown();
	for (;;)
		cpu_halt();
}
