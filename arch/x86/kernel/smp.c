/* SPDX-License-Identifier: BSD-2-Clause */
/* Finding and starting the other CPUs of a PC. */
#define pr_fmt(fmt) "smp: " fmt

#include <abi/apic.h>
#include <asm/apic.h>
#include <asm/cpu.h>
#include <asm/desc.h>
#include <asm/page.h>
#include <asm/smp.h>
#include <kernel/acpi.h>
#include <kernel/arch_smp.h>
#include <kernel/errno.h>
#include <kernel/irq.h>
#include <kernel/mm/map.h>
#include <kernel/mm/slab.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <kernel/virt/hypervisor.h>
#include "../mm/mapping.h"

/* IDs that a command can be sent to: the last one means everybody. */
#define XAPIC_ID_LAST  0xfeU
#define X2APIC_ID_LAST 0xfffffffeU

/*
 * After INIT: real CPUs may need 10 ms (SDM 3A, 8.4.4.1), virtual ones have
 * nothing to warm up.
 */
#define INIT_WAIT_US	     10000
#define INIT_WAIT_VIRTUAL_US 10
/* SIPI is sent again to those that have not come by then. */
#define SIPI_WAIT_US 10000
#define SIPI_POLL_US 10

u32 *cpu_apic_ids;
u8 **secondary_stacks;
u32 secondary_stack_count, secondary_next;

static struct acpi_wakeup_mailbox *mailbox;
static u32 startup; /* the command that starts a CPU at the trampoline */

u64 arch_cpu_id(unsigned cpu)
{
	if (cpu_apic_ids)
		return cpu_apic_ids[cpu];
	return irq_available() ? apic_id() : 0;
}

const char *arch_cpu_id_name(void)
{
	return "APIC ID";
}

static void report_layout(const struct cpu_layout *layout)
{
	if (!layout->boot_listed)
		pr_warn("the MADT does not list the boot CPU, APIC ID %u",
			layout->ids[0]);
	if (layout->repeated)
		pr_warn("the MADT lists %u CPUs twice: ignored",
			layout->repeated);
	if (layout->unreachable)
		pr_warn("%u CPUs have APIC IDs that %s mode cannot address: "
			"left alone",
			layout->unreachable, apic_is_x2() ? "x2APIC" : "xAPIC");
	if (layout->absent)
		pr_info("%u CPUs may be plugged in later: left alone",
			layout->absent);
}

static void find_mailbox(const struct acpi_sdt_header *madt)
{
	phys_addr_t address = cpu_mailbox_address(madt);

	if (address)
		mailbox = memremap(address, sizeof(*mailbox), MEMORY_WB);
	if (mailbox)
		pr_info("CPUs wait at the mailbox at %#llx",
			(unsigned long long)address);
}

/* The IDs in as much memory as they need. How many CPUs that is for. */
static unsigned keep_ids(const struct cpu_layout *layout)
{
	size_t bytes = layout->count * sizeof(u32);

	cpu_apic_ids = kmalloc(bytes);
	if (cpu_apic_ids)
		memcpy(cpu_apic_ids, layout->ids, bytes);
	kfree(layout->ids);
	return cpu_apic_ids ? layout->count : 1;
}

static void read_madt(const struct acpi_sdt_header *madt, u32 id_max,
		      struct cpu_layout *layout)
{
	cpu_layout_read(madt, apic_id(), id_max, layout);
	report_layout(layout);
	if (layout->count > 1)
		find_mailbox(madt);
}

unsigned arch_smp_enumerate(unsigned max, unsigned *left_alone)
{
	const struct acpi_sdt_header *madt = acpi_find(ACPI_MADT_SIGNATURE, 0);
	u32 id_max = apic_is_x2() ? X2APIC_ID_LAST : XAPIC_ID_LAST;
	struct cpu_layout layout = { .max = max };

	if (!irq_available())
		return 1;
	layout.ids = kmalloc(max * sizeof(u32));
	if (!layout.ids)
		return 1;
	if (madt)
		read_madt(madt, id_max, &layout);
	else
		xen_layout_read(apic_id(), id_max, &layout);
	*left_alone = layout.left_alone + layout.unreachable;
	return keep_ids(&layout);
}

