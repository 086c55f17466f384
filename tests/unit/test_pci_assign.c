/* SPDX-License-Identifier: BSD-2-Clause */
/* Addresses and bus numbers for what firmware left without. */
#include "unit.h"
#include "fake_pci_host.h"

#define MIB 0x100000ULL
#define GIB 0x40000000ULL

const char *pci_class_name(u16 class)
{
	(void)class;
	return NULL;
}

/* A 32-bit memory BAR of @size bytes at @at. */
static void memory_bar(struct fake_function *f, unsigned bar, u32 at, u32 size)
{
	fake_bar(f, PCI_BASE_ADDRESS_0 + 4 * bar, at, ~(size - 1));
}

static void wide_bar(struct fake_function *f, unsigned bar, u64 size, u32 flags)
{
	u64 mask = ~(size - 1);
	u32 low = PCI_BAR_TYPE_64 | flags;

	fake_bar(f, PCI_BASE_ADDRESS_0 + 4 * bar, low, (u32)mask);
	fake_bar(f, PCI_BASE_ADDRESS_0 + 4 * bar + 4, 0, (u32)(mask >> 32));
}

/* Whose windows can be written, 64 bits wide. */
static struct fake_function *open_bridge(u8 bus, u8 slot, u8 secondary,
					 u8 subordinate)
{
	struct fake_function *f =
		fake_bridge(bus, slot, secondary, subordinate);

	memset(f->writable + PCI_IO_BASE, 0xf0, 2);
	for (unsigned at = PCI_MEMORY_BASE; at < PCI_PREF_BASE_UPPER32;
	     at += 2) {
		f->writable[at] = 0xf0;
		f->writable[at + 1] = 0xff;
	}
	memset(f->writable + PCI_PREF_BASE_UPPER32, 0xff, 8);
	f->config[PCI_PREF_MEMORY_BASE] = f->config[PCI_PREF_MEMORY_LIMIT] = 1;
	memset(f->writable + PCI_PRIMARY_BUS, 0xff, 3);
	return f;
}

static int enable(struct pci_device *pdev)
{
	return pci_enable(pdev, PCI_COMMAND_IO | PCI_COMMAND_MEMORY);
}

TEST(regions_without_address_get_one)
{
	struct fake_function *f, *other;
	struct pci_device *pdev;

	reset();
	f = fake_function(0, 1, 0, ANY_ID);
	memory_bar(f, 0, 0, 0x1000);
	fake_bar(f, PCI_BASE_ADDRESS_0 + 4, 1, 0xffffffe1);
	wide_bar(f, 2, 4 * GIB, PCI_BAR_PREFETCHABLE);
	wide_bar(f, 4, 0x4000, 0);
	/* What is there stays. */
	other = fake_function(0, 2, 0, ANY_ID);
	memory_bar(other, 0, 0xc0000000, 0x10000);
	fake_bar(other, PCI_BASE_ADDRESS_0 + 4, 0xc001, 0xffffff01);
	CHECK_EQ(pci_scan_host(&host), 2);
	pdev = found(0, 1, 0);
	CHECK_EQ(enable(pdev), 0);
	CHECK_EQ(fake_bad_accesses, 0);
	CHECK_EQ(fake_get(f, PCI_BASE_ADDRESS_0, 4), 0xc0010000);
	CHECK_EQ(fake_get(f, PCI_BASE_ADDRESS_0 + 4, 4), 0xc101);
	/* Too large to be below 4 GiB. */
	CHECK_EQ(fake_get(f, PCI_BASE_ADDRESS_0 + 8, 4), 0xc);
	CHECK_EQ(fake_get(f, PCI_BASE_ADDRESS_0 + 12, 4), 1);
	CHECK_EQ(pdev->region[4].start, 0xc0014000);
	CHECK_EQ(fake_get(f, PCI_COMMAND, 2) & 3, 3);
	CHECK_EQ(enable(found(0, 2, 0)), 0);
	CHECK_EQ(fake_get(other, PCI_BASE_ADDRESS_0, 4), 0xc0000000);
	pdev->placed = false;
	CHECK_EQ(enable(pdev), 0);
	CHECK_EQ(pdev->region[0].start, 0xc0010000);
}

TEST(addresses_that_cannot_be_are_changed)
{
	static const u64 bad[] = { 0x2000, 0xd0000000, 0x20000000000 };
	struct fake_function *f;

	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
		struct pci_device *pdev;

		reset();
		ram_map.count = 1;
		ram_map.entries[0] =
			(struct memmap_entry){ 0, 0x10000, MEMMAP_RAM };
		memory_bar(fake_function(0, 2, 0, ANY_ID), 0, 0xd0000000,
			   0x1000);
		f = fake_function(0, 1, 0, ANY_ID);
		wide_bar(f, 0, 0x1000, 0);
		fake_put(f, PCI_BASE_ADDRESS_0, bad[i] | PCI_BAR_TYPE_64, 8);
		CHECK_EQ(pci_scan_host(&host), 2);
		CHECK_EQ(enable(found(0, 2, 0)), 0);
		messages = 0;
		pdev = found(0, 1, 0);
		CHECK_EQ(enable(pdev), 0);
		CHECK_EQ(pdev->region[0].start, 0xc0000000);
		/* What was wrong, and what it is now. */
		CHECK_EQ(messages, 2);
	}
	ram_map.count = 0;
}

