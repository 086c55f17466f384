/* SPDX-License-Identifier: BSD-2-Clause */
/* Starting CPUs: what the files that do it share. */
#pragma once

#include <abi/madt.h>
#include <kernel/compiler.h>

/* The CPUs that a MADT lists (cpu_madt.c). */
struct cpu_layout {
	u32 *ids;     /* APIC IDs by CPU number; the caller's memory */
	unsigned max; /* how many fit there, at least 1 */
	unsigned count;
	unsigned left_alone;  /* enabled ones beyond max */
	unsigned unreachable; /* enabled, with an ID that cannot be addressed */
	unsigned repeated;    /* IDs that were listed before */
	unsigned absent;      /* not enabled, but may be plugged in */
	bool boot_listed;     /* the boot CPU is among them */
};

/**
 * Read @madt, verified as acpi_find() does it, into @layout, whose ids and max
 * the caller has set. The boot CPU has the APIC ID @boot_id; IDs above @id_max
 * cannot be addressed.
 */
void cpu_layout_read(const struct acpi_sdt_header *madt, u32 boot_id,
		     u32 id_max, struct cpu_layout *layout);

#ifdef CONFIG_XEN_PARAVIRT
/** The same of Xen's vCPUs, where there is no MADT; 1 where there is no Xen. */
void xen_layout_read(u32 boot_id, u32 id_max, struct cpu_layout *layout);
#else
static inline void xen_layout_read(u32 boot_id, u32 id_max __unused,
				   struct cpu_layout *layout)
{
	layout->count = 1;
	layout->ids[0] = boot_id;
}
#endif

/** Physical address of the mailbox that @madt names, or 0. */
phys_addr_t cpu_mailbox_address(const struct acpi_sdt_header *madt);

/**
 * Have firmware send the CPU @apic_id to @vector, a physical address, through
 * @mailbox (mailbox.c). 0, -EBUSY (it did not finish what came before) or
 * -ETIMEDOUT (it does not answer; nothing is asked of it any more).
 */
int mailbox_start(struct acpi_wakeup_mailbox *mailbox, u32 apic_id, u64 vector);

/** APIC IDs by CPU number, cpu_count() of them. */
extern u32 *cpu_apic_ids;

/* Code and data that starting CPUs run through (trampoline.c). */

/**
 * Make them. The physical address of the page below 1 MiB where CPUs start in
 * real mode, or 0 and a message.
 */
phys_addr_t trampoline_create(void);
/** Where in that page CPUs start in 64-bit mode. */
unsigned trampoline_entry64(void);
/** Give the memory back. */
void trampoline_destroy(void);

/**
 * Stacks for CPUs that start, by the order in which they come; each takes the
 * next number. What is past the last waits for ever.
 */
extern u8 **secondary_stacks;
extern u32 secondary_stack_count, secondary_next;

/** The CPU that is to start only after it was given up, or 0: a test's. */
#ifdef CONFIG_FAULT_INJECTION
unsigned late_cpu(void);
#else
static inline unsigned late_cpu(void)
{
	return 0;
}
#endif
