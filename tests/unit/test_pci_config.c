/* SPDX-License-Identifier: BSD-2-Clause */
/* What is in a device's configuration space, and how it is reached. */
#include "unit.h"
#include "fake_pci_host.h"
#include <drivers/pci_names.h>
#include <kernel/byteorder.h>
#include <kernel/time.h>
#include "../../drivers/pci/internal.h"

static u64 slept_us;
static struct fake_function *bus_in_reset_of; /* a bridge: function 0 */

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

static unsigned restored;

void pci_restore_irqs(struct pci_device *pdev)
{
	(void)pdev;
	restored++;
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
	/* A region of 2 bytes counts as one of 16. */
	{ { { 0xfebd1000, 0xfffffffe } }, 1, 1, { 0xfebd1000, 16, 0 } },
	{ { { 0xfebd1004, 0xfffffffe }, { 0, ~0U } },
	  2,
	  2,
	  { 0xfebd1000, 16, PCI_REGION_64 } },
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

/* udelay() with a clock: what is due after a while happens in it. */
void udelay(u64 us)
{
	slept_us += us;
	if (!bus_in_reset_of)
		return;
	if (fake_get(bus_in_reset_of, PCI_BRIDGE_CONTROL, 2) &
	    PCI_BRIDGE_CONTROL_BUS_RESET)
		memset(fake_functions[1]->config + PCI_COMMAND, 0, 0x3c);
}

static struct pci_device *behind_bridge(struct fake_function **f)
{
	reset();
	bus_in_reset_of = fake_bridge(0, 0, 1, 1);
	bus_in_reset_of->writable[PCI_BRIDGE_CONTROL] = 0xff;
	*f = fake_function(1, 0, 0, ANY_ID);
	fake_bar(*f, PCI_BASE_ADDRESS_0, 0xfebd1000, 0xfffff000);
	fake_put(*f, PCI_COMMAND, PCI_COMMAND_MEMORY, 2);
	CHECK_EQ(pci_scan_host(&host), 2);
	slept_us = 0;
	return found(1, 0, 0);
}

TEST(bus_reset_keeps_what_firmware_set_up)
{
	struct fake_function *f;
	struct pci_device *pdev = behind_bridge(&f);

	restored = 0;
	CHECK_EQ(pci_reset(pdev), 0);
	CHECK_EQ(restored, 1);
	CHECK_EQ(fake_get(f, PCI_BASE_ADDRESS_0, 4), 0xfebd1000);
	CHECK_EQ(fake_get(f, PCI_COMMAND, 2), PCI_COMMAND_MEMORY);
	CHECK_EQ(fake_get(bus_in_reset_of, PCI_BRIDGE_CONTROL, 2), 0);
	CHECK(slept_us >= 100000);
	CHECK_EQ(fake_bad_accesses, 0);
	bus_in_reset_of = NULL;
}

TEST(reset_needs_a_way_that_touches_nobody_else)
{
	struct fake_function *f;
	struct pci_device *pdev;

	behind_bridge(&f);
	bus_in_reset_of = NULL;
	reset();
	fake_bridge(0, 0, 1, 1);
	f = fake_function(1, 0, 0, ANY_ID);
	fake_function(1, 1, 0, ANY_ID);
	fake_put(f, PCI_COMMAND, PCI_COMMAND_MEMORY, 2);
	CHECK_EQ(pci_scan_host(&host), 3);
	pdev = found(1, 0, 0);
	CHECK_EQ(pci_reset(pdev), -EOPNOTSUPP);
	CHECK_EQ(pci_reset(found(0, 0, 0)), -EOPNOTSUPP);
	CHECK_EQ(fake_get(f, PCI_COMMAND, 2), PCI_COMMAND_MEMORY);
	fake_pci_clear();
	CHECK_EQ(pci_reset(pdev), -ENODEV);
}

TEST(device_that_stays_away_is_given_up)
{
	struct fake_function *f;
	struct pci_device *pdev = only_device(&f);

	pdev->express = 0x40;
	fake_put(f, 0x40 + PCIE_DEVICE_CAPABILITIES, PCIE_DEVCAP_FLR, 4);
	/* It is never quiet, and gone some reads later. */
	fake_put(f, 0x40 + PCIE_DEVICE_STATUS, PCIE_DEVSTA_TRANSACTIONS, 2);
	slept_us = 0;
	CHECK_EQ(pci_reset(pdev), 0);
	CHECK(slept_us >= 200000 && messages == 1);
	fake_reads_left = 25;
	slept_us = 0;
	CHECK_EQ(pci_reset(pdev), -ETIMEDOUT);
	CHECK(slept_us < 1500000);
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
