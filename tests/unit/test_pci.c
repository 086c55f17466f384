/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit.h"

/* Included, not linked: their state must be forgotten between the tests. */
#include "../../drivers/pci/scan.c"
#include "../../kernel/device/device.c"

#include <drivers/pci_names.h>
#include <kernel/byteorder.h>
#include <kernel/mm/bootmem.h>
#include "fake_pci.h"

#define RANDOM_ROUNDS 300
#define ANY_ID	      0x10001af4U

static unsigned messages;
static struct memmap ram_map;
static struct pci_host host;

void printk(enum log_level level, unsigned flags, const char *fmt, ...)
{
	(void)level;
	(void)flags;
	(void)fmt;
	messages++;
}

const struct memmap *bootmem_map(void)
{
	return &ram_map;
}

/* What is mapped is never touched here. */
void __iomem *ioremap(phys_addr_t phys, u64 size)
{
	return size ? (void __iomem *)(uintptr_t)phys : NULL;
}

const struct bus_type pci_host_bus = { .name = "pci-host" };

static const struct pci_name names[] = { { 0x0001, 0 },
					 { 0x1af4, 4 },
					 { 0xffff, 8 } };
static const struct pci_name numbers[] = { { 0x1af41000, 8 } };
static const struct pci_name classes[] = { { 0x0200, 0 }, { 0x02ff, 4 } };
const struct pci_name_table pci_vendor_names = { names, 3 };
const struct pci_name_table pci_device_names = { numbers, 1 };
const struct pci_name_table pci_subsystem_names = { numbers, 1 };
const struct pci_name_table pci_class_names = { classes, 2 };
const struct pci_name_table pci_interface_names = { numbers, 1 };
const char pci_name_text[] = "one\0two\0end";

static void reset(void)
{
	fake_pci_clear();
	first = NULL;
	count = 0;
	device_count = 0;
	messages = 0;
	memset(&host, 0, sizeof(host));
	host.ops = &fake_ops;
	host.config_size = PCIE_CONFIG_SIZE;
	host.last_bus = 0xff;
}

static struct pci_device *found(u8 bus, u8 slot, u8 function)
{
	for (unsigned i = 0; i < device_count; i++)
		if (devices[i].bus == bus &&
		    devices[i].devfn == (slot << 3 | function))
			return &devices[i];
	return NULL;
}

TEST(finds_functions_of_slots)
{
	struct fake_function *f;

	reset();
	f = fake_function(0, 3, 0, ANY_ID);
	fake_put(f, PCI_HEADER_TYPE, PCI_HEADER_MULTIFUNCTION, 1);
	fake_function(0, 3, 7, ANY_ID);
	fake_function(0, 31, 0, ANY_ID);
	/* Behind a function 0 that has no others, and without function 0. */
	fake_function(0, 31, 1, ANY_ID);
	fake_function(0, 4, 1, ANY_ID);
	CHECK_EQ(pci_scan_host(&host), 3);
	CHECK(found(0, 3, 0) && found(0, 3, 7) && found(0, 31, 0));
	CHECK_STR(found(0, 3, 7)->dev.name, "0000:00:03.7");
	CHECK(found(0, 3, 7)->dev.parent == &host.dev);
	CHECK_EQ(messages, 0);
}

TEST(ids_that_mean_nothing_are_no_devices)
{
	reset();
	fake_function(0, 0, 0, 0x00000000);
	fake_function(0, 1, 0, 0xffff0000);
	fake_function(0, 2, 0, 0x0000ffff);
	CHECK_EQ(pci_scan_host(&host), 0);
}

TEST(unknown_header_types_are_refused)
{
	reset();
	for (u8 slot = 0; slot < 32; slot++)
		fake_put(fake_function(0, slot, 0, ANY_ID), PCI_HEADER_TYPE,
			 slot * 4U, 1);
	/* 0, of types 0 to 124. */
	CHECK_EQ(pci_scan_host(&host), 1);
	CHECK_EQ(messages, 31);
}

TEST(follows_bridges_parents_first)
{
	reset();
	fake_bridge(0, 1, 1, 3);
	fake_bridge(1, 0, 2, 2);
	fake_bridge(1, 1, 3, 3);
	fake_function(2, 5, 0, ANY_ID);
	fake_function(3, 0, 0, ANY_ID);
	fake_function(4, 0, 0, ANY_ID);
	CHECK_EQ(pci_scan_host(&host), 5);
	CHECK(found(2, 5, 0)->bridge == found(1, 0, 0));
	CHECK(found(3, 0, 0)->bridge == found(1, 1, 0));
	CHECK_EQ(found(3, 0, 0)->dev.depth, 3);
	CHECK(!found(4, 0, 0));
	CHECK_EQ(messages, 0);
}

