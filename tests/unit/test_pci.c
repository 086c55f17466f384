/* SPDX-License-Identifier: BSD-2-Clause */
/* Finding devices. */
#include "unit.h"
#include "fake_pci_host.h"

#define RANDOM_ROUNDS 300

const char *pci_class_name(u16 class)
{
	(void)class;
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
		for_each_device(d) pci_size_regions(d);
	}
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
		unsigned added = 0, removed = 0;

		reset();
		fake_noise = round;
		random_machine();
		if (round % 2)
			fake_noise = 0;
		else if (round % 3 == 0)
			fake_reads_left = fake_random() % 2000;
		pci_scan_host(&host);
		pci_number_bridges(&host);
		for_each_device(d)
		{
			check_device(d);
			pci_place_regions(d,
					  PCI_COMMAND_IO | PCI_COMMAND_MEMORY);
		}
		pci_rescan_host(&host, &added, &removed);
	}
}
