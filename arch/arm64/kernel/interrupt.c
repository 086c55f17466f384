/* SPDX-License-Identifier: BSD-2-Clause */
/* What interrupts: CPUs, each CPU's own devices, and lines. */
#define pr_fmt(fmt) "irq: " fmt

#include <asm/irq.h>
#include <asm/trap.h>
#include <kernel/arch_smp.h>
#include <kernel/atomic.h>
#include <kernel/cpu.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/irq.h>
#include <kernel/printk.h>
#include <kernel/smp.h>

/* Unexpected interrupts that are worth a line each. */
#define REPORT_MAX 3

static const struct irq_root *root;
static bool available;
static void (*ppi_handler[INTID_SPI])(void);
static u64 unexpected;

static DEFINE_PER_CPU(u64[INTID_SPI], counts);
/* What the interrupt that is being handled interrupted. */
static DEFINE_PER_CPU(const struct trap_frame *, interrupted);

bool irq_available(void)
{
	return READ_ONCE(available);
}

const struct irq_root *irq_root(void)
{
	return root;
}

/* A PC's lines, which no machine of this architecture has. */
int irq_from_isa(unsigned line __unused)
{
	return -ENODEV;
}

void interrupt_dispatch(const struct trap_frame *frame)
{
	this_cpu_write(interrupted, frame);
	if (root)
		root->dispatch();
}

/* Not an NMI: it does not come where interrupts are masked. */
static void handle_where(void)
{
	const struct trap_frame *frame = this_cpu_read(interrupted);

	smp_nmi(frame->pc, frame->x[29]);
}

static void handle_sgi(unsigned sgi)
{
	switch (sgi) {
	case SGI_IPI_FIRST + IPI_CALL: smp_call_interrupt(); break;
	case SGI_IPI_FIRST + IPI_RESCHEDULE: smp_reschedule_interrupt(); break;
	case SGI_IPI_FIRST + IPI_STOP: smp_stop_interrupt(); break;
	case SGI_IPI_FIRST + IPI_NMI: handle_where(); break;
	case SGI_SELFTEST: break;
	default: interrupt_unexpected(sgi); break;
	}
}

void interrupt_private(unsigned intid)
{
	void (*handler)(void) = READ_ONCE(ppi_handler[intid]);

	this_cpu_add(counts[intid], (u64)1);
	if (handler)
		handler();
	else if (intid < INTID_PPI)
		handle_sgi(intid);
	else
		interrupt_unexpected(intid);
}

void interrupt_unexpected(unsigned intid)
{
	u64 n = atomic_fetch_add_relaxed(&unexpected, (u64)1);

	if (n < REPORT_MAX)
		pr_warn("unexpected interrupt %u on CPU %u: ignored", intid,
			smp_processor_id());
}

u64 private_count(unsigned intid, unsigned cpu)
{
	return READ_ONCE(per_cpu(counts, cpu)[intid]);
}

int ppi_request(unsigned intid, void (*handler)(void))
{
	if (!irq_available())
		return -ENODEV;
	if (intid < INTID_PPI || intid >= INTID_SPI || ppi_handler[intid])
		return -EINVAL;
	WRITE_ONCE(ppi_handler[intid], handler);
	ppi_enable(intid);
	return 0;
}

void ppi_enable(unsigned intid)
{
	root->ppi_enable(intid, true);
}

void ppi_release(unsigned intid)
{
	root->ppi_enable(intid, false);
	WRITE_ONCE(ppi_handler[intid], NULL);
}

static u64 sum_of(unsigned first, unsigned count, unsigned cpu)
{
	u64 sum = 0;

	for (unsigned i = first; i < first + count; i++)
		sum += private_count(i, cpu);
	return sum;
}

bool arch_irq_counter(unsigned n, unsigned cpu, const char **name, u64 *count)
{
	static const struct {
		const char *name;
		unsigned first, count;
	} counters[] = {
		{ "private", INTID_PPI, INTID_SPI - INTID_PPI },
		{ "call", SGI_IPI_FIRST + IPI_CALL, 1 },
		{ "reschedule", SGI_IPI_FIRST + IPI_RESCHEDULE, 1 },
	};

	if (n >= ARRAY_SIZE(counters))
		return false;
	*name = counters[n].name;
	*count = sum_of(counters[n].first, counters[n].count, cpu);
	return true;
}

void arch_irq_shutdown(void)
{
	local_irq_disable();
	WRITE_ONCE(available, false);
	if (root)
		root->shutdown();
}

void native_ipi_send(unsigned cpu, enum ipi_kind kind);
void native_ipi_send_mask(const struct cpumask *mask, enum ipi_kind kind);

void native_ipi_send(unsigned cpu, enum ipi_kind kind)
{
	root->send(cpu, SGI_IPI_FIRST + kind);
}

void native_ipi_send_mask(const struct cpumask *mask, enum ipi_kind kind)
{
	unsigned cpu;

	for_each_cpu(cpu, mask)
		native_ipi_send(cpu, kind);
}

DEFINE_STATIC_CALL(ipi_send, native_ipi_send);
DEFINE_STATIC_CALL(ipi_send_mask, native_ipi_send_mask);

static int interrupts_init(void)
{
	root = gic_init();
	if (!root) {
		pr_notice("no interrupts: everything is polled");
		return 0;
	}
	WRITE_ONCE(available, true);
	local_irq_enable();
	return 0;
}
initcall(INIT_IRQ, interrupts_init);
