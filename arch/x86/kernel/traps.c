/* SPDX-License-Identifier: BSD-2-Clause */
/* Exceptions: recover where the exception table says so, else explain. */
#include <asm/apic.h>
#include <asm/cpu.h>
#include <asm/desc.h>
#include <asm/extable.h>
#include <asm/page.h>
#include <asm/trap.h>
#include <kernel/arch_smp.h>
#include <kernel/atomic.h>
#include <kernel/init.h>
#include <kernel/panic.h>
#include <kernel/preempt.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <kernel/symbols.h>
#include <kernel/virt/x86.h>

#define PF_PRESENT BIT(0)
#define PF_WRITE   BIT(1)
#define PF_RSVD	   BIT(3)
#define PF_FETCH   BIT(4)

/* Unexpected interrupts of one vector that are worth a line each. */
#define SPURIOUS_REPORT_MAX 3

static const char *const trap_names[TRAP_COUNT] = {
	"divide error",
	"debug",
	"NMI",
	"breakpoint",
	"overflow",
	"bound range exceeded",
	"invalid opcode",
	"device not available",
	"double fault",
	"coprocessor segment overrun",
	"invalid TSS",
	"segment not present",
	"stack fault",
	"general protection fault",
	"page fault",
	"reserved (15)",
	"x87 floating-point error",
	"alignment check",
	"machine check",
	"SIMD floating-point error",
	"virtualization exception",
	"control protection",
	"reserved (22)",
	"reserved (23)",
	"reserved (24)",
	"reserved (25)",
	"reserved (26)",
	"reserved (27)",
	"hypervisor injection",
	"VMM communication",
	"security",
	"reserved (31)",
};

static DEFINE_PER_CPU(u64[256], counts);

u64 trap_count_cpu(unsigned vector, unsigned cpu)
{
	return vector < 256 ? READ_ONCE(per_cpu(counts, cpu)[vector]) : 0;
}

u64 trap_count(unsigned vector)
{
	u64 sum = 0;

	for (unsigned cpu = 0; cpu < cpu_count(); cpu++)
		sum += trap_count_cpu(vector, cpu);
	return sum;
}

static void print_registers(const struct trap_frame *f)
{
	pr_emerg("RIP %016lx %pS", f->rip, (void *)f->rip);
	pr_emerg("RSP %016lx  RFLAGS %08lx  CS %02lx  SS %02lx", f->rsp,
		 f->rflags, f->cs, f->ss);
	pr_emerg("RAX %016lx  RBX %016lx  RCX %016lx", f->rax, f->rbx, f->rcx);
	pr_emerg("RDX %016lx  RSI %016lx  RDI %016lx", f->rdx, f->rsi, f->rdi);
	pr_emerg("RBP %016lx  R8  %016lx  R9  %016lx", f->rbp, f->r8, f->r9);
	pr_emerg("R10 %016lx  R11 %016lx  R12 %016lx", f->r10, f->r11, f->r12);
	pr_emerg("R13 %016lx  R14 %016lx  R15 %016lx", f->r13, f->r14, f->r15);
	pr_emerg("CR0 %08lx  CR2 %016lx  CR3 %08lx  CR4 %08lx", read_cr0(),
		 read_cr2(), read_cr3(), read_cr4());
}

static void print_mapping(uintptr_t va)
{
	static const char *const names[] = { "PML4E", "PDPTE", "PDE", "PTE" };
	struct page_walk walk;

	paging_walk(va, &walk);
	for (unsigned i = 0; i < walk.levels; i++)
		pr_emerg("%-5s %016lx%s", names[i], walk.entry[i],
			 walk.entry[i] & PTE_PRESENT ? "" : " (not present)");
}

static void explain_page_fault(const struct trap_frame *f, uintptr_t va)
{
	const char *access = f->error & PF_FETCH   ? "execution of"
			     : f->error & PF_WRITE ? "write to"
						   : "read of";
	const char *why = stack_is_guard(va)	  ? "a stack's guard page"
			  : f->error & PF_RSVD	  ? "a malformed mapping"
			  : f->error & PF_PRESENT ? "a page without that right"
			  : va < PAGE_SIZE	  ? "a null pointer"
					   : "an address that is not mapped";

	pr_emerg("%s %016lx: %s", access, va, why);
	print_mapping(va);
}

