/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the GIC is, as device trees and MADTs say. */
#include "fake_fdt.h"
#include "../../arch/arm64/gic/gic.h"
#include <abi/madt_gic.h>
#include <kernel/errno.h>
#include <kernel/printk.h>

static struct gic_place place;

void printk(enum log_level level, unsigned flags, const char *fmt, ...)
{
	(void)level;
	(void)flags;
	(void)fmt;
}

static void begin_tree(const char *compatible)
{
	tree_start();
	TREE_CELLS("#address-cells", 1);
	TREE_CELLS("#size-cells", 1);
	tree_begin("intc@8000000");
	tree_string("compatible", compatible);
}

static int find_in_tree(void)
{
	struct fdt fdt;

	tree_end();
	tree_finish();
	CHECK_EQ(fdt_open(&fdt, tree.blob, tree.size), 0);
	memset(&place, 0, sizeof(place));
	return gic_find_fdt(&fdt, &place);
}

TEST(a_gicv2_has_a_distributor_and_a_cpu_interface)
{
	static const char *const names[] = { "arm,gic-400",
					     "arm,cortex-a15-gic" };

	for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
		begin_tree(names[i]);
		TREE_CELLS("reg", 0x8000000, 0x1000, 0x8010000, 0x2000);
		CHECK_EQ(find_in_tree(), 0);
		CHECK_EQ(place.version, 2);
		CHECK_EQ(place.dist, 0x8000000);
		CHECK_EQ(place.cpu, 0x8010000);
	}
	begin_tree("arm,gic-400");
	TREE_CELLS("reg", 0x8000000, 0x1000);
	CHECK_EQ(find_in_tree(), -ENODEV);
	begin_tree("arm,gic-500");
	TREE_CELLS("reg", 0x8000000, 0x1000, 0x8010000, 0x2000);
	CHECK_EQ(find_in_tree(), -ENODEV);
}

TEST(a_gicv3_has_as_many_redistributor_regions_as_it_says)
{
	begin_tree("arm,gic-v3");
	TREE_CELLS("#redistributor-regions", 2);
	TREE_CELLS("reg", 0x8000000, 0x10000, 0x80a0000, 0xf60000, 0x90000000,
		   0x20000, 0xa0000000, 0x20000);
	CHECK_EQ(find_in_tree(), 0);
	CHECK_EQ(place.version, 3);
	CHECK_EQ(place.redists, 2);
	CHECK_EQ(place.redist[1].base, 0x90000000);
}

TEST(redistributor_regions_that_cannot_be_are_left_out)
{
	begin_tree("arm,gic-v3");
	TREE_CELLS("#redistributor-regions", 0xffffffff);
	TREE_CELLS("reg", 0x8000000, 0x10000, 0x80a0000, 0x1ffff, 0, 0x20000);
	CHECK_EQ(find_in_tree(), -ENODEV);
	CHECK_EQ(place.redists, 0);
}

TEST(itss_that_make_sense_are_found_in_the_tree)
{
	begin_tree("arm,gic-v3");
	TREE_CELLS("#address-cells", 1);
	TREE_CELLS("#size-cells", 1);
	tree_property("ranges", "", 0);
	TREE_CELLS("reg", 0x8000000, 0x10000, 0x80a0000, 0xf60000);
	tree_begin("its@8080000");
	tree_string("compatible", "arm,gic-v3-its");
	TREE_CELLS("reg", 0x8080000, 0x20000);
	tree_end();
	tree_begin("its@9000000");
	tree_string("compatible", "arm,gic-v3-its");
	TREE_CELLS("reg", 0x9000000, 0x10000);
	tree_end();
	CHECK_EQ(find_in_tree(), 0);
	CHECK_EQ(place.itss, 1);
	CHECK_EQ(place.its[0].base, 0x8080000);
	CHECK(place.its[0].fdt_node > 0);
}

/* A MADT, structure by structure. */
static struct {
	_Alignas(8) u8 bytes[1024];
	u32 size;
} madt;

static void madt_start(void)
{
	memset(&madt, 0, sizeof(madt));
	madt.size = sizeof(struct acpi_madt);
}

