/* SPDX-License-Identifier: BSD-2-Clause */
/* Segments, the task state segment with its stacks, and the IDT. */
#include <asm/desc.h>
#include <asm/layout.h>
#include <asm/trap.h>
#include <kernel/errno.h>
#include <kernel/mm/map.h>
#include <kernel/smp.h>
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

/* The boot CPU's; the others' are made by vmalloc(). */
static struct guarded_stack ist_stacks[IST_COUNT] __aligned(PAGE_SIZE)
	__section(".bss.stacks");
extern char boot_stack_guard[], boot_stack_top[];

#define STACK_COUNT (IST_COUNT + 1)

struct stack {
	uintptr_t low, high;
};

struct cpu_desc {
	u64 gdt[5];
	struct tss tss;
	struct stack stack[STACK_COUNT]; /* by IST slot; 0: without one */
} __aligned(16);

static DEFINE_PER_CPU(struct cpu_desc, desc);
static struct idt_gate idt[IDT_ENTRIES] __aligned(16);

static void set_stack(struct stack *stack, const char *low, size_t size)
{
	stack->low = (uintptr_t)low;
	stack->high = stack->low + size;
}

static void fill_desc(struct cpu_desc *d)
{
	u64 base = (u64)&d->tss, limit = sizeof(d->tss) - 1;

	for (unsigned i = 1; i < STACK_COUNT; i++)
		d->tss.ist[i - 1] = d->stack[i].high;
	d->tss.iopb = sizeof(d->tss);
	d->gdt[KERNEL_CS / 8] = 0x00af9b000000ffff;
	d->gdt[KERNEL_DS / 8] = 0x00cf93000000ffff;
	d->gdt[TSS_SEL / 8] = limit | (base & 0xffffff) << 16 |
			      (u64)TSS_AVAILABLE << 40 |
			      (base >> 24 & 0xff) << 56;
	d->gdt[TSS_SEL / 8 + 1] = base >> 32;
}

static void load_desc(const struct cpu_desc *d)
{
	struct table_pointer p = { sizeof(d->gdt) - 1, (u64)d->gdt };

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

static void fill_idt(void)
{
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
}

static void load_idt(void)
{
	struct table_pointer p = { sizeof(idt) - 1, (u64)idt };

	__asm__ __volatile__("lidt %0" : : "m"(p));
}

void desc_init(void)
{
	struct cpu_desc *d = &percpu__desc;

	set_stack(&d->stack[0], boot_stack_guard + PAGE_SIZE, BOOT_STACK_SIZE);
	for (unsigned i = 0; i < IST_COUNT; i++)
		set_stack(&d->stack[i + 1], ist_stacks[i].stack,
			  IST_STACK_SIZE);
	fill_desc(d);
	load_desc(d);
	fill_idt();
	load_idt();
}

int desc_create(unsigned cpu)
{
	struct cpu_desc *d = &per_cpu(desc, cpu);

	for (unsigned i = 1; i < STACK_COUNT; i++) {
		/* With an unmapped page below. */
		char *stack = vmalloc(IST_STACK_SIZE);

		if (!stack)
			return -ENOMEM;
		set_stack(&d->stack[i], stack, IST_STACK_SIZE);
	}
	fill_desc(d);
	return 0;
}

void desc_init_secondary(const void *stack)
{
	struct cpu_desc *d = this_cpu_ptr(desc);

	set_stack(&d->stack[0], stack, IDLE_STACK_SIZE);
	load_desc(d);
	load_idt();
}

/* The stack with @addr on it or, with @guard, in the page below it; or NULL. */
static const struct stack *find_stack(uintptr_t addr, size_t guard)
{
	for (unsigned cpu = 0; cpu < cpu_count(); cpu++) {
		const struct stack *s = per_cpu(desc, cpu).stack;

		for (unsigned i = 0; i < STACK_COUNT; i++)
			if (s[i].low && addr >= s[i].low - guard &&
			    addr < (guard ? s[i].low : s[i].high))
				return &s[i];
	}
	return NULL;
}

/* The caller's own, if it is not one of those above. */
static bool thread_stack_bounds(uintptr_t addr, uintptr_t *low, uintptr_t *high)
{
	const struct thread *thread = current_thread();

	*low = thread->stack_low;
	*high = thread->stack_high;
	return addr >= *low && addr < *high;
}

bool arch_stack_bounds(uintptr_t addr, uintptr_t *low, uintptr_t *high)
{
	const struct stack *stack;

	if (thread_stack_bounds(addr, low, high))
		return true;
	stack = find_stack(addr, 0);
	if (!stack)
		return false;
	*low = stack->low;
	*high = stack->high;
	return true;
}

bool stack_is_guard(uintptr_t addr)
{
	uintptr_t below = current_thread()->stack_low - addr;

	return (below > 0 && below <= PAGE_SIZE) || find_stack(addr, PAGE_SIZE);
}

void stack_for_each_guard(void (*fn)(uintptr_t guard))
{
	for (unsigned cpu = 0; cpu < cpu_count(); cpu++) {
		const struct stack *s = per_cpu(desc, cpu).stack;

		for (unsigned i = 0; i < STACK_COUNT; i++)
			if (s[i].low)
				fn(s[i].low - PAGE_SIZE);
	}
}
