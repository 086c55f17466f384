/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Finding devices: all slots of the root bus, then the buses behind the
 * bridges that were found there, and so on. No bus is looked at blindly or
 * twice, so whatever bus numbers bridges claim, the search ends.
 */
#define pr_fmt(fmt) "pci: " fmt

#include <kernel/errno.h>
#include <kernel/mm/slab.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/vsprintf.h>
#include "internal.h"

/*
 * Every device there ever was, in no order. Their memory stays, for those who
 * walk through them; what is gone is used again.
 */
static struct pci_device *devices;
static unsigned device_count; /* that are not gone */

struct pci_device *pci_next(const struct pci_device *prev)
{
	struct pci_device *d = prev ? prev->next : devices;

	while (d && !d->known)
		d = d->next;
	return d;
}

#define for_each_device(d) \
 for (struct pci_device *d = pci_next(NULL); d; d = pci_next(d))

static bool was_seen(const struct pci_host *host, unsigned bus)
{
	return host->bus_seen[bus / 32] & BIT(bus % 32);
}

static void forget_bus(struct pci_host *host, u8 bus)
{
	host->bus_seen[bus / 32] &= ~BIT(bus % 32);
}

/* The last bus that is, or can be, behind what leads to @bridge. */
static u8 last_bus_around(const struct pci_device *bridge)
{
	return bridge->bridge ? bridge->bridge->subordinate
			      : bridge->host->last_bus;
}

/* A bridge beside @bridge that has some of these buses, or NULL. */
static const struct pci_device *bus_owner(const struct pci_device *bridge,
					  unsigned first, unsigned last)
{
	for_each_device(d) if (d != bridge && d->host == bridge->host &&
			       d->secondary && d->bus == bridge->bus &&
			       first <= d->subordinate &&
			       d->secondary <= last) return d;
	return NULL;
}

/* What is wrong with the bus numbers of @bridge, or NULL. */
static const char *bus_problem(const struct pci_device *bridge, u8 secondary,
			       u8 subordinate)
{
	if (secondary <= bridge->bus || subordinate < secondary)
		return "not above its own bus";
	if (subordinate > last_bus_around(bridge))
		return "beyond the bridge above it";
	if (bus_owner(bridge, secondary, subordinate))
		return "another bridge's";
	return was_seen(bridge->host, secondary) ? "seen before" : NULL;
}

/* One without numbers gets them when the others have theirs. */
static void read_bridge(struct pci_device *bridge)
{
	u8 secondary = pci_read8(bridge, PCI_SECONDARY_BUS);
	u8 subordinate = pci_read8(bridge, PCI_SUBORDINATE_BUS);
	const char *problem;

	bridge->unnumbered = !secondary && !subordinate;
	if (bridge->unnumbered)
		return;
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
	if (pdev->irq_line == PCI_INTERRUPT_LINE_NONE)
		pdev->irq_line = 0;
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
	/* Somebody may be walking over it. */
	memset(pdev, 0, offsetof(struct pci_device, next));
	pdev->host = host;
	pdev->bridge = bridge;
	pdev->bus = bus;
	pdev->devfn = devfn;
	pdev->dev.bus = &pci_bus;
	pdev->dev.parent = bridge ? &bridge->dev : &host->dev;
	snprintf(pdev->dev.name, sizeof(pdev->dev.name), "%04x:%02x:%02x.%x",
		 host->segment, bus, pci_slot(pdev), pci_function(pdev));
}

/* A device that is free: the memory of one that is gone, or new. */
static struct pci_device *new_device(void)
{
	struct pci_device *d = devices;

	while (d && (d->known || d->held))
		d = d->next;
	if (d)
		return d;
	d = kzalloc(sizeof(*d));
	if (!d)
		return NULL;
	d->next = devices;
	/* Those who walk through the list find it complete. */
	atomic_store_release(&devices, d);
	return d;
}

