/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the GIC is: the device tree, or ACPI's MADT. */
#define pr_fmt(fmt) "gic: " fmt

#include <abi/arm64/gic_its.h>
#include <abi/madt_gic.h>
#include <kernel/byteorder.h>
#include <kernel/errno.h>
#include <kernel/fdt.h>
#include <kernel/madt.h>
#include <kernel/printk.h>
#include "gic.h"

#define MPIDR_AFFINITY 0xff00ffffffULL

static void add_redist(struct gic_place *place, phys_addr_t base, u64 size)
{
	if (!base || size < GICR_SIZE)
		return;
	if (place->redists == GIC_REDIST_MAX) {
		pr_warn("redistributors at %#lx ignored: too many", base);
		return;
	}
	place->redist[place->redists++] = (struct gic_redist){ base, size };
}

static void find_frame(const struct fdt *fdt, struct gic_place *place)
{
	int node = fdt_find_compatible(fdt, FDT_NONE, "arm,gic-v2m-frame");
	struct gic_msi_frame frame = { 0 };
	u64 size;

	if (!fdt_reg(fdt, node, 0, &frame.base, &size))
		return;
	fdt_cell(fdt, node, "arm,msi-base-spi", 0, &frame.first);
	fdt_cell(fdt, node, "arm,msi-num-spis", 0, &frame.count);
	place->frame = frame;
}

static void add_its(struct gic_place *place, phys_addr_t base, u32 id, int node)
{
	if (!base)
		return;
	if (place->itss == GIC_ITS_MAX) {
		pr_warn("ITS at %#lx ignored: too many", base);
		return;
	}
	place->its[place->itss++] = (struct gic_its_place){ base, id, node };
}

static void find_fdt_itss(const struct fdt *fdt, struct gic_place *place)
{
	int node = FDT_NONE;
	phys_addr_t base;
	u64 size;

	while ((node = fdt_find_compatible(fdt, node, "arm,gic-v3-its")) !=
	       FDT_NONE)
		if (fdt_reg(fdt, node, 0, &base, &size) &&
		    size >= GITS_SIZE_ALL)
			add_its(place, base, 0, node);
}

static int find_v2(const struct fdt *fdt, struct gic_place *place)
{
	static const char *const names[] = { "arm,cortex-a15-gic",
					     "arm,gic-400", "arm,cortex-a7-gic",
					     "arm,cortex-a9-gic" };
	int node = FDT_NONE;
	u64 size;

	for (unsigned i = 0; i < ARRAY_SIZE(names) && node == FDT_NONE; i++)
		node = fdt_find_compatible(fdt, FDT_NONE, names[i]);
	place->version = 2;
	find_frame(fdt, place);
	return fdt_reg(fdt, node, 0, &place->dist, &size) &&
			       fdt_reg(fdt, node, 1, &place->cpu, &size)
		       ? 0
		       : -ENODEV;
}

int gic_find_fdt(const struct fdt *fdt, struct gic_place *place)
{
	int node = fdt_find_compatible(fdt, FDT_NONE, "arm,gic-v3");
	phys_addr_t base;
	u32 regions = 1;
	u64 size;

	if (node == FDT_NONE)
		return find_v2(fdt, place);
	place->version = 3;
	fdt_cell(fdt, node, "#redistributor-regions", 0, &regions);
	if (!fdt_reg(fdt, node, 0, &place->dist, &size))
		return -ENODEV;
	for (unsigned i = 1; i <= MIN(regions, (u32)GIC_REDIST_MAX) &&
			     fdt_reg(fdt, node, i, &base, &size);
	     i++)
		add_redist(place, base, size);
	find_frame(fdt, place);
	find_fdt_itss(fdt, place);
	return place->redists ? 0 : -ENODEV;
}