TEST(link_has_one_device)
{
	struct fake_function *port;

	reset();
	port = fake_bridge(0, 1, 1, 1);
	fake_put(port, PCI_STATUS, PCI_STATUS_CAP_LIST, 2);
	fake_put(port, PCI_CAPABILITY_LIST, 0x40, 1);
	fake_put(port, 0x40, PCI_CAP_EXPRESS, 2);
	fake_put(port, 0x40 + PCIE_FLAGS, PCIE_ROOT_PORT << 4 | 2, 2);
	fake_function(1, 0, 0, ANY_ID);
	fake_function(1, 1, 0, ANY_ID);
	CHECK_EQ(pci_scan_host(&host), 2);
	CHECK(!found(1, 1, 0));
}

TEST(bad_bus_numbers_are_not_followed)
{
	static const u8 bad[][2] = {
		{ 0, 5 },   { 1, 0 },	{ 2, 1 },  /* own bus, backwards */
		{ 10, 20 }, { 12, 12 }, { 9, 10 }, /* over another's */
	};

	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
		reset();
		fake_bridge(0, 1, 10, 12);
		fake_bridge(0, 2, bad[i][0], bad[i][1]);
		fake_function(bad[i][0], 7, 0, ANY_ID);
		pci_scan_host(&host);
		CHECK_EQ(messages, 1);
		CHECK_EQ(found(0, 2, 0)->secondary, 0);
	}
}

TEST(bridge_cannot_leave_the_one_above)
{
	reset();
	host.last_bus = 4;
	fake_bridge(0, 1, 1, 2);
	fake_bridge(1, 0, 2, 3);
	fake_bridge(0, 2, 3, 5);
	CHECK_EQ(pci_scan_host(&host), 3);
	CHECK_EQ(messages, 2);
}

TEST(bridges_in_a_circle_end)
{
	reset();
	for (unsigned bus = 0; bus < 256; bus++) {
		fake_bridge((u8)bus, 0, (u8)(bus + 1), 255);
		fake_bridge((u8)bus, 1, 0, 255);
	}
	pci_scan_host(&host);
	CHECK(device_count >= DEVICE_DEPTH_MAX &&
	      device_count <= 2 * DEVICE_DEPTH_MAX + 2);
	CHECK(messages > 0);
}

TEST(number_of_devices_is_bounded)
{
	reset();
	fake_bridge(0, 31, 1, 1);
	for (u8 bus = 0; bus < 2; bus++)
		for (u8 i = 0; i < 240; i++)
			fake_put(fake_function(bus, i / 8, i % 8, ANY_ID),
				 PCI_HEADER_TYPE, PCI_HEADER_MULTIFUNCTION, 1);
	CHECK_EQ(pci_scan_host(&host), PCI_DEVICES_MAX);
	CHECK(messages > 0);
}

TEST(device_may_vanish_at_any_read)
{
	for (unsigned reads = 1; reads < 200; reads++) {
		struct fake_function *f;

		reset();
		fake_bridge(0, 0, 1, 1);
		f = fake_function(1, 0, 0, ANY_ID);
		fake_put(f, PCI_STATUS, PCI_STATUS_CAP_LIST, 2);
		fake_put(f, PCI_CAPABILITY_LIST, 0x40, 1);
		fake_put(f, 0x40, PCI_CAP_EXPRESS, 2);
		fake_reads_left = reads;
		pci_scan_host(&host);
		for (unsigned i = 0; i < device_count; i++)
			pci_size_regions(&devices[i]);
	}
}

static struct pci_device *only_device(struct fake_function **f)
{
	reset();
	*f = fake_function(0, 0, 0, ANY_ID);
	fake_put(*f, PCI_STATUS, PCI_STATUS_CAP_LIST, 2);
	CHECK_EQ(pci_scan_host(&host), 1);
	return &devices[0];
}

static unsigned walk(const struct pci_device *pdev)
{
	unsigned budget = PCI_CAPABILITIES_MAX, at = 0, n = 0;

	while ((at = pci_next_capability(pdev, at, &budget)))
		n++;
	return n;
}