/* Read and register what has an ID and a name. */
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
	pdev->known = true;
	pdev->held = true;
	ret = device_register(&pdev->dev);
	if (ret) {
		pr_warn("%s: cannot be registered: error %d", pdev->dev.name,
			-ret);
		pdev->known = false;
		pdev->held = false;
		return false;
	}
	device_count++;
	return true;
}

static struct pci_device *find_device(const struct pci_host *host, u8 bus,
				      u8 devfn)
{
	for_each_device(d) if (d->host == host && d->bus == bus &&
			       d->devfn == devfn) return d;
	return NULL;
}

static bool has_room(const struct pci_host *host, u8 bus, u8 devfn)
{
	if (device_count < PCI_DEVICES_MAX)
		return true;
	pr_warn("%04x:%02x:%02x.%x: more than %u devices: ignored",
		host->segment, bus, devfn >> 3, devfn & 7, PCI_DEVICES_MAX);
	return false;
}

/* True if there are more functions in the slot to look for. */
static bool scan_function(struct pci_host *host, struct pci_device *bridge,
			  u8 bus, u8 devfn)
{
	u32 id = host->ops->read(host, bus, devfn, PCI_VENDOR_ID, 4);
	struct pci_device *pdev;
	u8 header;

	if (is_absent(id))
		return false;
	pdev = find_device(host, bus, devfn);
	if (pdev)
		return pci_read8(pdev, PCI_HEADER_TYPE) &
		       PCI_HEADER_MULTIFUNCTION;
	pdev = has_room(host, bus, devfn) ? new_device() : NULL;
	if (!pdev)
		return false;
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

static void scan_bus(struct pci_host *host, struct pci_device *bridge, u8 bus);

/*
 * Give @bridge's parents one bus more behind all they have. False: the number
 * is another's.
 */
static bool make_room(struct pci_device *above)
{
	unsigned next;

	if (!above)
		return false;
	next = above->subordinate + 1U;
	if (next > last_bus_around(above) && !make_room(above->bridge))
		return false;
	if (bus_owner(above, next, next) || was_seen(above->host, next))
		return false;
	above->subordinate = (u8)next;
	pci_write8(above, PCI_SUBORDINATE_BUS, above->subordinate);
	return true;
}

/* The first bus number from @first on that @bridge may have, or 0. */
static unsigned free_bus(const struct pci_device *bridge, unsigned first)
{
	for (unsigned n = first; n <= last_bus_around(bridge); n++)
		if (!was_seen(bridge->host, n) && !bus_owner(bridge, n, n))
			return n;
	return 0;
}

static void write_buses(const struct pci_device *bridge)
{
	pci_write8(bridge, PCI_PRIMARY_BUS, bridge->bus);
	pci_write8(bridge, PCI_SECONDARY_BUS, bridge->secondary);
	pci_write8(bridge, PCI_SUBORDINATE_BUS, bridge->subordinate);
}

/* The last bus of the bridges behind @bridge, or its own. */
static u8 last_bus_used(const struct pci_device *bridge)
{
	u8 last = bridge->secondary;

	for_each_device(d) if (d->bridge == bridge) last =
		MAX(last, d->subordinate);
	return last;
}

/*
 * Firmware gave @bridge no buses, or it was plugged in: it has all that are
 * free in a row, until it is known how many are needed.
 */
static void number_bridge(struct pci_device *bridge)
{
	unsigned first = free_bus(bridge, bridge->bus + 1U);
	unsigned last = first;

	if (!first && make_room(bridge->bridge))
		first = last = free_bus(bridge, bridge->bus + 1U);
	if (!first) {
		pr_warn("%s: no bus number is free: what is behind it stays "
			"unseen",
			bridge->dev.name);
		return;
	}
	while (last < last_bus_around(bridge) &&
	       free_bus(bridge, last + 1) == last + 1)
		last++;
	bridge->unnumbered = false;
	bridge->secondary = (u8)first;
	bridge->subordinate = (u8)last;
	write_buses(bridge);
	if (pci_read8(bridge, PCI_SECONDARY_BUS) != first) {
		pr_warn("%s: does not take bus number %#x: not followed",
			bridge->dev.name, first);
		bridge->secondary = bridge->subordinate = 0;
		return;
	}
	scan_bus(bridge->host, bridge, bridge->secondary);
	bridge->subordinate = last_bus_used(bridge);
	write_buses(bridge);
	pr_info("%s: has buses %#x to %#x now", bridge->dev.name,
		bridge->secondary, bridge->subordinate);
}

static bool is_on(const struct pci_device *d, const struct pci_host *host,
		  u8 bus)
{
	return d->host == host && d->bus == bus;
}

/* Recursion ends with DEVICE_DEPTH_MAX: deeper devices are not registered. */
static void scan_bus(struct pci_host *host, struct pci_device *bridge, u8 bus)
{
	host->bus_seen[bus / 32] |= BIT(bus % 32);
	if (!pci_open_bus(host, bus)) {
		pr_err("bus %#x of %s cannot be mapped", bus, host->dev.name);
		return;
	}
	for (unsigned slot = 0; slot < slots_behind(bridge); slot++)
		scan_slot(host, bridge, bus, slot);
	for_each_device(d) if (is_on(d, host, bus) && d->secondary)
		scan_bus(host, d, d->secondary);
	for_each_device(d) if (host->roots_known && is_on(d, host, bus) &&
			       d->unnumbered) number_bridge(d);
}

void pci_number_bridges(struct pci_host *host)
{
	host->roots_known = true;
	for_each_device(d) if (d->host == host && d->unnumbered)
		number_bridge(d);
}

bool pci_bus_is_taken(const struct pci_host *host, u8 bus)
{
	if (was_seen(host, bus))
		return true;
	for_each_device(d) if (d->host == host && d->secondary <= bus &&
			       bus <= d->subordinate) return true;
	return false;
}

unsigned pci_count_host_bridges(const struct pci_host *host)
{
	unsigned n = 0;

	for_each_device(d) n += is_on(d, host, host->first_bus) &&
				d->class == PCI_CLASS_HOST_BRIDGE;
	return n;
}

int pci_scan_host(struct pci_host *host)
{
	unsigned before = device_count;
	int ret;

	snprintf(host->dev.name, sizeof(host->dev.name), "pci%04x:%02x",
		 host->segment, host->first_bus);
	host->dev.bus = &pci_host_bus;
	ret = device_register(&host->dev);
	if (ret)
		return ret;
	scan_bus(host, NULL, host->first_bus);
	return (int)(device_count - before);
}

static bool is_behind(const struct pci_device *d, const struct pci_device *gone)
{
	while (d && d != gone)
		d = d->bridge;
	return d;
}

/* @gone and all that is behind it, from the end. */
static unsigned remove_below(struct pci_device *gone)
{
	unsigned removed = 0;

	for (unsigned depth = DEVICE_DEPTH_MAX + 1; depth-- > gone->dev.depth;)
		for_each_device(d)
		{
			if (d->dev.depth != depth || !is_behind(d, gone))
				continue;
			pr_info("%s: went away", d->dev.name);
			if (device_unregister(&d->dev))
				continue;
			if (d->secondary)
				forget_bus(d->host, d->secondary);
			d->known = false;
			device_count--;
			removed++;
		}
	return removed;
}

bool pci_is_occupied(const struct pci_device *bridge)
{
	for_each_device(d) if (d->bridge == bridge) return true;
	return false;
}

void pci_remove_behind(const struct pci_device *bridge)
{
	for_each_device(d) if (d->bridge == bridge) remove_below(d);
}

void pci_rescan_host(struct pci_host *host, unsigned *added, unsigned *removed)
{
	unsigned before;

	for_each_device(d) if (d->host == host && !pci_present(d)) *removed +=
		remove_below(d);
	before = device_count;
	scan_bus(host, NULL, host->first_bus);
	*added += device_count - before;
}

void pci_release(struct device *dev)
{
	to_pci_device(dev)->held = false;
}

bool pci_is_alone(const struct pci_device *pdev)
{
	for_each_device(d) if (d != pdev && d->host == pdev->host &&
			       d->bus == pdev->bus) return false;
	return true;
}