/* The structure of the CPU with affinity @mpidr, or NULL. */
static const struct acpi_madt_gicc *gicc_of(const struct acpi_sdt_header *madt,
					    u64 mpidr)
{
	const struct acpi_madt_entry *e = NULL;

	while ((e = madt_next(madt, e, ACPI_MADT_GICC,
			      sizeof(struct acpi_madt_gicc)))) {
		const struct acpi_madt_gicc *gicc = (const void *)e;

		if ((le64_to_cpu(gicc->mpidr) & MPIDR_AFFINITY) ==
		    (mpidr & MPIDR_AFFINITY))
			return gicc;
	}
	return NULL;
}

/* Of this CPU, or the first: all have the CPU interface's. */
static const struct acpi_madt_gicc *find_gicc(
	const struct acpi_sdt_header *madt, u64 mpidr)
{
	return gicc_of(madt, mpidr)
		       ?: (const void *)
				  madt_next(madt, NULL, ACPI_MADT_GICC,
					    sizeof(struct acpi_madt_gicc));
}

phys_addr_t gic_find_redist(const struct acpi_sdt_header *madt, u64 mpidr)
{
	const struct acpi_madt_gicc *gicc = gicc_of(madt, mpidr);

	return gicc ? le64_to_cpu(gicc->gicr_base_address) : 0;
}

static void find_redists(const struct acpi_sdt_header *madt,
			 const struct acpi_madt_gicc *gicc,
			 struct gic_place *place)
{
	const struct acpi_madt_entry *e = NULL;

	while ((e = madt_next(madt, e, ACPI_MADT_GICR,
			      sizeof(struct acpi_madt_gicr)))) {
		const struct acpi_madt_gicr *r = (const void *)e;

		add_redist(place, le64_to_cpu(r->range_base_address),
			   le32_to_cpu(r->range_length));
	}
	if (!place->redists)
		add_redist(place, le64_to_cpu(gicc->gicr_base_address),
			   GICR_SIZE);
}

#define FRAME_OVERRIDE BIT(0) /* of flags */

static void find_acpi_frame(const struct acpi_sdt_header *madt,
			    struct gic_place *place)
{
	const struct acpi_madt_gic_msi_frame *f =
		(const void *)madt_next(madt, NULL, ACPI_MADT_GIC_MSI,
					sizeof(*f));

	if (!f)
		return;
	place->frame.base = le64_to_cpu(f->physical_base_address);
	if (!(le32_to_cpu(f->flags) & FRAME_OVERRIDE))
		return;
	place->frame.first = le16_to_cpu(f->spi_base);
	place->frame.count = le16_to_cpu(f->spi_count);
}

static void find_acpi_itss(const struct acpi_sdt_header *madt,
			   struct gic_place *place)
{
	const struct acpi_madt_entry *e = NULL;

	while ((e = madt_next(madt, e, ACPI_MADT_GIC_ITS,
			      sizeof(struct acpi_madt_gic_its)))) {
		const struct acpi_madt_gic_its *its = (const void *)e;

		add_its(place, le64_to_cpu(its->physical_base_address),
			le32_to_cpu(its->translation_id), 0);
	}
}

int gic_find_acpi(const struct acpi_sdt_header *madt, u64 mpidr,
		  struct gic_place *place)
{
	const struct acpi_madt_gicc *gicc = find_gicc(madt, mpidr);
	const struct acpi_madt_gicd *gicd =
		(const void *)madt_next(madt, NULL, ACPI_MADT_GICD,
					sizeof(*gicd));

	if (!gicd || !gicc)
		return -ENODEV;
	place->dist = le64_to_cpu(gicd->physical_base_address);
	place->cpu = le64_to_cpu(gicc->physical_base_address);
	find_redists(madt, gicc, place);
	find_acpi_frame(madt, place);
	/* Old tables leave the version open: then what is there tells. */
	place->version = place->redists ? 3 : 2;
	if (place->version == 3)
		find_acpi_itss(madt, place);
	return place->redists || place->cpu ? 0 : -ENODEV;
}