static __noreturn void trap_fatal(struct trap_frame *f)
{
	static bool reporting;
	uintptr_t cr2 = read_cr2();
	const char *name =
		f->vector < TRAP_COUNT ? trap_names[f->vector] : "interrupt";

	/* Another CPU's fault is no fault in this report. */
	smp_stop_others();
	/* The report follows pointers and page tables that may be damaged. */
	if (atomic_xchg(&reporting, true))
		panic("%s at %pS, in the report of a fault", name,
		      (void *)f->rip);
	/* First the clue, then the details, then what panic() adds. */
	pr_emerg("Exception %lu: %s, error code %#lx, on CPU %u", f->vector,
		 name, f->error, smp_processor_id());
	if (f->vector == TRAP_PF)
		explain_page_fault(f, cr2);
	if (f->vector == TRAP_DF && stack_is_guard(cr2))
		pr_emerg("the stack of thread %s overflowed into its guard "
			 "page",
			 current_thread()->name);
	print_registers(f);
	pr_emerg("Call trace of the interrupted code:");
	backtrace_print(f->rbp);
	panic("%s at %pS", name, (void *)f->rip);
}

/* An interrupt nobody asked for. */
static void trap_unexpected(const struct trap_frame *f)
{
	u64 n = trap_count(f->vector);

	if (n <= SPURIOUS_REPORT_MAX)
		pr_warn("interrupt: unexpected vector %lu at %pS: ignored",
			f->vector, (void *)f->rip);
}

/*
 * Xen 4.17 in QEMU 7.2's emulation of SVM was seen to call the kernel though
 * interrupts were masked, perhaps with locks held that its handlers take.
 * Xen's mark stays as it is, so the call is made again when they are not.
 */
static bool comes_too_early(const struct trap_frame *frame)
{
	return !(frame->rflags & X86_EFLAGS_IF) &&
	       interrupt_comes_again((unsigned)frame->vector);
}

static void dispatch_interrupt(const struct trap_frame *frame)
{
	if (comes_too_early(frame))
		return;
	interrupt_enter();
	if (!interrupt_dispatch((unsigned)frame->vector))
		trap_unexpected(frame);
	interrupt_leave(frame->rflags & X86_EFLAGS_IF);
}

bool no_host_page_fault(uintptr_t address, bool unmasked);
bool no_host_page_fault(uintptr_t address __unused, bool unmasked __unused)
{
	return false;
}

DEFINE_STATIC_CALL(host_page_fault, no_host_page_fault);

void trap_dispatch(struct trap_frame *frame)
{
	uintptr_t fixup;

	this_cpu_add(counts[frame->vector & 0xff], (u64)1);
	switch (frame->vector) {
	case TRAP_NMI:
		if (smp_nmi(frame->rip, frame->rbp))
			return;
		pr_warn("NMI at %pS: ignored", (void *)frame->rip);
		return;
	case TRAP_DB:
	case TRAP_BP:
		pr_notice("%s at %pS: ignored", trap_names[frame->vector],
			  (void *)frame->rip);
		return;
	case TRAP_DF:
	case TRAP_MC: trap_fatal(frame);
	case TRAP_PF:
		if (host_page_fault(read_cr2(), frame->rflags & X86_EFLAGS_IF))
			return;
		break;
	default: break;
	}
	if (frame->vector >= TRAP_COUNT) {
		dispatch_interrupt(frame);
		return;
	}
	fixup = extable_fixup(frame->rip);
	if (!fixup)
		trap_fatal(frame);
	frame->rip = fixup;
}

/* A CPU that reports machine checks as exceptions must be asked to. */
static int traps_init(void)
{
	paging_init_cpu();
	return 0;
}
initcall(INIT_CPU, traps_init);
