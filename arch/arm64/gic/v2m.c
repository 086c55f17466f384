/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages through a GICv2m frame: a device writes the number of a line that
 * has no wire, and the distributor makes the line interrupt.
 */
#define pr_fmt(fmt) "gic: " fmt

#include <abi/arm64/gicv2m.h>
#include <kernel/errno.h>
#include <kernel/mm/slab.h>
#include <kernel/msi.h>
#include <kernel/printk.h>
#include <kernel/spinlock.h>
#include "gic.h"

static struct {
	phys_addr_t frame;
	unsigned first, count; /* lines; 0: there is no frame */
	struct spinlock lock;  /* of what follows, for writers */
	u32 *irq;	       /* of each line: number + 1, 0: free */
	unsigned last_cpu;
} v2m;

int v2m_line(u32 intid)
{
	u32 offset = intid - v2m.first, irq;

	if (intid < v2m.first || offset >= v2m.count)
		return -ENOENT;
	irq = READ_ONCE(v2m.irq[offset]);
	return irq ? (int)irq - 1 : -ENOENT;
}

void v2m_init(const struct gic_msi_frame *place)
{
	char __iomem *frame = ioremap(place->base, V2M_SIZE);
	unsigned first = place->first, count = place->count;
	u32 typer;

	if (!frame)
		return;
	typer = mmio_read32(frame + V2M_TYPER);
	iounmap(frame);
	if (!count) {
		first = typer >> V2M_TYPER_BASE & V2M_TYPER_NUMBER;
		count = typer & V2M_TYPER_NUMBER;
	}
	if (first < GIC_SPI_FIRST || !count || first > gic_lines() ||
	    count > gic_lines() - first) {
		pr_warn("v2m frame at %#lx: lines %u to %u cannot be: not used",
			place->base, first, first + count - 1);
		return;
	}
	v2m.irq = kzalloc(count * sizeof(*v2m.irq));
	if (!v2m.irq)
		return;
	v2m.frame = place->base;
	v2m.first = first;
	v2m.count = count;
	pr_info("%u messages by v2m", count);
}

/* The first of @count free neighbours, a multiple of it, or -ENOSPC. */
static int find_free(unsigned count)
{
	for (unsigned at = ALIGN_UP(v2m.first, count);
	     at + count <= v2m.first + v2m.count; at += count) {
		unsigned used = 0;

		for (unsigned i = 0; i < count; i++)
			used |= v2m.irq[at - v2m.first + i];
		if (!used)
			return (int)at;
	}
	return -ENOSPC;
}

/* In turn, so that no CPU gets all. */
static unsigned choose_cpu(const struct cpumask *cpus)
{
	unsigned cpu = cpumask_next(cpus, v2m.last_cpu + 1);

	if (cpu == CONFIG_NR_CPUS)
		cpu = cpumask_next(cpus, 0);
	if (cpu != CONFIG_NR_CPUS)
		v2m.last_cpu = cpu;
	return cpu;
}

bool v2m_present(void)
{
	return v2m.count;
}

int v2m_route(unsigned irq, unsigned count, const struct cpumask *cpus,
	      struct msi_route *route)
{
	unsigned long state;
	unsigned cpu;
	int first;

	if (!v2m.count)
		return -ENODEV;
	state = spin_lock_irqsave(&v2m.lock);
	cpu = choose_cpu(cpus);
	first = cpu == CONFIG_NR_CPUS ? -EINVAL : find_free(count);
	for (unsigned i = 0; first >= 0 && i < count; i++) {
		unsigned line = (unsigned)first + i;

		WRITE_ONCE(v2m.irq[line - v2m.first], irq + i + 1);
		gic_line_start(line, true, cpu);
	}
	spin_unlock_irqrestore(&v2m.lock, state);
	if (first < 0)
		return first;
	*route = (struct msi_route){
		.cpu = cpu,
		.vector = (unsigned)first,
		.count = count,
	};
	return 0;
}

int v2m_reroute(const struct cpumask *cpus, struct msi_route *route)
{
	unsigned long state = spin_lock_irqsave(&v2m.lock);
	unsigned cpu = choose_cpu(cpus);

	for (unsigned i = 0; cpu != CONFIG_NR_CPUS && i < route->count; i++)
		gic_line_route(route->vector + i, cpu);
	spin_unlock_irqrestore(&v2m.lock, state);
	if (cpu == CONFIG_NR_CPUS)
		return -EINVAL;
	route->cpu = cpu;
	return 0;
}

void v2m_unroute(struct msi_route *route)
{
	unsigned long state = spin_lock_irqsave(&v2m.lock);

	for (unsigned i = 0; i < route->count; i++) {
		gic_line_stop(route->vector + i);
		WRITE_ONCE(v2m.irq[route->vector + i - v2m.first], 0);
	}
	route->count = 0;
	spin_unlock_irqrestore(&v2m.lock, state);
}

void v2m_compose(const struct msi_route *route, struct msi_message *message)
{
	message->address = v2m.frame + V2M_SETSPI;
	message->data = route->vector;
}
