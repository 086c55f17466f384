/* SPDX-License-Identifier: BSD-2-Clause */
#include <asm/cpu.h>
#include <asm/extable.h>
#include <asm/irq.h>
#include <asm/page.h>
#include <asm/stack.h>
#include <asm/trap.h>
#include <kernel/atomic.h>
#include <kernel/panic.h>
#include <kernel/preempt.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <kernel/symbols.h>

/* ESR_EL1.ISS of aborts: Arm ARM, D19.2.37. */
#define ISS_WRITE	BIT(6)
#define ISS_FSC		0x3f
#define FSC_LEVEL	0x3
#define FSC_KIND	0x3c
#define FSC_ADDRESS	0x00
#define FSC_TRANSLATION 0x04
#define FSC_ACCESS	0x08
#define FSC_PERMISSION	0x0c
#define FSC_EXTERNAL	0x10
#define FSC_ALIGNMENT	0x21

/* The immediate of a BRK that is only noted; others are compilers' traps. */
#define BRK_NOTED 0
#define BRK_BYTES 4

static DEFINE_PER_CPU(u64[EC_COUNT], counts);

u64 trap_count(unsigned ec)
{
	u64 sum = 0;

	for (unsigned cpu = 0; ec < EC_COUNT && cpu < cpu_count(); cpu++)
		sum += READ_ONCE(per_cpu(counts, cpu)[ec]);
	return sum;
}

static unsigned class_of(const struct trap_frame *f)
{
	return f->esr >> ESR_EC_SHIFT & (EC_COUNT - 1);
}

static const char *class_name(unsigned ec)
{
	switch (ec) {
	case EC_UNKNOWN: return "undefined instruction";
	case EC_ILLEGAL: return "illegal execution state";
	case EC_SYSREG: return "trapped system register access";
	case EC_FETCH_ABORT: return "instruction abort";
	case EC_PC_ALIGNMENT: return "misaligned program counter";
	case EC_DATA_ABORT: return "data abort";
	case EC_SP_ALIGNMENT: return "misaligned stack pointer";
	case EC_SERROR: return "SError";
	case EC_BREAKPOINT: return "hardware breakpoint";
	case EC_STEP: return "single step";
	case EC_WATCHPOINT: return "watchpoint";
	case EC_BRK: return "breakpoint instruction";
	default: return "unknown exception";
	}
}

static void print_registers(const struct trap_frame *f)
{
	pr_emerg("PC  %016lx %pS", f->pc, (void *)f->pc);
	pr_emerg("LR  %016lx %pS", f->x[30], (void *)f->x[30]);
	pr_emerg("SP  %016lx  PSTATE %08lx  ESR %08lx", f->sp, f->pstate,
		 f->esr);
	for (unsigned i = 0; i < 30; i += 3)
		pr_emerg("X%-2u %016lx  X%-2u %016lx  X%-2u %016lx", i, f->x[i],
			 i + 1, f->x[i + 1], i + 2, f->x[i + 2]);
}

static void print_mapping(uintptr_t va)
{
	struct page_walk walk;

	paging_walk(va, &walk);
	for (unsigned i = 0; i < walk.levels; i++)
		pr_emerg("level %u %016lx%s", i, walk.entry[i],
			 walk.entry[i] & PTE_VALID ? "" : " (not valid)");
}

static const char *abort_reason(u64 esr, uintptr_t va)
{
	if (stack_is_guard(va))
		return "a stack's guard page";
	if ((esr & ISS_FSC) == FSC_ALIGNMENT)
		return "a misaligned address";
	switch (esr & FSC_KIND) {
	case FSC_ADDRESS: return "an address that is none";
	case FSC_TRANSLATION:
		return va < PAGE_SIZE ? "a null pointer"
				      : "an address that is not mapped";
	case FSC_ACCESS: return "a page not marked as used";
	case FSC_PERMISSION: return "a page without that right";
	case FSC_EXTERNAL: return "an address where nobody answers";
	default: return "an address, with another fault";
	}
}

static void explain_abort(const struct trap_frame *f)
{
	const char *access = class_of(f) == EC_FETCH_ABORT ? "execution of"
			     : f->esr & ISS_WRITE	   ? "write to"
							   : "read of";

	pr_emerg("%s %016lx: %s", access, f->far, abort_reason(f->esr, f->far));
	print_mapping(f->far);
}

static __noreturn void trap_fatal(struct trap_frame *f, const char *name)
{
	static bool reporting;
	unsigned ec = class_of(f);

	/* Another CPU's fault is no fault in this report. */
	smp_stop_others();
	/* The report follows pointers and page tables that may be damaged. */
	if (atomic_xchg(&reporting, true))
		panic("%s at %pS, in the report of a fault", name,
		      (void *)f->pc);
	/* First the clue, then the details, then what panic() adds. */
	pr_emerg("Exception %#x: %s, syndrome %#lx, on CPU %u", ec, name,
		 f->esr, smp_processor_id());
	if (ec == EC_DATA_ABORT || ec == EC_FETCH_ABORT)
		explain_abort(f);
	print_registers(f);
	pr_emerg("Call trace of the interrupted code:");
	backtrace_print(f->x[29]);
	panic("%s at %pS", name, (void *)f->pc);
}

static bool is_noted_brk(const struct trap_frame *f)
{
	return class_of(f) == EC_BRK && (f->esr & UINT16_MAX) == BRK_NOTED;
}

void trap_sync(struct trap_frame *frame)
{
	uintptr_t fixup;

	this_cpu_add(counts[class_of(frame)], (u64)1);
	if (is_noted_brk(frame)) {
		pr_notice("breakpoint at %pS: ignored", (void *)frame->pc);
		frame->pc += BRK_BYTES;
		return;
	}
	fixup = extable_fixup(frame->pc);
	if (!fixup)
		trap_fatal(frame, class_name(class_of(frame)));
	frame->pc = fixup;
}

void trap_overflow(struct trap_frame *frame)
{
	pr_emerg("the stack of thread %s overflowed into its guard page",
		 current_thread()->name);
	trap_fatal(frame, class_name(class_of(frame)));
}

void trap_irq(struct trap_frame *frame)
{
	interrupt_enter();
	interrupt_dispatch(frame);
	interrupt_leave(!(frame->pstate & DAIF_I));
}

void trap_other(struct trap_frame *frame)
{
	trap_fatal(frame, class_of(frame) == EC_SERROR ? "SError"
						       : "unexpected entry");
}
