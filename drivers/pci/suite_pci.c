/* SPDX-License-Identifier: BSD-2-Clause */
/* Self-tests of PCI on the machine as it is. */
#include <abi/qemu/pci_testdev.h>
#include <kernel/errno.h>
#include <kernel/io.h>
#include <kernel/selftest.h>
#include "internal.h"

#define REBIND_ROUNDS 10

/* A driver for QEMU's device for tests: it keeps the mapped registers. */
static int testdev_probe(struct device *dev)
{
	struct pci_device *pdev = to_pci_device(dev);
	void __iomem *registers;
	int ret = pci_enable(pdev, PCI_COMMAND_MEMORY);

	if (ret)
		return ret;
	registers = pci_map_region(pdev, 0, 0, PCI_TESTDEV_SIZE);
	if (!registers)
		return -EIO;
	device_set_data(dev, (__force void *)registers);
	return 0;
}

static void testdev_remove(struct device *dev)
{
	pci_disable(to_pci_device(dev), PCI_COMMAND_MEMORY);
	iounmap((__force void __iomem *)device_data(dev));
}

static const struct pci_id testdev_ids[] = {
	{ .vendor = PCI_TESTDEV_VENDOR, .device = PCI_TESTDEV_DEVICE },
	{},
};

static const struct pci_driver testdev_driver = {
	.driver = {
		.name = "pci-testdev",
		.bus = &pci_bus,
		.probe = testdev_probe,
		.remove = testdev_remove,
	},
	.ids = testdev_ids,
};
PCI_DRIVER(pci_testdev, testdev_driver);

/* As device_next(), of PCI devices. */
static struct pci_device *next_device(struct pci_device *prev)
{
	struct device *dev = device_next(prev ? &prev->dev : NULL);

	while (dev && dev->bus != &pci_bus)
		dev = device_next(dev);
	return dev ? to_pci_device(dev) : NULL;
}

#define for_each_pci_device(d) \
 for (struct pci_device *d = next_device(NULL); d; d = next_device(d))

static bool skip_without_pci(struct selftest *t)
{
	struct pci_device *pdev = next_device(NULL);

	if (!pdev)
		selftest_skip(t, "no PCI here");
	device_put(pdev ? &pdev->dev : NULL);
	return !pdev;
}

static void test_finds_host_bridge(struct selftest *t)
{
	unsigned bridges = 0;

	if (skip_without_pci(t))
		return;
	for_each_pci_device(d)
		bridges += d->class == PCI_CLASS_HOST_BRIDGE;
	EXPECT(t, bridges > 0);
}

static u32 read_by_ports(const struct pci_device *d, unsigned offset)
{
	return pci_ports_ops.read(d->host, d->bus, d->devfn, offset, 4);
}

static void test_two_ways_agree(struct selftest *t)
{
	unsigned compared = 0;

	if (!IS_ENABLED(CONFIG_PCI_PORTS) || !pci_ports_present()) {
		selftest_skip(t, "no configuration space by ports here");
		return;
	}
	for_each_pci_device(d) {
		if (!d->host->ecam || d->host->segment)
			continue;
		EXPECT_EQ(t, read_by_ports(d, PCI_VENDOR_ID),
			  pci_read32(d, PCI_VENDOR_ID));
		/* From here on nothing changes by itself. */
		for (unsigned i = PCI_REVISION_ID; i < PCI_CAPABILITY_FIRST;
		     i += 4)
			EXPECT_EQ(t, read_by_ports(d, i), pci_read32(d, i));
		compared++;
	}
	if (!compared)
		selftest_skip(t, "no configuration space in memory here");
}

/* Narrow reads are parts of the wide one. */
static void test_widths_agree(struct selftest *t)
{
	if (skip_without_pci(t))
		return;
	for_each_pci_device(d) {
		u32 id = pci_read32(d, PCI_VENDOR_ID);

		EXPECT_EQ(t, id, d->vendor | (u32)d->device << 16);
		for (unsigned i = 0; i < 4; i++)
			EXPECT_EQ(t, pci_read8(d, i), id >> (8 * i) & 0xff);
		EXPECT_EQ(t, pci_read16(d, 2), id >> 16);
		EXPECT_EQ(t, pci_read32(d, 2), ~0U);
		EXPECT_EQ(t, pci_read32(d, d->host->config_size), ~0U);
	}
}

