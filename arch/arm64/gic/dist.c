/* SPDX-License-Identifier: BSD-2-Clause */
/* The distributor: who gets which line. */
#define pr_fmt(fmt) "gic: " fmt

#include <asm/sysreg.h>
#include <kernel/cpu.h>
#include <kernel/errno.h>
#include <kernel/mm/slab.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <kernel/spinlock.h>
#include <kernel/time.h>
#include "gic.h"

#define LINES_PER_WORD 32
_Static_assert(GIC_SPECIAL_FIRST <= IRQ_GSIS, "all lines have numbers");

static char __iomem *dist;
static unsigned lines;
static void (*route_line)(unsigned line, unsigned cpu);
static u16 *line_cpu; /* of each line */
/* Of registers that several lines share. */
static struct spinlock config_lock;

u32 gic_dist_read(unsigned offset)
{
	return mmio_read32(dist + offset);
}

void gic_dist_write(unsigned offset, u32 value)
{
	mmio_write32(dist + offset, value);
}

void gic_dist_write8(unsigned offset, u8 value)
{
	mmio_write8(dist + offset, value);
}

void gic_dist_write64(unsigned offset, u64 value)
{
	/* Halves may be written apart: IHI 0069, 12.1.3. */
	mmio_write32(dist + offset, (u32)value);
	mmio_write32(dist + offset + 4, (u32)(value >> 32));
}

unsigned gic_lines(void)
{
	return lines;
}

bool gic_wait_clear(u32 (*read)(void), u32 mask)
{
	u64 deadline = time_ns() + GIC_WAIT_MS * NSEC_PER_MSEC;

	while (read() & mask) {
		if (time_ns() > deadline)
			return false;
		cpu_relax();
	}
	return true;
}

int gic_dist_map(const struct gic_place *place)
{
	u64 size = place->version == 2 ? GICD_SIZE_V2 : GICD_SIZE_V3;
	u32 typer;

	dist = ioremap(place->dist, size);
	if (!dist) {
		pr_warn("distributor at %#lx cannot be mapped", place->dist);
		return -ENOMEM;
	}
	typer = gic_dist_read(GICD_TYPER);
	if (typer == UINT32_MAX) {
		pr_warn("nobody answers at %#lx", place->dist);
		return -ENODEV;
	}
	lines = MIN(((typer & GICD_TYPER_LINES) + 1) * LINES_PER_WORD,
		    (unsigned)GIC_SPECIAL_FIRST);
	return 0;
}

static u32 read_control(void)
{
	return gic_dist_read(GICD_CTLR);
}

int gic_dist_enable(u32 control)
{
	gic_dist_write(GICD_CTLR, 0);
	for (unsigned i = GIC_SPI_FIRST; i < lines; i += LINES_PER_WORD) {
		gic_dist_write(GICD_ICENABLER + i / 8, UINT32_MAX);
		gic_dist_write(GICD_ICACTIVER + i / 8, UINT32_MAX);
		if (control & GICD_CTLR_GROUP1)
			gic_dist_write(GICD_IGROUPR + i / 8, UINT32_MAX);
	}
	for (unsigned i = GIC_SPI_FIRST; i < lines; i += 4)
		gic_dist_write(GICD_IPRIORITYR + i, GIC_PRIORITY * 0x01010101U);
	if (control & GICD_CTLR_AFFINITY &&
	    !gic_wait_clear(read_control, GICD_CTLR_WRITE_PENDING)) {
		pr_warn("the distributor does not settle");
		return -ETIMEDOUT;
	}
	gic_dist_write(GICD_CTLR, control);
	return 0;
}

void gic_dist_disable(void)
{
	if (dist)
		gic_dist_write(GICD_CTLR, 0);
}

static void set_bit(unsigned registers, unsigned line)
{
	gic_dist_write(registers + line / 32 * 4, BIT(line % 32));
}

static void set_edge(unsigned line, bool edge)
{
	unsigned offset = GICD_ICFGR + line / 16 * 4;
	u32 bit = (u32)GICD_ICFGR_EDGE << line % 16 * 2;
	unsigned long state = spin_lock_irqsave(&config_lock);
	u32 value = gic_dist_read(offset);

	gic_dist_write(offset, edge ? value | bit : value & ~bit);
	spin_unlock_irqrestore(&config_lock, state);
}

void gic_line_start(unsigned line, bool edge, unsigned cpu)
{
	set_bit(GICD_ICENABLER, line);
	set_edge(line, edge);
	route_line(line, cpu);
	set_bit(GICD_ICPENDR, line);
	set_bit(GICD_ISENABLER, line);
}

static bool is_edge(unsigned line)
{
	return gic_dist_read(GICD_ICFGR + line / 16 * 4) >> line % 16 * 2 &
	       GICD_ICFGR_EDGE;
}

/*
 * QEMU's GICv2 (7.2) leaves what is pending with the CPU it was meant for, who
 * does not get it any more: said again, it goes to the new one.
 */
void gic_line_route(unsigned line, unsigned cpu)
{
	unsigned offset = GICD_ISPENDR + line / 32 * 4;

	route_line(line, cpu);
	if (is_edge(line) && gic_dist_read(offset) & BIT(line % 32))
		gic_dist_write(offset, BIT(line % 32));
}

/* Whatever the line does after this comes to nobody. */
void gic_line_stop(unsigned line)
{
	set_bit(GICD_ICENABLER, line);
	dsb();
}

/* What is on a wire is slow, and awaited where it was asked for. */
static unsigned choose_cpu(const struct cpumask *cpus)
{
	unsigned cpu = smp_processor_id();

	return cpumask_test(cpus, cpu) ? cpu : cpumask_next(cpus, 0);
}

/* A GIC knows no lines that are active when low: IHI 0069, 1.2.1. */
static int line_start(unsigned irq, enum irq_trigger trigger,
		      const struct cpumask *cpus)
{
	unsigned cpu = choose_cpu(cpus);

	if (trigger == IRQ_TRIGGER_EDGE_FALLING ||
	    trigger == IRQ_TRIGGER_LEVEL_LOW || cpu == CONFIG_NR_CPUS)
		return -EINVAL;
	line_cpu[irq] = (u16)cpu;
	gic_line_start(irq, trigger == IRQ_TRIGGER_EDGE_RISING, cpu);
	return (int)cpu;
}

static void line_unmask(unsigned irq)
{
	set_bit(GICD_ISENABLER, irq);
}

static int line_move(unsigned irq, const struct cpumask *cpus)
{
	unsigned cpu = line_cpu[irq];

	if (cpumask_test(cpus, cpu))
		return (int)cpu;
	cpu = choose_cpu(cpus);
	if (cpu == CONFIG_NR_CPUS)
		return -EINVAL;
	line_cpu[irq] = (u16)cpu;
	gic_line_route(irq, cpu);
	return (int)cpu;
}

static const struct irq_chip gic_chip = {
	.name = "GIC",
	.start = line_start,
	.stop = gic_line_stop,
	.mask = gic_line_stop,
	.unmask = line_unmask,
	.move = line_move,
};

int gic_add_lines(void (*route)(unsigned line, unsigned cpu))
{
	route_line = route;
	line_cpu = kzalloc(lines * sizeof(*line_cpu));
	if (!line_cpu)
		return -ENOMEM;
	return lines <= GIC_SPI_FIRST ? 0
				      : irq_add_lines(&gic_chip, GIC_SPI_FIRST,
						      lines - GIC_SPI_FIRST,
						      IRQ_TRIGGER_LEVEL_HIGH);
}
