/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Finding devices: all slots of the root bus, then the buses behind the
 * bridges that were found, in their order. No bus is looked at blindly or
 * twice, so whatever bus numbers bridges claim, the search ends.
 */
#define pr_fmt(fmt) "pci: " fmt

#include <kernel/errno.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/vsprintf.h>
#include "internal.h"

static struct pci_device devices[PCI_DEVICES_MAX];
static unsigned device_count;

static bool was_seen(const struct pci_host *host, u8 bus)
{
	return host->bus_seen[bus / 32] & BIT(bus % 32);
}

/* What is wrong with the bus numbers of @bridge, or NULL. */
static const char *bus_problem(const struct pci_device *bridge, u8 secondary,
			       u8 subordinate)
{
	const struct pci_device *above = bridge->bridge;
	u8 last = above ? above->subordinate : bridge->host->last_bus;

	if (secondary <= bridge->bus || subordinate < secondary)
		return "not above its own bus";
	if (subordinate > last)
		return "beyond the bridge above it";
	for (unsigned i = 0; i < device_count; i++) {
		const struct pci_device *d = &devices[i];

		if (d->host == bridge->host && d->secondary &&
		    d->bus == bridge->bus && secondary <= d->subordinate &&
		    d->secondary <= subordinate)
			return "another bridge's";
	}
	return was_seen(bridge->host, secondary) ? "seen before" : NULL;
}

static void read_bridge(struct pci_device *bridge)
{
	u8 secondary = pci_read8(bridge, PCI_SECONDARY_BUS);
	u8 subordinate = pci_read8(bridge, PCI_SUBORDINATE_BUS);
	const char *problem;

	if (!secondary && !subordinate) {
		pr_notice("%s: firmware gave it no buses: what is behind it "
			  "stays unseen",
			  bridge->dev.name);
		return;
	}
	problem = bus_problem(bridge, secondary, subordinate);
	if (problem) {
		pr_warn("%s: buses %#x to %#x: %s: not followed",
			bridge->dev.name, secondary, subordinate, problem);
		return;
	}
	bridge->secondary = secondary;
	bridge->subordinate = subordinate;
}

static void read_subsystem(struct pci_device *pdev)
{
	unsigned at;

	if (pdev->header == PCI_HEADER_TYPE_NORMAL) {
		pdev->subsystem_vendor =
			pci_read16(pdev, PCI_SUBSYSTEM_VENDOR_ID);
		pdev->subsystem = pci_read16(pdev, PCI_SUBSYSTEM_ID);
	} else if (pdev->header == PCI_HEADER_TYPE_BRIDGE) {
		/* Vendor and ID follow two reserved bytes: bridge 1.2, 3.3. */
		at = pci_find_capability(pdev, PCI_CAP_SUBSYSTEM_ID, 8);
		if (!at)
			return;
		pdev->subsystem_vendor = pci_read16(pdev, at + 4);
		pdev->subsystem = pci_read16(pdev, at + 6);
	}
}

static void read_interrupt(struct pci_device *pdev)
{
	u8 pin = pci_read8(pdev, PCI_INTERRUPT_PIN);

	/* Four pins are defined; anything else means none. */
	pdev->interrupt = pin <= 4 ? pin : 0;
	pdev->irq_line = pci_read8(pdev, PCI_INTERRUPT_LINE);
}

static void read_express(struct pci_device *pdev)
{
	unsigned at = pci_find_capability(pdev, PCI_CAP_EXPRESS,
					  PCIE_DEVICE_STATUS + 2);

	pdev->express = (u8)at;
	if (at)
		pdev->port_type =
			PCIE_FLAGS_TYPE(pci_read16(pdev, at + PCIE_FLAGS));
}

/* Everything that is read once. */
static void read_device(struct pci_device *pdev)
{
	u32 class = pci_read32(pdev, PCI_REVISION_ID);

	pdev->revision = (u8) class;
	pdev->interface = (u8)(class >> 8);
	pdev->class = (u16)(class >> 16);
	read_interrupt(pdev);
	read_express(pdev);
	read_subsystem(pdev);
	if (pdev->header == PCI_HEADER_TYPE_BRIDGE)
		read_bridge(pdev);
}

/*
 * Values that no vendor has and that absent devices and failing host bridges
 * give for vendor and device ID.
 */
static bool is_absent(u32 id)
{
	u16 vendor = (u16)id;

	return vendor == PCI_VENDOR_NONE || vendor == 0;
}

