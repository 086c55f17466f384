/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * LPIs: interrupts whose state is in memory (IHI 0069, 5.1). Whether one is
 * enabled says one table for all CPUs, which of them are pending one table for
 * each; the redistributors read and write them.
 *
 * An LPI that was given back still leads to its line until it is taken again,
 * which is done as late as possible: whoever is interrupted by a message that
 * was on its way knows what it was about.
 */
#define pr_fmt(fmt) "gic: " fmt

#include <abi/arm64/gic_its.h>
#include <asm/sysreg.h>
#include <kernel/errno.h>
#include <kernel/mm/page.h>
#include <kernel/mm/slab.h>
#include <kernel/percpu.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <kernel/string.h>
#include "its.h"

/* Policy: no more LPIs than a GIC has at least, 8192. */
#define BITS  GIC_LPI_BITS_MIN
#define COUNT ((1U << BITS) - GIC_LPI_FIRST)

/* What lpis.line[] holds: line + 1, or 0: never used. */
#define LPI_FREED 0x8000U
_Static_assert(IRQ_LINES_MAX < LPI_FREED, "a line + 1 and a flag");

static struct {
	u8 *config;	      /* NULL: LPIs are not used */
	u16 *line;	      /* of each */
	unsigned count, next; /* next: where to look for a free one */
	struct spinlock lock; /* of who takes and gives back */
} lpis;

struct lpi_cpu {
	char __iomem *redist;
	phys_addr_t phys;
	phys_addr_t pending; /* table, or 0 */
};
static DEFINE_PER_CPU(struct lpi_cpu, lpi_cpu);

/* A bit for each number; the block is that large for its address only. */
static phys_addr_t alloc_pending(void)
{
	phys_addr_t table =
		alloc_pages(page_order_for(GICR_PENDBASER_ALIGNMENT), 0);

	if (table)
		memset(phys_to_virt(table), 0, BIT(BITS) / 8);
	return table;
}

void lpi_prepare_cpu(unsigned cpu, char __iomem *frame, phys_addr_t phys)
{
	per_cpu(lpi_cpu, cpu) = (struct lpi_cpu){
		.redist = frame,
		.phys = phys,
		.pending = lpis.config ? alloc_pending() : 0,
	};
}

/* How many LPIs the GIC has, of those that are used. */
static unsigned count_lpis(void)
{
	u32 typer = gic_dist_read(GICD_TYPER);
	u32 bits = typer >> GICD_TYPER_ID_BITS & GICD_TYPER_FIVE_BITS;
	u32 log = typer >> GICD_TYPER_LPI_COUNT & GICD_TYPER_FIVE_BITS;

	if (!(typer & GICD_TYPER_LPIS) || bits + 1 < GIC_LPI_BITS_MIN)
		return 0;
	return log && log + 1 < BITS ? MIN(2U << log, COUNT) : COUNT;
}

int lpi_init(void)
{
	struct lpi_cpu *own = this_cpu_ptr(lpi_cpu);
	phys_addr_t config;

	lpis.count = count_lpis();
	if (!lpis.count)
		return -ENODEV;
	own->pending = alloc_pending();
	lpis.line = kzalloc(lpis.count * sizeof(*lpis.line));
	config = alloc_pages(page_order_for(COUNT), ALLOC_ZERO);
	if (!own->pending || !lpis.line || !config)
		return -ENOMEM;
	lpis.config = phys_to_virt(config);
	return 0;
}

static u32 read_control(void)
{
	return mmio_read32(this_cpu_ptr(lpi_cpu)->redist + GICR_CTLR);
}

/* Off, if firmware left them on: some cannot be switched off again. */
static int disable(const struct lpi_cpu *own)
{
	if (!(read_control() & GICR_CTLR_ENABLE_LPIS))
		return 0;
	mmio_write32(own->redist + GICR_CTLR,
		     read_control() & ~(u32)GICR_CTLR_ENABLE_LPIS);
	return gic_wait_clear(read_control,
			      GICR_CTLR_WRITE_PENDING | GICR_CTLR_ENABLE_LPIS)
		       ? 0
		       : -EBUSY;
}

static bool sees_caches(const struct lpi_cpu *own)
{
	u64 config = mmio_read64(own->redist + GICR_PROPBASER);
	u64 pending = mmio_read64(own->redist + GICR_PENDBASER);

	return config & pending & GIC_TABLE_SHARED_MASK;
}

int lpi_init_cpu(void)
{
	const struct lpi_cpu *own = this_cpu_ptr(lpi_cpu);
	const u64 access = GICR_TABLE_WRITE_BACK | GIC_TABLE_SHARED_INNER;

	if (!own->pending ||
	    !(mmio_read64(own->redist + GICR_TYPER) & GICR_TYPER_PLPIS))
		return -ENODEV;
	if (disable(own))
		return -EBUSY;
	mmio_write64(own->redist + GICR_PROPBASER,
		     virt_to_phys(lpis.config) | access | (BITS - 1));
	mmio_write64(own->redist + GICR_PENDBASER,
		     own->pending | access | GICR_PENDBASER_ZERO);
	if (!sees_caches(own))
		return -EOPNOTSUPP;
	mmio_write32(own->redist + GICR_CTLR,
		     read_control() | GICR_CTLR_ENABLE_LPIS);
	/* The redistributor has read what it needs before any LPI is meant. */
	dsb();
	return 0;
}

u64 lpi_target(const struct its *its, unsigned cpu)
{
	const struct lpi_cpu *target = &per_cpu(lpi_cpu, cpu);
	u64 number;

	if (its->type & GITS_TYPER_PTA)
		return target->phys & ~(BIT64(GITS_TARGET) - 1);
	number = mmio_read64(target->redist + GICR_TYPER) >>
		 GICR_TYPER_PROCESSOR;
	return (number & UINT16_MAX) << GITS_TARGET;
}

static bool is_free(unsigned n)
{
	return !lpis.line[n] || lpis.line[n] & LPI_FREED;
}

/* Under the lock. A free one, from `next` on and around, or -ENOSPC. */
static int find_free(void)
{
	for (unsigned i = 0; i < lpis.count; i++) {
		unsigned n = (lpis.next + i) % lpis.count;

		if (is_free(n))
			return (int)n;
	}
	return -ENOSPC;
}

int lpi_take(unsigned irq)
{
	unsigned long state = spin_lock_irqsave(&lpis.lock);
	int n = find_free();

	if (n >= 0) {
		WRITE_ONCE(lpis.line[n], (u16)(irq + 1));
		WRITE_ONCE(lpis.config[n], GIC_PRIORITY | LPI_ENABLED);
		lpis.next = (unsigned)n + 1;
	}
	spin_unlock_irqrestore(&lpis.lock, state);
	return n < 0 ? n : n + GIC_LPI_FIRST;
}

void lpi_give_back(unsigned lpi, bool may_come)
{
	unsigned n = lpi - GIC_LPI_FIRST;
	unsigned long state = spin_lock_irqsave(&lpis.lock);

	WRITE_ONCE(lpis.config[n], GIC_PRIORITY);
	if (!may_come)
		WRITE_ONCE(lpis.line[n], (u16)(lpis.line[n] | LPI_FREED));
	spin_unlock_irqrestore(&lpis.lock, state);
}

void lpi_handle(u32 intid)
{
	u32 n = intid - GIC_LPI_FIRST;
	unsigned line = n < lpis.count ? READ_ONCE(lpis.line[n]) : 0;

	if (line)
		irq_handle((line & ~LPI_FREED) - 1);
	else
		interrupt_unexpected(intid);
}