TEST(capability_lists_end)
{
	struct fake_function *f;
	struct pci_device *pdev = only_device(&f);

	CHECK_EQ(walk(pdev), 0);
	/* Reserved low bits are ignored. */
	fake_put(f, PCI_CAPABILITY_LIST, 0x43, 1);
	fake_put(f, 0x40, 0xfe09, 2);
	fake_put(f, 0xfc, PCI_CAP_MSI, 2);
	CHECK_EQ(walk(pdev), 2);
	CHECK_EQ(pci_find_capability(pdev, PCI_CAP_MSI, 4), 0xfc);
	CHECK_EQ(pci_find_capability(pdev, PCI_CAP_MSI, 5), 0);
	/* To itself, in a circle, into the header, to nothing. */
	fake_put(f, 0x40, 0x4009, 2);
	CHECK_EQ(walk(pdev), PCI_CAPABILITIES_MAX);
	CHECK_EQ(pci_find_capability(pdev, PCI_CAP_MSI, 4), 0);
	fake_put(f, 0x40, 0xfc09, 2);
	fake_put(f, 0xfc, 0x4009, 2);
	CHECK_EQ(walk(pdev), PCI_CAPABILITIES_MAX);
	fake_put(f, 0x40, 0x3c09, 2);
	CHECK_EQ(walk(pdev), 1);
	fake_put(f, 0x40, 0xffff, 2);
	CHECK_EQ(walk(pdev), 0);
}

static unsigned walk_extended(const struct pci_device *pdev)
{
	unsigned budget = PCIE_CAPABILITIES_MAX, at = 0, n = 0;

	while ((at = pcie_next_capability(pdev, at, &budget)))
		n++;
	return n;
}

TEST(extended_capability_lists_end)
{
	struct fake_function *f;
	struct pci_device *pdev = only_device(&f);

	fake_put(f, 0x100, 0x10010001, 4);
	CHECK_EQ(walk_extended(pdev), 0);
	pdev->express = 0x40;
	CHECK_EQ(walk_extended(pdev), PCIE_CAPABILITIES_MAX);
	fake_put(f, 0x100, 0xffc10001, 4);
	fake_put(f, 0xffc, 0x00010003, 4);
	CHECK_EQ(walk_extended(pdev), 2);
	CHECK_EQ(pcie_find_capability(pdev, PCIE_CAP_SERIAL), 0xffc);
	CHECK_EQ(pcie_find_capability(pdev, PCIE_CAP_ACS), 0);
	fake_put(f, 0x100, 0x0fc10001, 4);
	CHECK_EQ(walk_extended(pdev), 1);
	fake_put(f, 0x100, 0xffffffff, 4);
	CHECK_EQ(walk_extended(pdev), 0);
	/* There are none where configuration space is short. */
	fake_put(f, 0x100, 0x00010001, 4);
	host.config_size = PCI_CONFIG_SIZE;
	CHECK_EQ(walk_extended(pdev), 0);
}

struct bar_case {
	struct pci_raw_bar raw[2];
	unsigned left;
	int ret;
	struct pci_region region;
};

static const struct bar_case bar_cases[] = {
	{ { { 0, 0 } }, 6, 1, { 0, 0, 0 } },
	{ { { 0xfebd1000, 0xfffff000 } }, 1, 1, { 0xfebd1000, 0x1000, 0 } },
	{ { { 0xfd000008, 0xff000008 } },
	  6,
	  1,
	  { 0xfd000000, 0x1000000, PCI_REGION_PREFETCH } },
	{ { { 0x2, 0xfffff002 } }, 6, 1, { 0, 0x1000, PCI_REGION_1M } },
	{ { { 0xc041, 0xffffffe1 } }, 6, 1, { 0xc040, 0x20, PCI_REGION_IO } },
	{ { { 0xc041, 0x0000ffe1 } }, 6, 1, { 0xc040, 0x20, PCI_REGION_IO } },
	{ { { 0x4, 0xffffc004 }, { 0x8, 0xffffffff } },
	  2,
	  2,
	  { 0x800000000, 0x4000, PCI_REGION_64 } },
	/* 4 GiB and more; all of the address space but one half */
	{ { { 0xc, 0xc }, { 0x10, 0xfffffff0 } },
	  6,
	  2,
	  { 0x1000000000, 0x1000000000, PCI_REGION_64 | PCI_REGION_PREFETCH } },
	{ { { 0x4, 0x4 }, { 0x80000000, 0x80000000 } },
	  2,
	  2,
	  { BIT64(63), BIT64(63), PCI_REGION_64 } },
	{ { { 0x80000000, 0x80000000 } }, 1, 1, { 0x80000000, 0x80000000, 0 } },
	/* A type, but no bits that can be set. */
	{ { { 0x8, 0x8 } }, 1, 1, { 0, 0, 0 } },
	{ { { 0x4, 0x4 }, { 0, 0 } }, 2, 2, { 0, 0, 0 } },
	/* all ones; type bits that change; a reserved type */
	{ { { ~0U, ~0U } }, 6, -EBADMSG, { 0, 0, 0 } },
	{ { { 0, ~0U } }, 6, -EBADMSG, { 0, 0, 0 } },
	{ { { 0x8, 0xfffff000 } }, 6, -EBADMSG, { 0, 0, 0 } },
	{ { { 0x6, 0xfffff006 } }, 6, -EBADMSG, { 0, 0, 0 } },
	/* a 64-bit one without its other half; its half fixed */
	{ { { 0x4, 0xffffc004 } }, 1, -EBADMSG, { 0, 0, 0 } },
	{ { { 0x4, 0xffffc004 }, { 0, 0 } }, 2, -EBADMSG, { 0, 0, 0 } },
	/* holes in the mask; an address that is not a multiple */
	{ { { 0, 0xff0ff000 } }, 6, -EBADMSG, { 0, 0, 0 } },
	{ { { 0x1000, 0xffffe000 } }, 6, -EBADMSG, { 0, 0, 0 } },
};