int arch_cpu_prepare(unsigned cpu)
{
	return desc_create(cpu);
}

static bool make_stacks(unsigned count)
{
	secondary_stacks = kzalloc(count * sizeof(*secondary_stacks));
	if (!secondary_stacks)
		return false;
	while (secondary_stack_count < count) {
		u8 *stack = vmalloc(IDLE_STACK_SIZE);

		if (!stack)
			break;
		secondary_stacks[secondary_stack_count++] = stack;
	}
	return secondary_stack_count;
}

static bool all_have_come(void)
{
	return atomic_read(&secondary_next) >= secondary_stack_count;
}

static void start_by_mailbox(const struct cpumask *mask, phys_addr_t vector)
{
	unsigned cpu;
	int err;

	for_each_cpu(cpu, mask) {
		err = mailbox_start(mailbox, cpu_apic_ids[cpu], vector);
		if (!err)
			continue;
		pr_warn("the mailbox does not take CPU %u (error %d)", cpu,
			-err);
		return;
	}
}

static bool come_in_time(void)
{
	for (unsigned us = 0; us < SIPI_WAIT_US; us += SIPI_POLL_US) {
		if (all_have_come())
			return true;
		udelay(SIPI_POLL_US);
	}
	return false;
}

static void start_by_interrupt(const struct cpumask *mask)
{
	unsigned cpu;

	for_each_cpu(cpu, mask)
		apic_send(cpu_apic_ids[cpu], APIC_ICR_INIT);
	udelay(is_virtualized() ? INIT_WAIT_VIRTUAL_US : INIT_WAIT_US);
	for_each_cpu(cpu, mask)
		if (cpu != late_cpu())
			apic_send(cpu_apic_ids[cpu], startup);
	if (come_in_time())
		return;
	/* One that does run, though it was not seen yet, ignores it. */
	for_each_cpu(cpu, mask)
		if (cpu != late_cpu() && !smp_cpu_was_seen(cpu))
			apic_send(cpu_apic_ids[cpu], startup);
}

int arch_cpus_start(const struct cpumask *mask)
{
	phys_addr_t page = trampoline_create();

	if (!page)
		return -ENOMEM;
	if (!make_stacks(cpumask_count(mask))) {
		trampoline_destroy();
		return -ENOMEM;
	}
	startup = APIC_ICR_STARTUP | (u32)(page >> PAGE_SHIFT);
	if (mailbox)
		start_by_mailbox(mask, page + trampoline_entry64());
	else
		start_by_interrupt(mask);
	return 0;
}

void arch_cpus_started(bool all)
{
	if (!all) {
		if (late_cpu() && late_cpu() < cpu_count())
			apic_send(cpu_apic_ids[late_cpu()], startup);
		return;
	}
	trampoline_destroy();
	kfree(secondary_stacks);
	secondary_stacks = NULL;
}

static unsigned find_this_cpu(void)
{
	u32 id = apic_id();
	unsigned cpu = 1;

	while (cpu < cpu_count() && cpu_apic_ids[cpu] != id)
		cpu++;
	return cpu;
}

void x86_secondary_start(u32 stack);

/* From secondary.S, on the @stack-th of the stacks, with its page tables. */
void x86_secondary_start(u32 stack)
{
	unsigned cpu;

	apic_set_mode_secondary();
	cpu = find_this_cpu();
	if (cpu == cpu_count())
		cpu_park();
	arch_percpu_set_offset(percpu_offsets[cpu]);
	arch_set_current(this_cpu_ptr(idle_thread));
	desc_init_secondary(secondary_stacks[stack]);
	write_cr3(virt_to_phys(kernel_root()));
	paging_init_cpu();
	apic_init_cpu();
	smp_secondary_main(cpu);
}
