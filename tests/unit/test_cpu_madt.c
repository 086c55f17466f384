/* SPDX-License-Identifier: BSD-2-Clause */
/* What a MADT may say about CPUs, true or not. */
#include "unit.h"
#include <stdlib.h>
#include <asm/smp.h>
#include <kernel/byteorder.h>
#include <kernel/errno.h>
#include <kernel/string.h>
#include <kernel/virt/xen.h>

#define CPUS_MAX 6
#define ENABLED	 ACPI_MADT_ENABLED

static u8 table[65536];
static size_t length;
static u32 ids[CPUS_MAX + 1];
static struct cpu_layout layout;

static void begin(void)
{
	memset(table, 0, sizeof(table));
	length = sizeof(struct acpi_madt);
}

static void put(const void *entry, size_t size)
{
	memcpy(table + length, entry, size);
	length += size;
}

static void put_xapic(u8 id, u32 flags)
{
	const struct acpi_madt_local_apic e = {
		.entry = { ACPI_MADT_LOCAL_APIC, sizeof(e) },
		.apic_id = id,
		.flags = cpu_to_le32(flags),
	};

	put(&e, sizeof(e));
}

static void put_x2apic(u32 id, u32 flags)
{
	const struct acpi_madt_local_x2apic e = {
		.entry = { ACPI_MADT_LOCAL_X2APIC, sizeof(e) },
		.x2apic_id = cpu_to_le32(id),
		.flags = cpu_to_le32(flags),
	};

	put(&e, sizeof(e));
}

static void put_wakeup(u16 version, u64 address)
{
	const struct acpi_madt_wakeup e = {
		.entry = { ACPI_MADT_WAKEUP, sizeof(e) },
		.mailbox_version = cpu_to_le16(version),
		.mailbox_address = cpu_to_le64(address),
	};

	put(&e, sizeof(e));
}

/* From an allocation of exactly the table's size. */
static struct acpi_sdt_header *make_table(void)
{
	struct acpi_sdt_header *madt = malloc(length);

	memcpy(madt, table, length);
	madt->length = cpu_to_le32((u32)length);
	return madt;
}

static void read_table(u32 boot_id, u32 id_max)
{
	struct acpi_sdt_header *madt = make_table();

	ids[CPUS_MAX] = 0xdeadbeef;
	layout = (struct cpu_layout){ .ids = ids, .max = CPUS_MAX };
	cpu_layout_read(madt, boot_id, id_max, &layout);
	free(madt);
	CHECK_EQ(ids[CPUS_MAX], 0xdeadbeef);
	CHECK_EQ(ids[0], boot_id);
}

TEST(an_empty_table_leaves_the_boot_cpu)
{
	begin();
	read_table(3, 254);
	CHECK_EQ(layout.count, 1);
	CHECK(!layout.boot_listed);
}

TEST(numbers_follow_the_table_and_the_boot_cpu_is_0)
{
	const u32 expected[] = { 4, 9, 300, 2 };

	begin();
	put_xapic(9, ENABLED);
	put_x2apic(300, ENABLED);
	put_xapic(4, ENABLED);
	put_x2apic(2, ENABLED);
	read_table(4, UINT32_MAX - 1);
	CHECK_EQ(layout.count, 4);
	CHECK(layout.boot_listed);
	CHECK_MEM(ids, expected, sizeof(expected));
}

TEST(cpus_that_are_off_are_not_started)
{
	begin();
	put_xapic(0, ENABLED);
	put_xapic(1, 0);
	put_xapic(2, ACPI_MADT_ONLINE_CAPABLE);
	put_x2apic(3, ACPI_MADT_ONLINE_CAPABLE);
	put_xapic(4, ENABLED | ACPI_MADT_ONLINE_CAPABLE);
	read_table(0, 254);
	CHECK_EQ(layout.count, 2);
	CHECK_EQ(ids[1], 4);
	CHECK_EQ(layout.absent, 2);
}

TEST(a_cpu_listed_twice_has_one_number)
{
	begin();
	put_xapic(0, ENABLED);
	put_xapic(1, ENABLED);
	put_x2apic(1, ENABLED);
	put_xapic(0, ENABLED);
	put_x2apic(0, ENABLED);
	read_table(0, 254);
	CHECK_EQ(layout.count, 2);
	CHECK_EQ(layout.repeated, 3);
}

TEST(a_missing_boot_cpu_is_seen)
{
	begin();
	put_xapic(1, ENABLED);
	put_xapic(2, ENABLED);
	read_table(7, 254);
	CHECK_EQ(layout.count, 3);
	CHECK(!layout.boot_listed);
}