TEST(decodes_base_address_registers)
{
	for (unsigned i = 0; i < ARRAY_SIZE(bar_cases); i++) {
		const struct bar_case *c = &bar_cases[i];
		struct pci_region r;

		CHECK_EQ(pci_decode_bar(c->raw, c->left, &r), c->ret);
		CHECK_EQ(r.start, c->region.start);
		CHECK_EQ(r.size, c->region.size);
		CHECK_EQ(r.flags, c->region.flags);
	}
}

TEST(sizing_stops_decoding_and_restores)
{
	struct fake_function *f;
	struct pci_device *pdev = only_device(&f);
	u8 before[PCI_CONFIG_SIZE];

	fake_put(f, PCI_COMMAND, 0x7, 2);
	fake_bar(f, PCI_BASE_ADDRESS_0, 0xfebd1000, 0xfffff000);
	fake_bar(f, PCI_BASE_ADDRESS_0 + 4, 0xc041, 0xffffffe0);
	fake_bar(f, PCI_BASE_ADDRESS_0 + 8, 0x4, 0xffffc000);
	fake_bar(f, PCI_BASE_ADDRESS_0 + 12, 0x8, 0xffffffff);
	fake_bar(f, PCI_BASE_ADDRESS_0 + 20, 0x4, 0xffffc000);
	fake_bar(f, PCI_ROM_ADDRESS, 0xfea00001, 0xfffc0001);
	memcpy(before, f->config, sizeof(before));
	pci_size_regions(pdev);
	CHECK_MEM(f->config, before, sizeof(before));
	CHECK_EQ(fake_bad_accesses, 0);
	CHECK_EQ(pdev->region[0].size, 0x1000);
	CHECK_EQ(pdev->region[1].size, 0x20);
	CHECK_EQ(pdev->region[2].start, 0x800000000);
	CHECK_EQ(pdev->region[3].size, 0);
	CHECK_EQ(pdev->region[PCI_ROM].size, 0x40000);
	/* The last one is half of a 64-bit one. */
	CHECK_EQ(pdev->region[5].size, 0);
	CHECK_EQ(messages, 1);
	CHECK(pci_map_region(pdev, 0, 0xff0, 0x10));
	CHECK(!pci_map_region(pdev, 0, 0xff0, 0x11));
	CHECK(!pci_map_region(pdev, 0, ~0ULL, 2));
	CHECK(!pci_map_region(pdev, 1, 0, 4));
	CHECK(!pci_map_region(pdev, 4, 0, 4));
	CHECK(!pci_map_region(pdev, 1000, 0, 4));
}

TEST(host_bridges_are_left_alone)
{
	struct fake_function *f;
	struct pci_device *pdev = only_device(&f);

	pdev->class = PCI_CLASS_HOST_BRIDGE;
	fake_bar(f, PCI_BASE_ADDRESS_0, 0xfebd1000, 0xfffff000);
	pci_size_regions(pdev);
	CHECK_EQ(pdev->region[0].size, 0);
}

