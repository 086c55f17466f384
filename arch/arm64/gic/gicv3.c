/* SPDX-License-Identifier: BSD-2-Clause */
/* GIC version 3: a redistributor for each CPU, and system registers. */
#define pr_fmt(fmt) "gic: " fmt

#include <abi/arm64/gic_its.h>
#include <abi/madt.h>
#include <asm/sysreg.h>
#include <kernel/acpi.h>
#include <kernel/arch_smp.h>
#include <kernel/errno.h>
#include <kernel/percpu.h>
#include <kernel/printk.h>
#include "gic.h"

/* IHI 0069, 12.2: encodings, which older assemblers have no names for. */
#define ICC_PMR_EL1	S3_0_C4_C6_0
#define ICC_SGI1R_EL1	S3_0_C12_C11_5
#define ICC_IAR1_EL1	S3_0_C12_C12_0
#define ICC_EOIR1_EL1	S3_0_C12_C12_1
#define ICC_BPR1_EL1	S3_0_C12_C12_3
#define ICC_CTLR_EL1	S3_0_C12_C12_4
#define ICC_SRE_EL1	S3_0_C12_C12_5
#define ICC_IGRPEN1_EL1 S3_0_C12_C12_7

#define SRE_ENABLE BIT(0)

/* MPIDR_EL1: Arm ARM, D19.2.100. */
#define MPIDR_AFF0(m) ((m)&0xff)
#define MPIDR_AFF1(m) ((m) >> 8 & 0xff)
#define MPIDR_AFF2(m) ((m) >> 16 & 0xff)
#define MPIDR_AFF3(m) ((m) >> 32 & 0xff)

/* Redistributors in one region that are looked at. */
#define REDISTS_MAX 1024

static struct region {
	phys_addr_t base;
	u64 size;
	char __iomem *frames;
	u64 last; /* where one was found */
} regions[GIC_REDIST_MAX];
static unsigned region_count;
static DEFINE_PER_CPU(char __iomem *, redist);

static char __iomem *own(void)
{
	return this_cpu_read(redist);
}

static void end(u32 intid)
{
	sysreg_write(ICC_EOIR1_EL1, intid);
	isb();
}

static void dispatch(void)
{
	for (;;) {
		u32 intid = (u32)sysreg_read(ICC_IAR1_EL1);

		/* Reading it is only done when the barrier is: 12.1.6. */
		dsb();
		if (intid >= GIC_SPECIAL_FIRST && intid < GIC_LPI_FIRST)
			return;
		gic_handle(intid, end, intid);
	}
}

static void enable_ppi(unsigned intid, bool on)
{
	mmio_write32(own() + (on ? GICR_ISENABLER0 : GICR_ICENABLER0),
		     BIT(intid));
}

static u64 affinity(void)
{
	u64 mpidr = sysreg_read(mpidr_el1);

	return MPIDR_AFF3(mpidr) << 32 | (mpidr & 0xffffff);
}

static void send(unsigned cpu, unsigned sgi)
{
	u64 mpidr = arch_cpu_id(cpu);

	/* What the handler reads is stored before it is called. */
	dsb();
	sysreg_write(ICC_SGI1R_EL1,
		     MPIDR_AFF3(mpidr) << 48 | (MPIDR_AFF0(mpidr) >> 4) << 44 |
			     MPIDR_AFF2(mpidr) << 32 | (u64)sgi << 24 |
			     MPIDR_AFF1(mpidr) << 16 |
			     BIT64(MPIDR_AFF0(mpidr) & 0xf));
	isb();
}

static void route(unsigned line, unsigned cpu)
{
	gic_dist_write64(GICD_IROUTER + line * 8, arch_cpu_id(cpu));
}

static void shutdown(void)
{
	sysreg_write(ICC_IGRPEN1_EL1, 0);
	isb();
	its_shutdown();
	gic_dist_disable();
}

/* The high half of GICR_TYPER is the affinity of its CPU. */
static u32 packed_affinity(u64 mpidr)
{
	return (u32)(mpidr & 0xffffff) | (u32)MPIDR_AFF3(mpidr) << 24;
}

/* Where in @r, from @at on, the CPU with @affinity has its own. */
static int look_from(const struct region *r, u64 at, u32 affinity, u64 *found)
{
	for (unsigned i = 0;
	     i < REDISTS_MAX && at < r->size && r->size - at >= GICR_SIZE;
	     i++) {
		u32 low = mmio_read32(r->frames + at + GICR_TYPER);

		*found = at;
		if (mmio_read32(r->frames + at + GICR_TYPER + 4) == affinity)
			return 0;
		if (low & GICR_TYPER_LAST)
			break;
		at += low & GICR_TYPER_VLPI ? GICR_SIZE_VLPI : GICR_SIZE;
	}
	return -ENOENT;
}

/* CPUs are mostly asked for in the order of their redistributors. */
static int look(struct region *r, u32 affinity, u64 *found)
{
	int ret = look_from(r, r->last, affinity, found);

	if (ret)
		ret = look_from(r, 0, affinity, found);
	if (!ret)
		r->last = *found;
	return ret;
}

