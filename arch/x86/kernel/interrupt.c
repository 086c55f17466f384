/* SPDX-License-Identifier: BSD-2-Clause */
/* From vectors to lines, and bringing the controllers up. */
#define pr_fmt(fmt) "irq: " fmt

#include <abi/apic.h>
#include <asm/apic.h>
#include <asm/cpu.h>
#include <asm/trap.h>
#include <asm/vector.h>
#include <kernel/acpi.h>
#include <kernel/boot_info.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/irq.h>
#include <kernel/param.h>
#include <kernel/percpu.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <kernel/timer.h>
#include <kernel/virt/paravirt.h>
#include <kernel/virt/x86.h>

/* Errors of the local APIC that are worth a line each. */
#define ERROR_REPORT_MAX 3

static bool noapic, nolapic;
param_bool("noapic", noapic, "use no I/O APIC: devices are polled");
param_bool("nolapic", nolapic, "use no local APIC: no interrupts at all");

static bool available;
/* What hypervisors' own vectors call. */
#define CALLBACKS (VECTOR_CALLBACK_LAST - VECTOR_CALLBACK + 1)
static struct {
	void (*fn)(void);
	bool end;
} callbacks[CALLBACKS];
static DEFINE_PER_CPU(u64, unexpected); /* interrupts that nobody knows of */

void native_interrupt_end(void)
{
	apic_eoi();
}

DEFINE_STATIC_CALL(interrupt_end, native_interrupt_end);

int arch_take_callback_vector(void (*fn)(void), bool end)
{
	for (unsigned i = 0; i < CALLBACKS; i++) {
		if (callbacks[i].fn)
			continue;
		callbacks[i].fn = fn;
		callbacks[i].end = end;
		return (int)(VECTOR_CALLBACK + i);
	}
	return -EBUSY;
}

static bool handle_callback(unsigned vector)
{
	unsigned i = vector - VECTOR_CALLBACK;

	if (i >= CALLBACKS || !callbacks[i].fn)
		return false;
	if (callbacks[i].end)
		interrupt_end();
	callbacks[i].fn();
	return true;
}

bool interrupt_comes_again(unsigned vector)
{
	unsigned i = vector - VECTOR_CALLBACK;

	return i < CALLBACKS && callbacks[i].fn && !callbacks[i].end;
}

bool irq_available(void)
{
	return READ_ONCE(available);
}

static void report_error(void)
{
	u32 error;

	/* Writing it makes it hold what happened since the last time. */
	apic_write(APIC_ESR, 0);
	error = apic_read(APIC_ESR);
	if (trap_count(VECTOR_ERROR) <= ERROR_REPORT_MAX)
		pr_warn("local APIC error %#x on CPU %u", error,
			smp_processor_id());
}

bool interrupt_dispatch(unsigned vector)
{
	int irq = vector_irq(vector);
	bool known = true,
	     ipi = vector >= VECTOR_IPI_FIRST && vector <= VECTOR_IPI_LAST;

	/* A spurious interrupt is not in service and must not be ended. */
	if (vector == VECTOR_SPURIOUS || handle_callback(vector))
		return true;
	if (irq >= 0)
		irq_handle((unsigned)irq);
	else if (vector == VECTOR_ERROR)
		report_error();
	else if (vector != VECTOR_TIMER && vector != VECTOR_SELFTEST && !ipi)
		known = false;
	/* What nobody knows of may be an instruction's: then it is not. */
	if (known || apic_in_service(vector))
		interrupt_end();
	if (!known)
		this_cpu_add(unexpected, 1);
	if (vector == VECTOR_TIMER)
		timer_interrupt();
	if (ipi)
		ipi_dispatch(vector);
	return known;
}

bool arch_irq_counter(unsigned n, unsigned cpu, const char **name, u64 *count)
{
	static const struct {
		const char *name;
		u8 vector;
		u8 last;
	} counters[] = {
		{ "timer", VECTOR_TIMER, VECTOR_TIMER },
		{ "call", VECTOR_CALL, VECTOR_CALL },
		{ "reschedule", VECTOR_RESCHEDULE, VECTOR_RESCHEDULE },
		{ "callback", VECTOR_CALLBACK, VECTOR_CALLBACK_LAST },
		{ "error", VECTOR_ERROR, VECTOR_ERROR },
		{ "spurious", VECTOR_SPURIOUS, VECTOR_SPURIOUS },
		{ "NMI", TRAP_NMI, TRAP_NMI },
	};

	if (n > ARRAY_SIZE(counters))
		return false;
	if (n == ARRAY_SIZE(counters)) {
		*name = "unknown";
		*count = per_cpu(unexpected, cpu);
		return true;
	}
	*name = counters[n].name;
	*count = 0;
	for (unsigned v = counters[n].vector; v <= counters[n].last; v++)
		*count += trap_count_cpu(v, cpu);
	return true;
}

void arch_irq_shutdown(void)
{
	local_irq_disable();
	WRITE_ONCE(available, false);
	ioapic_shutdown();
	apic_shutdown();
}

static int interrupts_init(void)
{
	acpi_init(boot_info.rsdp);
	i8259_disable();
	if (nolapic || apic_init()) {
		pr_notice("no local APIC: no interrupts, everything is polled");
		return 0;
	}
	vector_init_cpu();
	if (virt_has_extended_ids())
		vector_use_extended_ids();
	if (noapic || ioapic_init())
		pr_notice("no I/O APIC: devices are polled");
	WRITE_ONCE(available, true);
	local_irq_enable();
	pr_info("local APIC %u in %s mode", apic_id(),
		apic_is_x2() ? "x2APIC" : "xAPIC");
	return 0;
}
initcall(INIT_IRQ, interrupts_init);
