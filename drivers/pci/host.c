/* SPDX-License-Identifier: BSD-2-Clause */
/* Which host bridges there are, and how to reach what is behind them. */
#define pr_fmt(fmt) "pci: " fmt

#include <kernel/acpi.h>
#include <kernel/atomic.h>
#include <kernel/boot_info.h>
#include <kernel/byteorder.h>
#include <kernel/dma.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/vsprintf.h>
#include "internal.h"

static struct pci_host hosts[PCI_HOSTS_MAX];
static unsigned host_count;

static bool host_match(const struct device *dev __unused,
		       const struct driver *drv __unused)
{
	return false;
}

static void host_describe(const struct device *dev, char *text)
{
	const struct pci_host *host = container_of(dev, struct pci_host, dev);

	snprintf(text, DEVICE_TEXT_MAX, "host bridge, buses %02x-%02x by %s",
		 host->first_bus, host->last_bus, host->ops->name);
}

/* The core itself drives them. */
const struct bus_type pci_host_bus = {
	.name = "pci-host",
	.match = host_match,
	.describe = host_describe,
};

/* True if some of the buses belong to a host bridge already. */
static bool is_claimed(const struct pci_host *host)
{
	for (const struct pci_host *h = hosts; h < hosts + host_count; h++)
		if (h->segment == host->segment &&
		    h->first_bus <= host->last_bus &&
		    host->first_bus <= h->last_bus)
			return true;
	return false;
}

/*
 * Firmware that moved the window without telling, or a hypervisor that has
 * none: both ways to the first device must give the same.
 */
static bool agrees_with_ports(struct pci_host *host)
{
	u32 by_memory, by_ports;

	if (host->segment || !IS_ENABLED(CONFIG_HAS_IOPORT) ||
	    !pci_ports_present())
		return true;
	by_memory = host->ops->read(host, host->first_bus, 0, 0, 4);
	by_ports = pci_ports_ops.read(host, host->first_bus, 0, 0, 4);
	if (by_memory == by_ports)
		return true;
	pr_warn("MCFG: %#llx shows device %#x where the ports show %#x: "
		"ignored",
		(unsigned long long)host->ecam, by_memory, by_ports);
	return false;
}

static void add_ecam_host(const struct acpi_mcfg_entry *entry, int node)
{
	struct pci_host *host = &hosts[host_count];

	memset(host, 0, sizeof(*host));
	host->fdt_node = node;
	if (pci_ecam_init(host, entry))
		return;
	if (is_claimed(host)) {
		pr_warn("MCFG: segment %u, buses %#x to %#x again: ignored",
			host->segment, host->first_bus, host->last_bus);
		return;
	}
	if (!pci_open_bus(host, host->first_bus))
		return;
	if (agrees_with_ports(host))
		host_count++;
	else
		pci_close_bus(host, host->first_bus);
}

static void add_ecam_hosts(const struct acpi_mcfg *mcfg)
{
	unsigned n;

	if (le32_to_cpu(mcfg->header.length) < sizeof(*mcfg))
		return;
	n = (unsigned)((le32_to_cpu(mcfg->header.length) - sizeof(*mcfg)) /
		       sizeof(mcfg->entry[0]));
	for (unsigned i = 0; i < n; i++) {
		if (host_count == PCI_HOSTS_MAX) {
			pr_warn("MCFG: all but %u entries ignored", i);
			return;
		}
		add_ecam_host(&mcfg->entry[i], 0);
	}
}

static void add_fdt_host(const struct fdt *fdt, int node,
			 const struct acpi_mcfg_entry *entry)
{
	if (host_count == PCI_HOSTS_MAX)
		pr_warn("%s: ignored, too many", fdt_name(fdt, node));
	else
		add_ecam_host(entry, node);
}

/* For segment 0, if MCFG did not give it. */
static void add_ports_host(void)
{
	struct pci_host *host = &hosts[host_count];

	if (host_count == PCI_HOSTS_MAX)
		return;
	memset(host, 0, sizeof(*host));
	host->last_bus = PCI_BUSES_MAX - 1;
	host->ops = &pci_ports_ops;
	host->config_size = PCI_CONFIG_SIZE;
	if (!is_claimed(host) && pci_ports_present())
		host_count++;
}

