/* SPDX-License-Identifier: BSD-2-Clause */
/* GIC version 2: one memory-mapped interface for each CPU. */
#define pr_fmt(fmt) "gic: " fmt

#include <asm/sysreg.h>
#include <kernel/errno.h>
#include <kernel/printk.h>
#include "gic.h"

static char __iomem *interface;

static void dispatch(void)
{
	for (;;) {
		u32 iar = mmio_read32(interface + GICC_IAR);
		u32 intid = iar & GICC_IAR_ID;

		if (intid >= GIC_SPECIAL_FIRST)
			return;
		gic_handle(intid);
		/* With the whole value: it names the sender of an SGI. */
		mmio_write32(interface + GICC_EOIR, iar);
	}
}

static void ppi_enable(unsigned intid, bool on)
{
	gic_dist_write(on ? GICD_ISENABLER : GICD_ICENABLER, BIT(intid));
}

static void send_self(unsigned sgi)
{
	gic_dist_write(GICD_SGIR, GICD_SGIR_SELF | sgi);
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

static void route(unsigned line)
{
	gic_dist_write8(GICD_ITARGETSR + line, this_cpu_mask());
}

static void shutdown(void)
{
	mmio_write32(interface + GICC_CTLR, 0);
	gic_dist_disable();
}

static void init_cpu(void)
{
	gic_dist_write(GICD_ICENABLER, UINT32_MAX);
	gic_dist_write(GICD_ICACTIVER, UINT32_MAX);
	for (unsigned i = 0; i < GIC_SPI_FIRST; i += 4)
		gic_dist_write(GICD_IPRIORITYR + i, GIC_PRIORITY * 0x01010101U);
	/* SGIs. */
	gic_dist_write(GICD_ISENABLER, BIT(INTID_PPI) - 1);
	mmio_write32(interface + GICC_PMR, GIC_PRIORITY_MASK);
	mmio_write32(interface + GICC_BPR, 0);
	mmio_write32(interface + GICC_CTLR, GICC_CTLR_ENABLE);
}

static const struct irq_root gicv2_root = {
	.name = "GICv2",
	.dispatch = dispatch,
	.ppi_enable = ppi_enable,
	.send_self = send_self,
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