TEST(enable_says_when_bits_do_not_stick)
{
	struct fake_function *f;
	struct pci_device *pdev = only_device(&f);

	CHECK_EQ(pci_enable(pdev, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER), 0);
	CHECK_EQ(fake_get(f, PCI_COMMAND, 2), 6);
	pci_disable(pdev, PCI_COMMAND_MASTER);
	CHECK_EQ(fake_get(f, PCI_COMMAND, 2), 2);
	f->writable[PCI_COMMAND] = 0;
	CHECK_EQ(pci_enable(pdev, PCI_COMMAND_IO), -ENODEV);
	fake_pci_clear();
	CHECK_EQ(pci_enable(pdev, PCI_COMMAND_IO), -ENODEV);
}

TEST(message_interrupts_are_checked)
{
	struct fake_function *f;
	struct pci_device *pdev = only_device(&f);
	struct pci_msi_info msi;
	struct pci_msix_info msix;

	CHECK_EQ(pci_msi_info(pdev, &msi), -ENOENT);
	CHECK_EQ(pci_msix_info(pdev, &msix), -ENOENT);
	fake_put(f, PCI_CAPABILITY_LIST, 0x40, 1);
	fake_put(f, 0x40, 0x018a5005, 4); /* 32 vectors, 64-bit, maskable */
	fake_put(f, 0x50, 0x07ff0011, 4); /* 2048 vectors */
	fake_put(f, 0x54, 0x1, 4);
	fake_put(f, 0x58, 0x8001, 4);
	CHECK_EQ(pci_msi_info(pdev, &msi), 0);
	CHECK(msi.vectors == 32 && msi.wide && msi.maskable && !msi.enabled);
	CHECK_EQ(pci_msix_info(pdev, &msix), -EBADMSG);
	pdev->region[1].size = 0x10000;
	CHECK_EQ(pci_msix_info(pdev, &msix), 0);
	CHECK(msix.vectors == 2048 && msix.table_bar == 1);
	CHECK_EQ(msix.pba_offset, 0x8000);
	fake_put(f, 0x58, 0xff09, 4); /* pending bits need 256 bytes */
	CHECK_EQ(pci_msix_info(pdev, &msix), -EBADMSG);
	fake_put(f, 0x58, 0x8007, 4);
	CHECK_EQ(pci_msix_info(pdev, &msix), -EBADMSG);
	fake_put(f, 0x58, 0x8001, 4);
	pdev->region[1].flags = PCI_REGION_IO;
	CHECK_EQ(pci_msix_info(pdev, &msix), -EBADMSG);
	fake_put(f, 0x40, 0x000c5005, 4); /* 64 vectors: reserved */
	CHECK_EQ(pci_msi_info(pdev, &msi), -EBADMSG);
	fake_put(f, PCI_CAPABILITY_LIST, 0xf4, 1);
	fake_put(f, 0xf4, 0x00800005, 4); /* the end is missing */
	CHECK_EQ(pci_msi_info(pdev, &msi), -EBADMSG);
}

TEST(reads_windows_of_bridges)
{
	struct pci_window memory, prefetch, io;
	struct fake_function *f;
	struct pci_device *pdev = only_device(&f);

	pci_read_windows(pdev, &memory, &prefetch, &io);
	CHECK(memory.limit < memory.base && prefetch.limit < prefetch.base);
	CHECK(io.limit < io.base);
	fake_put(f, PCI_IO_BASE, 0xd1c1, 2);
	fake_put(f, PCI_IO_BASE_UPPER16, 0x00020001, 4);
	fake_put(f, PCI_MEMORY_BASE, 0xfe90fe80, 4);
	fake_put(f, PCI_PREF_MEMORY_BASE, 0x00110001, 4);
	fake_put(f, PCI_PREF_BASE_UPPER32, 0x8, 4);
	fake_put(f, PCI_PREF_LIMIT_UPPER32, 0x9, 4);
	pci_read_windows(pdev, &memory, &prefetch, &io);
	CHECK(io.base == 0x1c000 && io.limit == 0x2dfff && io.wide);
	CHECK(memory.base == 0xfe800000 && memory.limit == 0xfe9fffff);
	CHECK_EQ(prefetch.base, 0x800000000);
	CHECK_EQ(prefetch.limit, 0x9001fffff);
}

static int mcfg(u64 base, u8 start, u8 end)
{
	struct acpi_mcfg_entry entry = {
		.base_address = cpu_to_le64(base),
		.start_bus = start,
		.end_bus = end,
	};

	reset();
	return pci_ecam_init(&host, &entry);
}