TEST(ids_that_cannot_be_addressed_are_left_out)
{
	begin();
	put_xapic(0, ENABLED);
	put_xapic(255, ENABLED);
	put_x2apic(255, ENABLED);
	put_x2apic(256, ENABLED);
	put_x2apic(UINT32_MAX, ENABLED);
	put_xapic(254, ENABLED);
	read_table(0, 254);
	CHECK_EQ(layout.count, 2);
	CHECK_EQ(layout.unreachable, 4);
	read_table(0, UINT32_MAX - 1);
	CHECK_EQ(layout.count, 4);
	CHECK_EQ(layout.unreachable, 1);
	CHECK_EQ(layout.repeated, 1);
}

TEST(more_cpus_than_wanted_are_counted)
{
	begin();
	for (u32 id = 0; id < 20; id++)
		put_x2apic(id, ENABLED);
	/* The boot CPU is the last: it still has its number. */
	read_table(19, 254);
	CHECK_EQ(layout.count, CPUS_MAX);
	CHECK_EQ(layout.left_alone, 20 - CPUS_MAX);
	CHECK(layout.boot_listed);
}

TEST(short_and_cut_entries_are_passed_over)
{
	begin();
	put_xapic(0, ENABLED);
	put_x2apic(1, ENABLED);
	table[length - sizeof(struct acpi_madt_local_x2apic) + 1] = 8;
	memset(table + length - 8, 0, 8);
	table[length - 8 + 1] = 8;
	put_x2apic(2, ENABLED);
	length -= 3;
	read_table(0, 254);
	/* Type 0 with ID 0 and no flags is what the rest of CPU 1 became. */
	CHECK_EQ(layout.count, 1);
}

TEST(noise_is_survived)
{
	srand(1);
	for (unsigned n = 0; n < 2000; n++) {
		begin();
		for (unsigned i = 0; i < 400; i++)
			table[length + i] = (u8)(rand() % 20);
		length += 400;
		read_table(0, 254);
		CHECK(layout.count >= 1 && layout.count <= CPUS_MAX);
	}
}

static phys_addr_t mailbox_of_table(void)
{
	struct acpi_sdt_header *madt = make_table();
	phys_addr_t address = cpu_mailbox_address(madt);

	free(madt);
	return address;
}

TEST(a_mailbox_of_a_known_version_is_found)
{
	begin();
	put_xapic(0, ENABLED);
	CHECK_EQ(mailbox_of_table(), 0);
	put_wakeup(ACPI_WAKEUP_VERSION, 0x7fe000);
	CHECK_EQ(mailbox_of_table(), 0x7fe000);
	begin();
	put_wakeup(ACPI_WAKEUP_VERSION + 1, 0x7fe000);
	CHECK_EQ(mailbox_of_table(), 0);
}

/* Xen, as far as it is asked which vCPUs there are. */
static bool xen_is_there;
static u32 vcpus, asked;

bool xen_available(void)
{
	return xen_is_there;
}

long xen_hypercall(unsigned number, unsigned long a, unsigned long b,
		   unsigned long c, unsigned long d, unsigned long e)
{
	(void)c;
	(void)d;
	(void)e;
	CHECK_EQ(number, __HYPERVISOR_vcpu_op);
	CHECK_EQ(a, VCPUOP_is_up);
	asked++;
	if (b >= vcpus)
		return -ENOENT;
	return b == 0;
}

static void read_xen(bool there, u32 count, u32 boot_id, u32 id_max)
{
	xen_is_there = there;
	vcpus = count;
	asked = 0;
	layout = (struct cpu_layout){ .ids = ids, .max = CPUS_MAX };
	xen_layout_read(boot_id, id_max, &layout);
}

TEST(without_madt_cpus_are_those_that_xen_knows)
{
	read_xen(true, 3, 0, 0xfe);
	CHECK_EQ(layout.count, 3);
	CHECK_EQ(ids[0], 0);
	CHECK_EQ(ids[1], 2);
	CHECK_EQ(ids[2], 4);
	CHECK_EQ(layout.left_alone, 0);
	/* The boot CPU is number 0, whichever it is. */
	read_xen(true, 3, 4, 0xfe);
	CHECK_EQ(layout.count, 3);
	CHECK_EQ(ids[0], 4);
	CHECK_EQ(ids[2], 2);
}

TEST(without_madt_and_xen_there_is_one_cpu)
{
	read_xen(false, 3, 6, 0xfe);
	CHECK_EQ(layout.count, 1);
	CHECK_EQ(ids[0], 6);
	CHECK_EQ(asked, 0);
	read_xen(true, 0, 6, 0xfe);
	CHECK_EQ(layout.count, 1);
}

TEST(a_xen_that_has_all_cpus_is_not_asked_for_ever)
{
	read_xen(true, 0xffffffff, 0, 0xfe);
	CHECK(asked < 10000);
	CHECK_EQ(layout.count, CPUS_MAX);
	CHECK_EQ(layout.left_alone, 128 - CPUS_MAX);
	CHECK_EQ(layout.unreachable, asked - 128);
}