static void test_capabilities_end(struct selftest *t)
{
	if (skip_without_pci(t))
		return;
	for_each_pci_device(d) {
		unsigned budget = PCI_CAPABILITIES_MAX, at = 0;

		while ((at = pci_next_capability(d, at, &budget)))
			EXPECT(t, at >= PCI_CAPABILITY_FIRST &&
					  at < PCI_CONFIG_SIZE);
		EXPECT(t, budget > 0);
		budget = PCIE_CAPABILITIES_MAX;
		while ((at = pcie_next_capability(d, at, &budget)))
			EXPECT(t, at >= PCIE_CAPABILITY_FIRST &&
					  at < PCIE_CONFIG_SIZE);
		EXPECT(t, budget > 0);
	}
}

static void check_regions(struct selftest *t, const struct pci_device *d)
{
	for (unsigned i = 0; i < PCI_REGIONS; i++) {
		const struct pci_region *r = &d->region[i];

		EXPECT_EQ(t, r->size & (r->size - 1), 0);
		EXPECT(t, !r->size || !(r->start % r->size));
	}
}

/* Finding the sizes out leaves the registers as they were. */
static void test_regions(struct selftest *t)
{
	if (skip_without_pci(t))
		return;
	for_each_pci_device(d) {
		u16 command = pci_read16(d, PCI_COMMAND);
		u32 bar[PCI_BARS];

		for (unsigned i = 0; i < PCI_BARS; i++)
			bar[i] = pci_read32(d, PCI_BASE_ADDRESS_0 + 4 * i);
		pci_size_regions(d);
		for (unsigned i = 0; i < PCI_BARS; i++)
			EXPECT_EQ(t, pci_read32(d, PCI_BASE_ADDRESS_0 + 4 * i),
				  bar[i]);
		EXPECT_EQ(t, pci_read16(d, PCI_COMMAND), command);
		check_regions(t, d);
	}
}

/* Whoever offers message-signalled interrupts describes them soundly. */
static void test_message_interrupts(struct selftest *t)
{
	unsigned offers = 0;

	for_each_pci_device(d) {
		struct pci_msi_info msi;
		struct pci_msix_info msix;
		int ret = pci_msi_info(d, &msi);

		EXPECT(t, !ret || ret == -ENOENT);
		offers += !ret;
		pci_size_regions(d);
		ret = pci_msix_info(d, &msix);
		EXPECT(t, !ret || ret == -ENOENT);
		offers += !ret;
	}
	if (!offers)
		selftest_skip(t, "no device offers MSI or MSI-X");
}

/* Buses behind a bridge are within those of the bridge above it. */
static void test_bridges_nest(struct selftest *t)
{
	if (skip_without_pci(t))
		return;
	for_each_pci_device(d) {
		if (d->bridge)
			EXPECT_EQ(t, d->bus, d->bridge->secondary);
		else
			EXPECT_EQ(t, d->bus, d->host->first_bus);
		if (d->bridge && d->secondary)
			EXPECT(t, d->secondary > d->bus &&
					  d->subordinate <=
						  d->bridge->subordinate);
	}
}

/* The device counts what is written to where it says. */
static void poke(struct selftest *t, char __iomem *registers)
{
	u32 offset, before;

	mmio_write8(registers + PCI_TESTDEV_TEST, 0);
	offset = mmio_read32(registers + PCI_TESTDEV_OFFSET);
	if (!EXPECT_EQ(t, mmio_read8(registers + PCI_TESTDEV_WIDTH), 1) ||
	    !EXPECT(t, offset < PCI_TESTDEV_SIZE))
		return;
	before = mmio_read32(registers + PCI_TESTDEV_COUNT);
	mmio_write8(registers + offset,
		    (u8)mmio_read32(registers + PCI_TESTDEV_DATA));
	EXPECT_EQ(t, mmio_read32(registers + PCI_TESTDEV_COUNT), before + 1);
}