TEST(what_the_memory_map_or_configuration_space_has_is_avoided)
{
	struct fake_function *f;

	reset();
	ram_map.count = 1;
	ram_map.entries[0] = (struct memmap_entry){ 0xc0000000, 0xc8000000,
						    MEMMAP_RESERVED };
	host.ecam = 0xc8000000;
	for (unsigned bus = 0; bus < 256; bus++)
		host.ecam_bus[bus] = (void __iomem *)1;
	f = fake_function(0, 1, 0, ANY_ID);
	memory_bar(f, 0, 0, 0x1000);
	CHECK_EQ(pci_scan_host(&host), 1);
	CHECK_EQ(enable(found(0, 1, 0)), 0);
	CHECK_EQ(fake_get(f, PCI_BASE_ADDRESS_0, 4), 0xd8000000);
	ram_map.count = 0;
}

TEST(without_room_it_is_refused_with_one_line)
{
	struct fake_function *f;
	struct pci_device *pdev;

	reset();
	f = fake_function(0, 1, 0, ANY_ID);
	memory_bar(f, 0, 0, 0x80000000);
	CHECK_EQ(pci_scan_host(&host), 1);
	pdev = found(0, 1, 0);
	CHECK_EQ(enable(pdev), -ENOSPC);
	CHECK_EQ(messages, 1);
	CHECK_EQ(fake_get(f, PCI_COMMAND, 2), 0);
	CHECK(!pci_map_region(pdev, 0, 0, 4));
	/* All of the address space but the upper half. */
	wide_bar(f, 0, BIT64(63), 0);
	pdev->sized = false;
	CHECK_EQ(enable(pdev), -ENOSPC);
}

TEST(windows_open_up_to_the_root)
{
	struct fake_function *outer, *inner, *f;
	struct pci_device *pdev;
	struct pci_window w;

	reset();
	outer = open_bridge(0, 1, 1, 2);
	inner = open_bridge(1, 0, 2, 2);
	f = fake_function(2, 0, 0, ANY_ID);
	memory_bar(f, 0, 0, 0x200000);
	wide_bar(f, 2, 8 * GIB, PCI_BAR_PREFETCHABLE);
	fake_bar(f, PCI_BASE_ADDRESS_0 + 16, 1, 0xffffffe1);
	CHECK_EQ(pci_scan_host(&host), 3);
	pdev = found(2, 0, 0);
	CHECK_EQ(enable(pdev), 0);
	CHECK_EQ(pdev->region[0].start, 0xc0000000);
	CHECK_EQ(pdev->region[2].start, 8 * GIB);
	CHECK_EQ(pdev->region[4].start, 0xc000);
	for (unsigned bus = 0; bus < 2; bus++) {
		const struct pci_device *b = found((u8)bus, bus ? 0 : 1, 0);

		pci_read_window(b, PCI_SPACE_MEMORY, &w);
		CHECK(w.base == 0xc0000000 && w.limit == 0xc01fffff);
		pci_read_window(b, PCI_SPACE_PREFETCH, &w);
		CHECK(w.base == 8 * GIB && w.limit == 16 * GIB - 1);
		pci_read_window(b, PCI_SPACE_IO, &w);
		CHECK(w.base == 0xc000 && w.limit == 0xcfff);
	}
	CHECK_EQ(fake_get(outer, PCI_COMMAND, 2) & 3, 3);
	CHECK_EQ(fake_get(inner, PCI_COMMAND, 2) & 3, 3);
}

TEST(a_window_in_use_grows_if_it_can)
{
	struct fake_function *bridge, *a, *b;
	struct pci_window w;

	for (unsigned blocked = 0; blocked < 2; blocked++) {
		reset();
		bridge = open_bridge(0, 1, 1, 1);
		fake_put(bridge, PCI_MEMORY_BASE, 0xc000c000, 4);
		a = fake_function(1, 0, 0, ANY_ID);
		memory_bar(a, 0, 0xc0000000, 0x100000);
		b = fake_function(1, 1, 0, ANY_ID);
		memory_bar(b, 0, 0, 0x1000);
		if (blocked)
			memory_bar(fake_function(0, 2, 0, ANY_ID), 0,
				   0xc0100000, 0x1000);
		CHECK_EQ(pci_scan_host(&host), 3 + (int)blocked);
		CHECK_EQ(enable(found(1, 0, 0)), 0);
		CHECK_EQ(enable(found(1, 1, 0)), blocked ? -ENOSPC : 0);
		pci_read_window(found(0, 1, 0), PCI_SPACE_MEMORY, &w);
		CHECK_EQ(w.base, 0xc0000000);
		CHECK_EQ(w.limit, blocked ? 0xc00fffff : 0xc01fffff);
	}
}