static void init_device(struct pci_device *pdev, struct pci_host *host,
			struct pci_device *bridge, u8 bus, u8 devfn)
{
	memset(pdev, 0, sizeof(*pdev));
	pdev->host = host;
	pdev->bridge = bridge;
	pdev->bus = bus;
	pdev->devfn = devfn;
	pdev->dev.bus = &pci_bus;
	pdev->dev.parent = bridge ? &bridge->dev : &host->dev;
	snprintf(pdev->dev.name, sizeof(pdev->dev.name), "%04x:%02x:%02x.%x",
		 host->segment, bus, pci_slot(pdev), pci_function(pdev));
}

/* The next free device, which describes what was found and has a name. */
static bool add_device(struct pci_device *pdev)
{
	u8 header = pci_read8(pdev, PCI_HEADER_TYPE) & PCI_HEADER_TYPE_MASK;
	int ret;

	if (header > PCI_HEADER_TYPE_CARDBUS) {
		pr_warn("%s: %04x:%04x has header type %#x: ignored",
			pdev->dev.name, pdev->vendor, pdev->device, header);
		return false;
	}
	pdev->header = header;
	read_device(pdev);
	if (!pci_present(pdev)) {
		pr_warn("%s: %04x:%04x went away while it was looked at",
			pdev->dev.name, pdev->vendor, pdev->device);
		return false;
	}
	ret = device_register(&pdev->dev);
	if (ret) {
		pr_warn("%s: cannot be registered: error %d", pdev->dev.name,
			-ret);
		return false;
	}
	device_count++;
	return true;
}

/* True if there are more functions in the slot to look for. */
static bool scan_function(struct pci_host *host, struct pci_device *bridge,
			  u8 bus, u8 devfn)
{
	struct pci_device *pdev = &devices[device_count];
	u32 id = host->ops->read(host, bus, devfn, PCI_VENDOR_ID, 4);
	u8 header;

	if (is_absent(id))
		return false;
	if (device_count == PCI_DEVICES_MAX) {
		pr_warn("%04x:%02x:%02x.%x: more than %u devices: ignored",
			host->segment, bus, devfn >> 3, devfn & 7,
			PCI_DEVICES_MAX);
		return false;
	}
	init_device(pdev, host, bridge, bus, devfn);
	pdev->vendor = (u16)id;
	pdev->device = (u16)(id >> 16);
	header = pci_read8(pdev, PCI_HEADER_TYPE);
	add_device(pdev);
	return header & PCI_HEADER_MULTIFUNCTION;
}

static void scan_slot(struct pci_host *host, struct pci_device *bridge, u8 bus,
		      unsigned slot)
{
	u8 devfn = (u8)(slot << 3);

	if (!scan_function(host, bridge, bus, devfn))
		return;
	for (unsigned i = 1; i < PCI_FUNCTIONS_PER_SLOT; i++)
		scan_function(host, bridge, bus, (u8)(devfn + i));
}

/* A PCI Express link has one device at its other end: PCIe 5.0, 7.3.1. */
static unsigned slots_behind(const struct pci_device *bridge)
{
	if (bridge && bridge->express &&
	    (bridge->port_type == PCIE_ROOT_PORT ||
	     bridge->port_type == PCIE_DOWNSTREAM_PORT))
		return 1;
	return PCI_DEVICES_PER_BUS;
}

static void scan_bus(struct pci_host *host, struct pci_device *bridge, u8 bus)
{
	host->bus_seen[bus / 32] |= BIT(bus % 32);
	if (!pci_open_bus(host, bus)) {
		pr_err("bus %#x of %s cannot be mapped", bus, host->dev.name);
		return;
	}
	for (unsigned slot = 0; slot < slots_behind(bridge); slot++)
		scan_slot(host, bridge, bus, slot);
}

int pci_scan_host(struct pci_host *host)
{
	unsigned begin = device_count;
	int ret;

	snprintf(host->dev.name, sizeof(host->dev.name), "pci%04x:%02x",
		 host->segment, host->first_bus);
	host->dev.bus = &pci_host_bus;
	ret = device_register(&host->dev);
	if (ret)
		return ret;
	scan_bus(host, NULL, host->first_bus);
	for (unsigned i = begin; i < device_count; i++) {
		struct pci_device *d = &devices[i];

		if (d->secondary && !was_seen(host, d->secondary))
			scan_bus(host, d, d->secondary);
	}
	return (int)(device_count - begin);
}