static void test_drives_a_device(struct selftest *t)
{
	bool found = false;

	for_each_pci_device(d) {
		if (d->dev.driver != &testdev_driver.driver)
			continue;
		found = true;
		for (unsigned i = 0; i < REBIND_ROUNDS; i++) {
			poke(t, (__force char __iomem *)device_data(&d->dev));
			EXPECT_EQ(t, device_unbind(&d->dev), 0);
			EXPECT_EQ(t,
				  pci_read16(d, PCI_COMMAND) &
					  PCI_COMMAND_MEMORY,
				  0);
			if (!EXPECT_EQ(t, device_bind(&d->dev, NULL), 0))
				break;
		}
	}
	if (!found)
		selftest_skip(t, "no pci-testdev here");
}

/* What firmware left undone, as far as it can be undone again. */
static void forget_addresses(struct pci_device *d)
{
	static const struct pci_window closed = { .base = 1, .limit = 0 };

	for (unsigned i = 0; i < PCI_BARS; i++)
		if (d->region[i].size)
			d->region[i].start = 0;
	pci_write_bar(d, 0);
	pci_write_bar(d, 1);
	d->placed = false;
	if (d->bridge && pci_is_alone(d))
		pci_write_window(d->bridge, PCI_SPACE_MEMORY, &closed);
}

/* A device without address gets one, through all bridges. */
static void test_places(struct selftest *t)
{
	bool found = false;

	for_each_pci_device(d) {
		if (d->dev.driver != &testdev_driver.driver)
			continue;
		found = true;
		EXPECT_EQ(t, device_unbind(&d->dev), 0);
		forget_addresses(d);
		EXPECT_EQ(t, pci_read32(d, PCI_BASE_ADDRESS_0), 0);
		if (!EXPECT_EQ(t, device_bind(&d->dev, NULL), 0))
			break;
		EXPECT(t, pci_read32(d, PCI_BASE_ADDRESS_0) != 0);
		poke(t, (__force char __iomem *)device_data(&d->dev));
	}
	if (!found)
		selftest_skip(t, "no pci-testdev here");
}

/* A reset forgets what the device did, and keeps where it is. */
static void check_reset(struct selftest *t, struct pci_device *d)
{
	char __iomem *registers = (__force char __iomem *)device_data(&d->dev);
	u32 bar = pci_read32(d, PCI_BASE_ADDRESS_0);
	u16 command = pci_read16(d, PCI_COMMAND);

	poke(t, registers);
	EXPECT_EQ(t, pci_reset(d), 0);
	EXPECT_EQ(t, pci_read32(d, PCI_BASE_ADDRESS_0), bar);
	EXPECT_EQ(t, pci_read16(d, PCI_COMMAND), command);
	poke(t, registers);
}

static void test_reset(struct selftest *t)
{
	bool found = false;

	for_each_pci_device(d) {
		if (d->dev.driver != &testdev_driver.driver || !d->bridge ||
		    !pci_is_alone(d))
			continue;
		found = true;
		check_reset(t, d);
	}
	if (!found)
		selftest_skip(t, "no pci-testdev alone behind a bridge here");
}

static const struct selftest_case pci_cases[] = {
	{ .name = "finds-host-bridge", .run = test_finds_host_bridge },
	{ .name = "two-ways-agree", .run = test_two_ways_agree },
	{ .name = "widths-agree", .run = test_widths_agree },
	{ .name = "capabilities-end", .run = test_capabilities_end },
	{ .name = "regions", .run = test_regions },
	{ .name = "message-interrupts", .run = test_message_interrupts },
	{ .name = "bridges-nest", .run = test_bridges_nest },
	{ .name = "drives-a-device", .run = test_drives_a_device },
	{ .name = "places-what-has-no-address", .run = test_places },
	{ .name = "reset", .run = test_reset },
	{},
};
SELFTEST_SUITE(pci, "pci", pci_cases, 0);
