/* SPDX-License-Identifier: BSD-2-Clause */
/* Segments, the task state segment with its stacks, and the IDT. */
#include <asm/desc.h>
#include <asm/layout.h>
#include <asm/trap.h>
#include <kernel/thread.h>

#define IST_STACK_SIZE	0x2000
#define IDT_ENTRIES	256
#define GATE_INTERRUPT	0x8e /* present, ring 0, 64-bit interrupt gate */
#define TSS_AVAILABLE	0x89 /* present, available 64-bit TSS */
#define TRAP_ENTRY_SIZE 16   /* bytes from one stub of entry.S to the next */

/* SDM volume 3A, 8.7 "Task management in 64-bit mode". */
struct tss {
	u32 reserved0;
	u64 rsp[3];
	u64 reserved1;
	u64 ist[7];
	u64 reserved2;
	u16 reserved3;
	u16 iopb;
} __packed;
_Static_assert(sizeof(struct tss) == 104, "SDM 3A figure 8-11");

/* SDM volume 3A, 6.14.1 "64-bit mode IDT". */
struct idt_gate {
	u16 offset0;
	u16 selector;
	u8 ist;
	u8 type;
	u16 offset16;
	u32 offset32;
	u32 reserved;
};
_Static_assert(sizeof(struct idt_gate) == 16, "SDM 3A figure 6-8");

struct table_pointer {
	u16 limit;
	u64 base;
} __packed;

/* The guard page is unmapped once the final page tables are built. */
struct guarded_stack {
	char guard[PAGE_SIZE];
	char stack[IST_STACK_SIZE];
};

static struct guarded_stack ist_stacks[IST_COUNT] __aligned(PAGE_SIZE)
	__section(".bss.stacks");
extern char boot_stack_guard[], boot_stack_top[];

static struct tss tss;
static struct idt_gate idt[IDT_ENTRIES] __aligned(16);
static u64 gdt[5] __aligned(16) = {
	[KERNEL_CS / 8] = 0x00af9b000000ffff,
	[KERNEL_DS / 8] = 0x00cf93000000ffff,
};

static void tss_init(void)
{
	u64 base = (u64)&tss, limit = sizeof(tss) - 1;

	for (unsigned i = 0; i < IST_COUNT; i++)
		tss.ist[i] = (u64)(&ist_stacks[i] + 1);
	tss.iopb = sizeof(tss);
	gdt[TSS_SEL / 8] = limit | (base & 0xffffff) << 16 |
			   (u64)TSS_AVAILABLE << 40 | (base >> 24 & 0xff) << 56;
	gdt[TSS_SEL / 8 + 1] = base >> 32;
}

static void gdt_load(void)
{
	struct table_pointer p = { sizeof(gdt) - 1, (u64)gdt };

	__asm__ __volatile__("lgdt %[gdt]\n"
			     "pushq %[cs]\n"
			     "leaq 1f(%%rip), %%rax\n"
			     "pushq %%rax\n"
			     "lretq\n"
			     "1: movl %[ds], %%eax\n"
			     "movl %%eax, %%ds\n"
			     "movl %%eax, %%es\n"
			     "movl %%eax, %%ss\n"
			     "ltr %w[tss]\n"
			     :
			     : [gdt] "m"(p), [cs] "i"(KERNEL_CS),
			       [ds] "i"(KERNEL_DS), [tss] "r"(TSS_SEL)
			     : "rax", "memory");
}

static u8 vector_ist(unsigned vector)
{
	switch (vector) {
	case TRAP_DF: return IST_DOUBLE_FAULT;
	case TRAP_NMI: return IST_NMI;
	case TRAP_MC: return IST_MACHINE_CHECK;
	default: return 0;
	}
}

static void idt_load(void)
{
	struct table_pointer p = { sizeof(idt) - 1, (u64)idt };

	for (unsigned i = 0; i < IDT_ENTRIES; i++) {
		u64 entry = (u64)trap_entries + i * TRAP_ENTRY_SIZE;

		idt[i] = (struct idt_gate){
			.offset0 = (u16)entry,
			.selector = KERNEL_CS,
			.ist = vector_ist(i),
			.type = GATE_INTERRUPT,
			.offset16 = (u16)(entry >> 16),
			.offset32 = (u32)(entry >> 32),
		};
	}
	__asm__ __volatile__("lidt %0" : : "m"(p));
}

void desc_init(void)
{
	tss_init();
	gdt_load();
	idt_load();
}

static bool in_range(uintptr_t addr, const char *low, const char *high)
{
	return addr >= (uintptr_t)low && addr < (uintptr_t)high;
}

static bool static_stack_bounds(uintptr_t addr, uintptr_t *low, uintptr_t *high)
{
	const char *from = boot_stack_guard + PAGE_SIZE, *to = boot_stack_top;

	for (unsigned i = 0; i < IST_COUNT && !in_range(addr, from, to); i++) {
		from = ist_stacks[i].stack;
		to = from + IST_STACK_SIZE;
	}
	*low = (uintptr_t)from;
	*high = (uintptr_t)to;
	return in_range(addr, from, to);
}

/* On a thread's stack no other thread's frames are of interest. */
static bool thread_stack_bounds(uintptr_t addr, uintptr_t *low, uintptr_t *high)
{
	const struct thread *thread = current_thread();

	*low = thread->stack_low;
	*high = thread->stack_high;
	return addr >= *low && addr < *high;
}

bool arch_stack_bounds(uintptr_t addr, uintptr_t *low, uintptr_t *high)
{
	if (thread_stack_bounds(addr, low, high))
		return true;
	return static_stack_bounds(addr, low, high);
}

void stack_for_each_guard(void (*fn)(uintptr_t guard))
{
	fn((uintptr_t)boot_stack_guard);
	for (unsigned i = 0; i < IST_COUNT; i++)
		fn((uintptr_t)ist_stacks[i].guard);
}

bool stack_is_guard(uintptr_t addr)
{
	uintptr_t below = current_thread()->stack_low - addr;
	bool guard = in_range(addr, boot_stack_guard,
			      boot_stack_guard + PAGE_SIZE) ||
		     (below > 0 && below <= PAGE_SIZE);

	for (unsigned i = 0; i < IST_COUNT; i++)
		guard |= in_range(addr, ist_stacks[i].guard,
				  ist_stacks[i].stack);
	return guard;
}