TEST(a_bridge_without_a_kind_of_window_uses_another)
{
	struct fake_function *bridge, *f;
	struct pci_device *pdev;

	reset();
	bridge = open_bridge(0, 1, 1, 1);
	memset(bridge->config + PCI_PREF_MEMORY_BASE, 0, 12);
	memset(bridge->writable + PCI_PREF_MEMORY_BASE, 0, 12);
	f = fake_function(1, 0, 0, ANY_ID);
	wide_bar(f, 0, 0x1000, PCI_BAR_PREFETCHABLE);
	CHECK_EQ(pci_scan_host(&host), 2);
	pdev = found(1, 0, 0);
	CHECK_EQ(enable(pdev), 0);
	CHECK_EQ(pdev->region[0].start, 0xc0000000);
	/* One that takes nothing at all. */
	memset(bridge->writable, 0, sizeof(bridge->writable));
	memset(bridge->config + PCI_MEMORY_BASE, 0, 4);
	pdev->placed = false;
	CHECK_EQ(enable(pdev), -ENOSPC);
}

TEST(bridges_get_bus_numbers_inside_out)
{
	reset();
	open_bridge(0, 1, 1, 1);
	fake_function(1, 0, 0, ANY_ID);
	open_bridge(0, 2, 0, 0);
	open_bridge(0, 3, 0, 0);
	CHECK_EQ(pci_scan_host(&host), 4);
	pci_number_bridges(&host);
	CHECK_EQ(found(0, 1, 0)->secondary, 1);
	/* In whatever order, the two others have one each. */
	CHECK_EQ(found(0, 2, 0)->secondary + found(0, 3, 0)->secondary, 5);
	CHECK_EQ(found(0, 2, 0)->subordinate, found(0, 2, 0)->secondary);
	CHECK_EQ(fake_get(fake_find(0, 2 << 3), PCI_SECONDARY_BUS, 1),
		 found(0, 2, 0)->secondary);
}

/* Behind a bus that is configured, and those that appear only then. */
TEST(numbers_are_made_room_for)
{
	unsigned added = 0, removed = 0;
	struct pci_device *top;

	reset();
	open_bridge(0, 1, 1, 1);
	CHECK_EQ(pci_scan_host(&host), 1);
	pci_number_bridges(&host);
	open_bridge(1, 0, 0, 0);
	open_bridge(2, 4, 0, 0);
	fake_function(3, 7, 0, ANY_ID);
	pci_rescan_host(&host, &added, &removed);
	CHECK_EQ(added, 3);
	CHECK_EQ(removed, 0);
	top = found(0, 1, 0);
	CHECK_EQ(top->subordinate, 3);
	CHECK_EQ(fake_get(fake_find(0, 1 << 3), PCI_SUBORDINATE_BUS, 1), 3);
	CHECK(found(3, 7, 0) && found(3, 7, 0)->bridge == found(2, 4, 0));
	pci_rescan_host(&host, &added, &removed);
	CHECK_EQ(added + removed, 3);
}

TEST(a_full_range_of_numbers_is_said)
{
	reset();
	host.last_bus = 1;
	open_bridge(0, 1, 1, 1);
	open_bridge(0, 2, 0, 0);
	CHECK_EQ(pci_scan_host(&host), 2);
	pci_number_bridges(&host);
	CHECK_EQ(found(0, 2, 0)->secondary, 0);
	CHECK_EQ(messages, 1);
	/* And one whose registers cannot be written. */
	reset();
	fake_bridge(0, 2, 0, 0);
	pci_scan_host(&host);
	pci_number_bridges(&host);
	CHECK_EQ(found(0, 2, 0)->secondary, 0);
	CHECK_EQ(messages, 1);
}

TEST(what_goes_away_takes_all_behind_it_along)
{
	unsigned added = 0, removed = 0;
	struct fake_function *bridge, *f;

	reset();
	bridge = open_bridge(0, 1, 1, 2);
	open_bridge(1, 0, 2, 2);
	fake_function(2, 0, 0, ANY_ID);
	f = fake_function(0, 5, 0, ANY_ID);
	CHECK_EQ(pci_scan_host(&host), 4);
	fake_put(bridge, PCI_VENDOR_ID, 0xffffffff, 4);
	/* What was behind it does not answer either. */
	fake_find(1, 0)->bus = 9;
	fake_find(2, 0)->bus = 9;
	pci_rescan_host(&host, &added, &removed);
	CHECK_EQ(removed, 3);
	CHECK_EQ(added, 0);
	CHECK(!found(0, 1, 0) && !found(2, 0, 0) && found(0, 5, 0));
	/* Others in the same place are new. */
	fake_put(bridge, PCI_VENDOR_ID, 0x00011b36, 4);
	pci_rescan_host(&host, &added, &removed);
	CHECK_EQ(added, 1);
	CHECK_EQ(found(0, 1, 0)->secondary, 1);
	fake_put(f, PCI_VENDOR_ID, 0xffffffff, 4);
	for (unsigned i = 0; i < 100; i++) {
		pci_rescan_host(&host, &added, &removed);
		fake_put(f, PCI_VENDOR_ID, i % 2 ? ~0U : ANY_ID, 4);
	}
	CHECK_EQ(device_count, 2);
}