static void note_redist(unsigned cpu, char __iomem *frame, phys_addr_t phys)
{
	per_cpu(redist, cpu) = frame;
	lpi_prepare_cpu(cpu, frame, phys);
}

/* ACPI may say of each CPU where its own is, instead of regions. */
static int find_own(unsigned cpu, u64 mpidr)
{
	const struct acpi_sdt_header *madt =
		fdt_machine() ? NULL : acpi_find(ACPI_MADT_SIGNATURE, 0);
	phys_addr_t phys = madt ? gic_find_redist(madt, mpidr) : 0;
	char __iomem *frame = phys ? ioremap(phys, GICR_SIZE) : NULL;

	if (!frame)
		return -ENODEV;
	if (mmio_read32(frame + GICR_TYPER + 4) == packed_affinity(mpidr)) {
		note_redist(cpu, frame, phys);
		return 0;
	}
	iounmap(frame);
	return -ENODEV;
}

static int find_redist(unsigned cpu, u64 mpidr)
{
	for (unsigned i = 0; i < region_count; i++) {
		struct region *r = &regions[i];
		u64 at;

		if (look(r, packed_affinity(mpidr), &at))
			continue;
		note_redist(cpu, r->frames + at, r->base + at);
		return 0;
	}
	if (!find_own(cpu, mpidr))
		return 0;
	pr_warn("no redistributor for CPU %u, affinity %#lx", cpu, mpidr);
	return -ENODEV;
}

/* Each is mapped as a whole: that costs less than one frame after another. */
static void map_regions(const struct gic_place *place)
{
	for (unsigned i = 0; i < place->redists; i++) {
		struct region *r = &regions[region_count];

		r->base = place->redist[i].base;
		r->size = MIN(place->redist[i].size,
			      (u64)REDISTS_MAX * GICR_SIZE_VLPI);
		r->frames = ioremap(r->base, r->size);
		if (r->frames)
			region_count++;
	}
}

static u32 read_waker(void)
{
	return mmio_read32(own() + GICR_WAKER);
}

static u32 read_control(void)
{
	return mmio_read32(own() + GICR_CTLR);
}

static int redist_init(void)
{
	mmio_write32(own() + GICR_WAKER, read_waker() & ~GICR_WAKER_SLEEP);
	if (!gic_wait_clear(read_waker, GICR_WAKER_ASLEEP)) {
		pr_warn("the redistributor does not wake up");
		return -ETIMEDOUT;
	}
	mmio_write32(own() + GICR_ICENABLER0, UINT32_MAX);
	mmio_write32(own() + GICR_ICACTIVER0, UINT32_MAX);
	mmio_write32(own() + GICR_IGROUPR0, UINT32_MAX);
	for (unsigned i = 0; i < GIC_SPI_FIRST; i += 4)
		mmio_write32(own() + GICR_IPRIORITYR0 + i,
			     GIC_PRIORITY * 0x01010101U);
	/* SGIs. */
	mmio_write32(own() + GICR_ISENABLER0, BIT(INTID_PPI) - 1);
	return gic_wait_clear(read_control, GICR_CTLR_WRITE_PENDING)
		       ? 0
		       : -ETIMEDOUT;
}

static int interface_init(void)
{
	sysreg_write(ICC_SRE_EL1, sysreg_read(ICC_SRE_EL1) | SRE_ENABLE);
	isb();
	if (!(sysreg_read(ICC_SRE_EL1) & SRE_ENABLE)) {
		pr_warn("system registers are not enabled by EL2");
		return -ENODEV;
	}
	sysreg_write(ICC_PMR_EL1, GIC_PRIORITY_MASK);
	sysreg_write(ICC_BPR1_EL1, 0);
	sysreg_write(ICC_CTLR_EL1, 0);
	sysreg_write(ICC_IGRPEN1_EL1, 1);
	isb();
	return 0;
}

static int init_cpu(void)
{
	int ret = redist_init();

	if (!ret)
		ret = interface_init();
	if (!ret)
		its_init_cpu();
	return ret;
}

static const struct irq_root gicv3_root = {
	.name = "GICv3",
	.dispatch = dispatch,
	.ppi_enable = enable_ppi,
	.send = send,
	.prepare_cpu = find_redist,
	.init_cpu = init_cpu,
	.shutdown = shutdown,
};

int gicv3_init(const struct gic_place *place, const struct irq_root **root)
{
	int ret = gic_dist_map(place);

	if (ret)
		return ret;
	ret = gic_dist_enable(GICD_CTLR_AFFINITY | GICD_CTLR_GROUP1 |
			      GICD_CTLR_GROUP0);
	if (ret)
		return ret;
	map_regions(place);
	ret = find_redist(0, affinity());
	if (!ret)
		ret = init_cpu();
	if (ret)
		return ret;
	*root = &gicv3_root;
	return gic_add_lines(route);
}