TEST(mcfg_ranges_are_checked)
{
	ram_map.count = 2;
	ram_map.entries[0] = (struct memmap_entry){ 0, 0x10000000, MEMMAP_RAM };
	ram_map.entries[1] = (struct memmap_entry){ 0xb0000000, 0xc0000000,
						    MEMMAP_RESERVED };
	CHECK_EQ(mcfg(0xb0000000, 0, 0xff), 0);
	CHECK_EQ(host.ecam, 0xb0000000);
	CHECK_EQ(mcfg(0, 0, 0xff), -EBADMSG);
	CHECK_EQ(mcfg(0xb0080000, 0, 0xff), -EBADMSG);
	CHECK_EQ(mcfg(0xb0000000, 5, 4), -EBADMSG);
	CHECK_EQ(mcfg(0x0f000000, 0, 0xff), -EBADMSG);
	CHECK_EQ(mcfg(0xffffffffff000000, 0, 0xff), -EBADMSG);
	CHECK_EQ(mcfg(0xfffffffff0000000, 0xff, 0xff), -EBADMSG);
	/* The base is bus 0's: the buses themselves lie above the RAM. */
	CHECK_EQ(mcfg(0x0f000000, 0x80, 0xff), 0);
}

TEST(buses_that_are_not_open_read_as_ones)
{
	CHECK_EQ(mcfg(0xb0000000, 0, 1), 0);
	CHECK_EQ(pci_ecam_ops.read(&host, 1, 0, 0, 4), ~0U);
	pci_ecam_ops.write(&host, 1, 0, 0, 4, 0);
	CHECK(pci_open_bus(&host, 1));
	CHECK(host.ecam_bus[1] == (void __iomem *)0xb0100000);
}

TEST(names_are_found)
{
	CHECK_STR(pci_vendor_name(0x0001), "one");
	CHECK_STR(pci_vendor_name(0x1af4), "two");
	CHECK_STR(pci_vendor_name(0xffff), "end");
	CHECK(!pci_vendor_name(0x8086));
	CHECK_STR(pci_class_name(0x0200), "one");
	CHECK_STR(pci_class_name(0x0277), "two");
	CHECK(!pci_class_name(0x0300));
	CHECK_STR(pci_device_name(0x1af4, 0x1000), "end");
}

static void random_machine(void)
{
	unsigned n = 1 + fake_random() % 40;

	for (unsigned i = 0; i < n; i++) {
		struct fake_function *f =
			fake_function((u8)(fake_random() % 4),
				      (u8)(fake_random() % 4),
				      (u8)(fake_random() % 8), ANY_ID);

		for (unsigned at = 4; at < PCIE_CONFIG_SIZE; at++) {
			f->config[at] = (u8)fake_random();
			f->writable[at] = (u8)fake_random();
		}
		/* Mostly what leads deeper into the code. */
		f->config[PCI_HEADER_TYPE] &= 0x81 | (u8)fake_random();
		f->config[PCI_SECONDARY_BUS] %= 5;
		f->config[PCI_SUBORDINATE_BUS] %= 8;
	}
}

static void check_device(struct pci_device *pdev)
{
	struct pci_window memory, prefetch, io;
	struct pci_msix_info msix;
	struct pci_msi_info msi;

	pci_size_regions(pdev);
	for (unsigned i = 0; i < PCI_REGIONS; i++) {
		const struct pci_region *r = &pdev->region[i];

		CHECK_EQ(r->size & (r->size - 1), 0);
		CHECK(!r->size || r->start % r->size == 0);
	}
	CHECK(walk(pdev) <= PCI_CAPABILITIES_MAX);
	CHECK(walk_extended(pdev) <= PCIE_CAPABILITIES_MAX);
	if (!pci_msix_info(pdev, &msix))
		CHECK(msix.table_bar < PCI_BARS && msix.pba_bar < PCI_BARS);
	if (!pci_msi_info(pdev, &msi))
		CHECK(msi.vectors >= 1 && msi.vectors <= 32);
	pci_read_windows(pdev, &memory, &prefetch, &io);
	CHECK(!pdev->bridge || pdev->bus == pdev->bridge->secondary);
}

/* Noise everywhere, in the machine and in what it answers. */
TEST(survives_random_machines)
{
	for (unsigned round = 1; round <= RANDOM_ROUNDS; round++) {
		reset();
		fake_noise = round;
		random_machine();
		if (round % 2)
			fake_noise = 0;
		else if (round % 3 == 0)
			fake_reads_left = fake_random() % 2000;
		pci_scan_host(&host);
		for (unsigned i = 0; i < device_count; i++)
			check_device(&devices[i]);
	}
}