static void scan(struct pci_host *host)
{
	int n;

	/* All behind it inherits that. */
	if (IS_ENABLED(CONFIG_PCI_FDT) && host->fdt_node)
		host->dev.dma_pool = dma_pool_for_node(host->fdt_node);
	n = pci_scan_host(host);
	if (n < 0)
		pr_err("%s cannot be registered: error %d", host->dev.name, -n);
	else if (host->ecam)
		pr_info("%s: %d devices, ECAM at %#llx", host->dev.name, n,
			(unsigned long long)host->ecam);
	else
		pr_info("%s: %d devices, %s", host->dev.name, n,
			host->ops->name);
}

/* True if a device is on @bus, which nothing leads to: it is a root bus. */
static bool is_root(struct pci_host *host, u8 bus)
{
	bool found = false;

	if (pci_bus_is_taken(host, bus) || !pci_open_bus(host, bus))
		return false;
	for (unsigned slot = 0; slot < PCI_DEVICES_PER_BUS && !found; slot++) {
		u16 vendor = (u16)host->ops->read(host, bus, (u8)(slot << 3),
						  PCI_VENDOR_ID, 2);

		found = vendor && vendor != PCI_VENDOR_NONE;
	}
	if (!found)
		pci_close_bus(host, bus);
	return found;
}

/* A host bridge of its own has the buses of @host from @bus on, or NULL. */
static struct pci_host *split(struct pci_host *host, u8 bus)
{
	struct pci_host *other = &hosts[host_count];

	if (host_count == PCI_HOSTS_MAX) {
		pr_warn("%s: root bus %#x ignored: more than %u host bridges",
			host->dev.name, bus, PCI_HOSTS_MAX);
		return NULL;
	}
	memset(other, 0, sizeof(*other));
	other->fdt_node = host->fdt_node;
	other->ops = host->ops;
	other->segment = host->segment;
	other->first_bus = bus;
	other->last_bus = host->last_bus;
	other->config_size = host->config_size;
	other->ecam = host->ecam;
	other->ecam_bus[bus] = host->ecam_bus[bus];
	host->ecam_bus[bus] = NULL;
	host->last_bus = (u8)(bus - 1);
	host_count++;
	return other;
}

/*
 * Which other root buses there are is said in AML only. Where there are any,
 * the first one shows a host bridge for each (QEMU's pxb, and chipsets with
 * several); then the numbers that no bridge leads to are tried.
 */
static void find_more_roots(struct pci_host *host)
{
	if (pci_count_host_bridges(host) < 2)
		return;
	for (unsigned bus = host->first_bus + 1U; bus <= host->last_bus;
	     bus++) {
		struct pci_host *other;

		if (!is_root(host, (u8)bus))
			continue;
		other = split(host, (u8)bus);
		if (!other)
			return;
		host = other;
		scan(host);
	}
}

/* Drivers' functions run: no lock may be held. */
static bool changing;

bool pci_begin_change(void)
{
	return !atomic_xchg(&changing, true);
}

void pci_end_change(void)
{
	atomic_store_release(&changing, false);
}

int pci_rescan(unsigned *added, unsigned *removed)
{
	*added = 0;
	*removed = 0;
	if (!pci_begin_change())
		return -EBUSY;
	for (unsigned i = 0; i < host_count; i++)
		pci_rescan_host(&hosts[i], added, removed);
	pci_end_change();
	return 0;
}

static int pci_init(void)
{
	const struct acpi_sdt_header *mcfg;
	unsigned known;

	acpi_init(boot_info.rsdp);
	mcfg = acpi_find(ACPI_MCFG_SIGNATURE, 0);
	if (mcfg)
		add_ecam_hosts((const struct acpi_mcfg *)mcfg);
	if (IS_ENABLED(CONFIG_PCI_FDT))
		pci_fdt_for_each_host(add_fdt_host);
	if (IS_ENABLED(CONFIG_HAS_IOPORT))
		add_ports_host();
	known = host_count;
	for (unsigned i = 0; i < known; i++) {
		scan(&hosts[i]);
		find_more_roots(&hosts[i]);
	}
	for (unsigned i = 0; i < host_count; i++)
		pci_number_bridges(&hosts[i]);
	for (unsigned i = 0; IS_ENABLED(CONFIG_PCI_FDT) && i < host_count; i++)
		pci_fdt_set_lines(&hosts[i]);
	return 0;
}
initcall(INIT_BUS, pci_init);
