/* SPDX-License-Identifier: BSD-2-Clause */
/* vmgenid: which places are believed. */
#include "unit.h"
#include "host.h"
#include <kernel/acpi.h>
#include <kernel/acpi_device.h>
#include <kernel/acpi_event.h>
#include <kernel/boot_info.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/mm/bootmem.h>
#include <kernel/mm/map.h>
#include <kernel/random.h>
#include <kernel/string.h>
#include <kernel/virt/feature.h>
#include "../../drivers/misc/vmgenid.h"

struct boot_info boot_info;
static struct memmap map;
static u64 memory[2];
static phys_addr_t mapped;
static unsigned maps;
static const volatile u64 *watched;
static struct acpi_device counter;
static u64 vgia;

const struct memmap *bootmem_map(void)
{
	return &map;
}

void *memremap(phys_addr_t phys, u64 size, enum memory_type type)
{
	CHECK_EQ(size, VMGENID_SIZE);
	CHECK_EQ(type, MEMORY_WB);
	mapped = phys;
	maps++;
	return memory;
}

const volatile u64 *random_watch_for_copies(const volatile u64 id[2])
{
	const volatile u64 *before = watched;

	watched = id;
	return before;
}

void virt_feature_add_state(enum hypervisor_type type, const char *name,
			    u8 bits)
{
	(void)type;
	(void)name;
	(void)bits;
}

int acpi_init(phys_addr_t rsdp)
{
	(void)rsdp;
	return 0;
}

bool acpi_mentions(const char *text)
{
	return !strcmp(text, counter.cid) || !strcmp(text, counter.hid);
}

void acpi_for_each_device(void (*fn)(const struct acpi_device *device,
				     void *context),
			  void *context)
{
	const struct acpi_device other = { .hid = "PNP0A03",
					   .has_address = true,
					   .address = 0x2000,
					   .status = 0xf };

	fn(&other, context);
	fn(&counter, context);
}

int acpi_find_integer(const char *name, u64 *value)
{
	CHECK_STR(name, VMGENID_QEMU_BASE);
	*value = vgia;
	return vgia == UINT64_MAX ? -ENOENT : 0;
}

static int event_number;
static unsigned requested;

int acpi_event_that_notifies(const char *name)
{
	CHECK_STR(name, "VGEN");
	return event_number;
}

int acpi_event_request(unsigned number, void (*fn)(void))
{
	CHECK_EQ(number, (unsigned)event_number);
	CHECK(fn == random_look_for_copy);
	requested++;
	return 0;
}

void random_look_for_copy(void)
{
}

static void begin(void)
{
	vmgenid_remove();
	map = (struct memmap){ 0 };
	memmap_add(&map, 0, 0x8000, MEMMAP_RESERVED);
	memmap_add(&map, 0x8000, 0x8000, MEMMAP_RAM);
	memmap_add(&map, 0x10000, 0x1000, MEMMAP_UNUSABLE);
	memmap_add(&map, 0x20000, 0x1000, MEMMAP_ACPI_NVS);
	memmap_add(&map, UINT64_MAX - 0xfff, 0x1000, MEMMAP_RESERVED);
	memmap_normalize(&map);
	event_number = -ENOENT;
	counter = (struct acpi_device){ .name = "VGEN",
					.hid = "FCVMGID",
					.cid = VMGENID_CID,
					.status = UINT64_MAX };
	vgia = UINT64_MAX;
	mapped = 0;
	maps = 0;
	host_said_count = 0;
}

TEST(a_place_that_is_set_aside_is_looked_at)
{
	u8 id[VMGENID_SIZE];

	begin();
	memory[0] = 0x1122334455667788;
	memory[1] = 0x99;
	CHECK_EQ(vmgenid_read(id), 0);
	CHECK_EQ(vmgenid_add("test", 0x20ff0), 0);
	CHECK_EQ(mapped, 0x20ff0);
	CHECK(watched == memory);
	CHECK_EQ(vmgenid_read(id), 0x20ff0);
	CHECK_MEM(id, memory, sizeof(id));
	CHECK_EQ(vmgenid_add("another", 0x2000), -EBUSY);
	/* Its mapping stays, for a CPU may just look at it. */
	vmgenid_remove();
	CHECK(!watched);
	CHECK_EQ(vmgenid_read(id), 0);
	CHECK_EQ(vmgenid_add("test", 0x20ff0), 0);
	CHECK_EQ(maps, 1);
}

TEST(a_place_where_none_can_be_is_refused)
{
	const phys_addr_t bad[] = {
		0x8000,	 0xfff8,  0x7ff8,     0x10000,	  0x11000,
		0x20ff8, 0x20004, 0xfee00000, UINT64_MAX, UINT64_MAX - 7,
	};

	begin();
	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
		CHECK_EQ(vmgenid_add("test", bad[i]), -EINVAL);
		CHECK_EQ(host_said_count, 1 + i);
		CHECK(!watched);
	}
	CHECK_EQ(maps, 0);
}

static void run_init(void)
{
	table_for_each(const struct initcall, init, it)
		CHECK_EQ((*it)->fn(), 0);
}

TEST(acpi_says_the_place_in_two_ways)
{
	begin();
	counter.has_address = true;
	counter.address = 0x20100;
	run_init();
	CHECK_EQ(mapped, 0x20100);
	begin();
	strscpy(counter.hid, VMGENID_QEMU_HID, sizeof(counter.hid));
	vgia = 0x20200;
	event_number = 5;
	run_init();
	CHECK_EQ(mapped, 0x20200 + VMGENID_QEMU_OFFSET);
	CHECK_EQ(requested, 1);
	begin();
	memset(counter.cid, 0, sizeof(counter.cid));
	strscpy(counter.hid, VMGENID_HID, sizeof(counter.hid));
	counter.has_address = true;
	counter.address = 0x20300;
	run_init();
	CHECK_EQ(mapped, 0x20300);
	CHECK_EQ(host_said_count, 1);
}

TEST(a_counter_without_a_place_is_left_alone)
{
	begin(); /* a method that is not QEMU's */
	vgia = 0x20200;
	run_init();
	CHECK(!watched);
	begin(); /* firmware found no memory for it */
	strscpy(counter.hid, VMGENID_QEMU_HID, sizeof(counter.hid));
	vgia = 0;
	run_init();
	CHECK(!watched);
	begin();
	strscpy(counter.hid, VMGENID_QEMU_HID, sizeof(counter.hid));
	run_init();
	CHECK(!watched);
	begin(); /* one that wraps */
	strscpy(counter.hid, VMGENID_QEMU_HID, sizeof(counter.hid));
	vgia = UINT64_MAX - 20;
	run_init();
	begin(); /* not present */
	counter.has_address = true;
	counter.address = 0x20100;
	counter.status = 0;
	run_init();
	CHECK(!watched);
	CHECK_EQ(maps, 0);
}
