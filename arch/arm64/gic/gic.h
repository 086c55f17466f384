/* SPDX-License-Identifier: BSD-2-Clause */
/* Between the files of the GIC. */
#pragma once

#include <abi/acpi.h>
#include <abi/arm64/gic.h>
#include <asm/irq.h>
#include <kernel/fdt.h>
#include <kernel/io.h>
#include <kernel/irq.h>
#include <kernel/msi.h>

/* Regions of redistributors; hypervisors have one or two. */
#define GIC_REDIST_MAX 16

/* ITSs that are used. */
#define GIC_ITS_MAX 8

/* How long hardware may take to take note of a change. */
#define GIC_WAIT_MS 100

/* Where a GIC is, as firmware says; not trusted. */
struct gic_place {
	unsigned version; /* 2 or 3 */
	phys_addr_t dist;
	phys_addr_t cpu; /* version 2: CPU interface */
	unsigned redists;
	struct gic_redist {
		phys_addr_t base;
		u64 size;
	} redist[GIC_REDIST_MAX]; /* version 3 */
	struct gic_msi_frame {
		phys_addr_t base;      /* 0: there is none */
		unsigned first, count; /* lines; count 0: as the frame says */
	} frame;
	unsigned itss;
	struct gic_its_place {
		phys_addr_t base;
		u32 id;	      /* in the MADT */
		int fdt_node; /* or 0 */
	} its[GIC_ITS_MAX];
};

/**
 * Fill @place, which is zeroed, from the device tree, or from @madt, verified
 * as acpi_find() does it, for the CPU with affinity @mpidr. 0 or -ENODEV.
 */
int gic_find_fdt(const struct fdt *fdt, struct gic_place *place);
int gic_find_acpi(const struct acpi_sdt_header *madt, u64 mpidr,
		  struct gic_place *place);

/**
 * Where the CPU with affinity @mpidr alone has its redistributor, where @madt
 * tells of no regions of them; 0: it does not say.
 */
phys_addr_t gic_find_redist(const struct acpi_sdt_header *madt, u64 mpidr);

/* Each version: 0 and *@root, or -errno after a message. */
int gicv2_init(const struct gic_place *place, const struct irq_root **root);
int gicv3_init(const struct gic_place *place, const struct irq_root **root);

/*
 * The distributor, which both have (dist.c). Lines are INTIDs.
 */

/** Map it and take note of how many lines it has. 0 or -errno. */
int gic_dist_map(const struct gic_place *place);
/** All lines off, then the controller on, with @control in GICD_CTLR. */
int gic_dist_enable(u32 control);
/** Stop forwarding. */
void gic_dist_disable(void);
/** Lines from 0, those of each CPU included. */
unsigned gic_lines(void);
/**
 * Give the lines to <kernel/irq.h>. @route sends one to a CPU. Called once.
 */
int gic_add_lines(void (*route)(unsigned line, unsigned cpu));

/* One line: edge or level, to @cpu, unmasked; another CPU; off. */
void gic_line_start(unsigned line, bool edge, unsigned cpu);
void gic_line_route(unsigned line, unsigned cpu);
void gic_line_stop(unsigned line);

/** Take messages through the frame at @place (v2m.c). After the lines. */
void v2m_init(const struct gic_msi_frame *place);
/** The number of the message that line @intid stands for, or -ENOENT. */
int v2m_line(u32 intid);
/** True if there is such a frame. What follows: see <kernel/msi.h>. */
bool v2m_present(void);
int v2m_route(unsigned irq, unsigned count, const struct cpumask *cpus,
	      struct msi_route *route);
int v2m_reroute(const struct cpumask *cpus, struct msi_route *route);
void v2m_unroute(struct msi_route *route);
void v2m_compose(const struct msi_route *route, struct msi_message *message);

/** Take messages through the ITSs at @place (its.c), on this CPU. */
void its_init(const struct gic_place *place);
/** The same on another CPU, whose redistributor is prepared and awake. */
void its_init_cpu(void);
/** Stop them: they write to memory no more. Any context. */
void its_shutdown(void);
/** What follows: see <kernel/msi.h>, for a device that its_open() knows. */
int its_open(const struct msi_requester *who, unsigned messages,
	     struct msi_device **device);
void its_close(struct msi_device *device);
int its_route(struct msi_device *device, unsigned irq, unsigned count,
	      const struct cpumask *cpus, struct msi_route *route);
int its_reroute(const struct cpumask *cpus, struct msi_route *route);
void its_unroute(struct msi_route *route);
void its_compose(const struct msi_route *route, struct msi_message *message);

/**
 * Note where CPU @cpu has its redistributor: mapped at @frame, which stays, and
 * at @phys. Before that CPU starts, or on the boot CPU (lpi.c).
 */
void lpi_prepare_cpu(unsigned cpu, char __iomem *frame, phys_addr_t phys);
/** Handle @intid, which is GIC_LPI_FIRST or above. */
void lpi_handle(u32 intid);

u32 gic_dist_read(unsigned offset);
void gic_dist_write(unsigned offset, u32 value);
void gic_dist_write8(unsigned offset, u8 value);
void gic_dist_write64(unsigned offset, u64 value);

/** Poll until @read() & @mask is 0, at most GIC_WAIT_MS. False: it is not. */
bool gic_wait_clear(u32 (*read)(void), u32 mask);

/**
 * Handle @intid, which @end(@token) ends. Those of CPUs are ended first: their
 * handlers may unmask interrupts, or not return.
 */
void gic_handle(u32 intid, void (*end)(u32 token), u32 token);
