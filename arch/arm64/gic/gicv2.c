/* SPDX-License-Identifier: BSD-2-Clause */
/* GIC version 2: one memory-mapped interface for each CPU. */
#define pr_fmt(fmt) "gic: " fmt

#include <asm/sysreg.h>
#include <kernel/errno.h>
#include <kernel/percpu.h>
#include <kernel/printk.h>
#include "gic.h"

static char __iomem *interface;

static void end(u32 iar)
{
	mmio_write32(interface + GICC_EOIR, iar);
}

static void dispatch(void)
{
	for (;;) {
		u32 iar = mmio_read32(interface + GICC_IAR);
		u32 intid = iar & GICC_IAR_ID;

		if (intid >= GIC_SPECIAL_FIRST)
			return;
		/* With the whole value: it names the sender of an SGI. */
		gic_handle(intid, end, iar);
	}
}

static void enable_ppi(unsigned intid, bool on)
{
	gic_dist_write(on ? GICD_ISENABLER : GICD_ICENABLER, BIT(intid));
}

/* What the GIC calls a CPU: one of eight bits. */
static DEFINE_PER_CPU(u8, own_mask);

/* Writing to a device is ordered after what was stored before. */
static void send(unsigned cpu, unsigned sgi)
{
	gic_dist_write(GICD_SGIR,
		       (u32)per_cpu(own_mask, cpu) << GICD_SGIR_TARGETS | sgi);
}

/* The registers of the first lines are each CPU's own, and name it. */
static u8 this_cpu_mask(void)
{
	for (unsigned i = 0; i < GIC_SPI_FIRST; i += 4) {
		u32 mask = gic_dist_read(GICD_ITARGETSR + i);

		mask |= mask >> 16;
		mask |= mask >> 8;
		if (mask & UINT8_MAX)
			return (u8)mask;
	}
	/* With one CPU they read as zero: IHI 0048B, 4.3.12. */
	return 1;
}

static void route(unsigned line, unsigned cpu)
{
	gic_dist_write8(GICD_ITARGETSR + line, per_cpu(own_mask, cpu));
}

static void shutdown(void)
{
	mmio_write32(interface + GICC_CTLR, 0);
	gic_dist_disable();
}

/* A GICv2 has nothing to find: each CPU sees its own at one address. */
static int prepare_cpu(unsigned cpu __unused, u64 mpidr __unused)
{
	return 0;
}

static int init_cpu(void)
{
	this_cpu_write(own_mask, this_cpu_mask());
	gic_dist_write(GICD_ICENABLER, UINT32_MAX);
	gic_dist_write(GICD_ICACTIVER, UINT32_MAX);
	for (unsigned i = 0; i < GIC_SPI_FIRST; i += 4)
		gic_dist_write(GICD_IPRIORITYR + i, GIC_PRIORITY * 0x01010101U);
	/* SGIs. */
	gic_dist_write(GICD_ISENABLER, BIT(INTID_PPI) - 1);
	mmio_write32(interface + GICC_PMR, GIC_PRIORITY_MASK);
	mmio_write32(interface + GICC_BPR, 0);
	mmio_write32(interface + GICC_CTLR, GICC_CTLR_ENABLE);
	return 0;
}

static const struct irq_root gicv2_root = {
	.name = "GICv2",
	.dispatch = dispatch,
	.ppi_enable = enable_ppi,
	.send = send,
	.prepare_cpu = prepare_cpu,
	.init_cpu = init_cpu,
	.shutdown = shutdown,
};

int gicv2_init(const struct gic_place *place, const struct irq_root **root)
{
	int ret = gic_dist_map(place);

	if (ret)
		return ret;
	/* The page of GICC_DIR is not needed. */
	interface = ioremap(place->cpu, GICC_SIZE);
	if (!interface) {
		pr_warn("CPU interface at %#lx cannot be mapped", place->cpu);
		return -ENOMEM;
	}
	ret = gic_dist_enable(GICD_CTLR_ENABLE);
	if (ret)
		return ret;
	init_cpu();
	*root = &gicv2_root;
	return gic_add_lines(route);
}