static void madt_add(u8 type, const void *structure, u8 size)
{
	memcpy(madt.bytes + madt.size, structure, size);
	madt.bytes[madt.size] = type;
	madt.bytes[madt.size + 1] = size;
	madt.size += size;
}

static void add_gicc(u64 mpidr, u64 cpu_interface, u64 redist)
{
	struct acpi_madt_gicc gicc = {
		.physical_base_address = cpu_to_le64(cpu_interface),
		.gicr_base_address = cpu_to_le64(redist),
		.mpidr = cpu_to_le64(mpidr),
	};

	madt_add(ACPI_MADT_GICC, &gicc, sizeof(gicc));
}

static void add_gicd(u64 address)
{
	struct acpi_madt_gicd gicd = {
		.physical_base_address = cpu_to_le64(address),
	};

	madt_add(ACPI_MADT_GICD, &gicd, sizeof(gicd));
}

static int find_in_madt(u64 mpidr)
{
	struct acpi_sdt_header *header = (void *)madt.bytes;

	header->length = cpu_to_le32(madt.size);
	memset(&place, 0, sizeof(place));
	return gic_find_acpi(header, mpidr, &place);
}

TEST(a_madt_with_cpu_interfaces_is_a_gicv2s)
{
	madt_start();
	add_gicc(0, 0x8010000, 0);
	CHECK_EQ(find_in_madt(0), -ENODEV);
	add_gicd(0x8000000);
	CHECK_EQ(find_in_madt(0), 0);
	CHECK_EQ(place.version, 2);
	CHECK_EQ(place.dist, 0x8000000);
	CHECK_EQ(place.cpu, 0x8010000);
}

TEST(redistributors_are_regions_or_each_cpus_own)
{
	struct acpi_madt_gicr gicr = {
		.range_base_address = cpu_to_le64(0x80a0000),
		.range_length = cpu_to_le32(0xf60000),
	};

	madt_start();
	add_gicd(0x8000000);
	add_gicc(0, 0, 0x10000000);
	add_gicc(0x100, 0, 0x10020000);
	/* Bits of MPIDR that are no affinity do not count. */
	CHECK_EQ(find_in_madt(0x80000100), 0);
	CHECK_EQ(place.version, 3);
	CHECK_EQ(place.redist[0].base, 0x10020000);
	CHECK_EQ(gic_find_redist((void *)madt.bytes, 0x100), 0x10020000);
	CHECK_EQ(gic_find_redist((void *)madt.bytes, 0), 0x10000000);
	CHECK_EQ(gic_find_redist((void *)madt.bytes, 0x200), 0);
	madt_add(ACPI_MADT_GICR, &gicr, sizeof(gicr));
	CHECK_EQ(find_in_madt(0), 0);
	CHECK_EQ(place.redists, 1);
	CHECK_EQ(place.redist[0].base, 0x80a0000);
}

TEST(a_madt_names_itss_of_a_gicv3)
{
	struct acpi_madt_gic_its its = {
		.translation_id = cpu_to_le32(9),
		.physical_base_address = cpu_to_le64(0x8080000),
	};

	madt_start();
	add_gicd(0x8000000);
	add_gicc(0, 0x8010000, 0);
	madt_add(ACPI_MADT_GIC_ITS, &its, sizeof(its));
	CHECK_EQ(find_in_madt(0), 0);
	CHECK_EQ(place.itss, 0);
	add_gicc(0x100, 0, 0x10020000);
	for (unsigned i = 0; i < 2 * GIC_ITS_MAX; i++)
		madt_add(ACPI_MADT_GIC_ITS, &its, sizeof(its));
	CHECK_EQ(find_in_madt(0x100), 0);
	CHECK_EQ(place.itss, GIC_ITS_MAX);
	CHECK_EQ(place.its[0].id, 9);
}

TEST(every_truncated_madt_does_no_harm)
{
	madt_start();
	add_gicd(0x8000000);
	add_gicc(0, 0x8010000, 0);
	for (u32 size = sizeof(struct acpi_madt); size < 200; size++) {
		madt.size = size;
		find_in_madt(0);
	}
}
