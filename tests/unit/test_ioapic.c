/* SPDX-License-Identifier: BSD-2-Clause */
/* What a MADT may say about interrupts, true or not. */
#include "unit.h"
#include <stdlib.h>
#include <abi/madt.h>
#include <kernel/byteorder.h>
#include <kernel/errno.h>
#include <kernel/madt.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include "../../arch/x86/kernel/ioapic.h"

static unsigned warnings;

void printk(enum log_level level, unsigned flags, const char *fmt, ...)
{
	(void)level;
	(void)flags;
	(void)fmt;
	warnings++;
}

static struct {
	u8 bytes[65536];
	size_t length;
} table;

static void begin(void)
{
	memset(&table, 0, sizeof(table));
	table.length = sizeof(struct acpi_madt);
	warnings = 0;
}

static void put(const void *entry, size_t size)
{
	memcpy(table.bytes + table.length, entry, size);
	table.length += size;
}

static void put_ioapic(u32 address, u32 base)
{
	const struct acpi_madt_io_apic e = {
		.entry = { ACPI_MADT_IO_APIC, sizeof(e) },
		.io_apic_address = cpu_to_le32(address),
		.global_system_interrupt_base = cpu_to_le32(base),
	};

	put(&e, sizeof(e));
}

static void put_override(u8 bus, u8 source, u32 gsi, u16 flags)
{
	const struct acpi_madt_interrupt_override e = {
		.entry = { ACPI_MADT_INTERRUPT_OVERRIDE, sizeof(e) },
		.bus = bus,
		.source = source,
		.global_system_interrupt = cpu_to_le32(gsi),
		.flags = cpu_to_le16(flags),
	};

	put(&e, sizeof(e));
}

/* From an allocation of exactly the table's size. */
static void read_table(struct ioapic_layout *layout)
{
	struct acpi_sdt_header *madt = malloc(table.length);

	memcpy(madt, table.bytes, table.length);
	madt->length = cpu_to_le32((u32)table.length);
	ioapic_layout_read(madt, layout);
	free(madt);
}

static struct ioapic_layout layout;

TEST(an_empty_table_describes_nothing)
{
	begin();
	read_table(&layout);
	CHECK_EQ(layout.count, 0);
	CHECK_EQ(layout.isa[4], 4);
	CHECK_EQ(layout.trigger[4], IRQ_TRIGGER_EDGE_RISING);
}

TEST(a_usual_table_is_understood)
{
	begin();
	put_override(0, 0, 2, 0);
	put_ioapic(0xfec00000, 0);
	put_override(0, 9, 9, 0xd);
	put_override(0, 10, 10, 0xf);
	put_override(0, 11, 20, 0x7);
	put_ioapic(0xfec10000, 24);
	read_table(&layout);
	CHECK_EQ(layout.count, 2);
	CHECK_EQ(layout.ioapic[1].address, 0xfec10000);
	CHECK_EQ(layout.ioapic[1].gsi_base, 24);
	CHECK_EQ(layout.isa[0], 2);
	CHECK_EQ(layout.isa[2], -ENODEV);
	CHECK_EQ(layout.isa[4], 4);
	CHECK_EQ(layout.trigger[9], IRQ_TRIGGER_LEVEL_HIGH);
	CHECK_EQ(layout.trigger[10], IRQ_TRIGGER_LEVEL_LOW);
	CHECK_EQ(layout.isa[11], 20);
	CHECK_EQ(layout.trigger[11], IRQ_TRIGGER_EDGE_FALLING);
	CHECK_EQ(warnings, 0);
}

TEST(two_lines_may_change_places)
{
	begin();
	put_override(0, 2, 0, 0);
	put_override(0, 0, 2, 0);
	read_table(&layout);
	CHECK_EQ(layout.isa[0], 2);
	CHECK_EQ(layout.isa[2], 0);
}

TEST(what_cannot_be_is_ignored)
{
	begin();
	put_ioapic(0, 0);
	put_ioapic(0xfec00001, 0);
	put_ioapic(0xfec00000, IRQ_GSIS);
	put_ioapic(0xfec00000, UINT32_MAX);
	put_override(1, 4, 5, 0);
	put_override(0, 16, 5, 0);
	put_override(0, 4, UINT32_MAX, 0);
	read_table(&layout);
	CHECK_EQ(layout.count, 0);
	CHECK_EQ(layout.isa[4], 4);
	CHECK_EQ(warnings, 7);
}

TEST(no_io_apic_counts_twice_and_there_are_not_too_many)
{
	begin();
	put_ioapic(0xfec00000, 0);
	put_ioapic(0xfec00000, 24);
	put_ioapic(0xfec10000, 0);
	for (u32 i = 1; i < 40; i++)
		put_ioapic(0xfec00000 + i * 0x1000, i);
	read_table(&layout);
	CHECK_EQ(layout.count, IOAPICS_MAX);
}

TEST(a_structure_of_no_or_too_much_length_ends_the_walk)
{
	static const u8 lengths[] = { 0, 1, 13, 255 };

	for (unsigned i = 0; i < sizeof(lengths); i++) {
		begin();
		put_ioapic(0xfec00000, 0);
		put_ioapic(0xfec10000, 24);
		table.bytes[sizeof(struct acpi_madt) + 13] = lengths[i];
		read_table(&layout);
		CHECK_EQ(layout.count, 1);
	}
}

TEST(a_structure_that_is_too_short_is_passed_over)
{
	begin();
	put((const u8[]){ ACPI_MADT_IO_APIC, 4, 0, 0 }, 4);
	put((const u8[]){ ACPI_MADT_INTERRUPT_OVERRIDE, 2 }, 2);
	put((const u8[]){ 99, 7, 0, 0, 0, 0, 0 }, 7);
	put_ioapic(0xfec00000, 0);
	read_table(&layout);
	CHECK_EQ(layout.count, 1);
}

TEST(any_bytes_are_survived)
{
	u32 random = 7;

	for (unsigned round = 0; round < 20000; round++) {
		begin();
		for (unsigned i = 0; i < round % 200; i++) {
			random = random * 1664525 + 1013904223;
			table.bytes[table.length++] =
				random & 0x40000000 ? (u8)(random >> 24) % 16
						    : (u8)(random >> 24);
		}
		read_table(&layout);
		CHECK(layout.count <= IOAPICS_MAX);
	}
}
