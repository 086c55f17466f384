/* SPDX-License-Identifier: BSD-2-Clause */
/* A host bridge on the fake segment, and the core that scans it. */
#pragma once

/* Included, not linked: their state must be forgotten between the tests. */
#include "../../drivers/pci/scan.c"
#include "../../kernel/device/device.c"

#include <kernel/mm/bootmem.h>
#include "fake_pci.h"

#define ANY_ID 0x10001af4U

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

static inline struct pci_device *found(u8 bus, u8 slot, u8 function)
{
	for (unsigned i = 0; i < device_count; i++)
		if (devices[i].bus == bus &&
		    devices[i].devfn == (slot << 3 | function))
			return &devices[i];
	return NULL;
}

/* The only device of the machine, with an empty list of capabilities. */
static inline struct pci_device *only_device(struct fake_function **f)
{
	reset();
	*f = fake_function(0, 0, 0, ANY_ID);
	fake_put(*f, PCI_STATUS, PCI_STATUS_CAP_LIST, 2);
	CHECK_EQ(pci_scan_host(&host), 1);
	return &devices[0];
}

static inline unsigned walk(const struct pci_device *pdev)
{
	unsigned budget = PCI_CAPABILITIES_MAX, at = 0, n = 0;

	while ((at = pci_next_capability(pdev, at, &budget)))
		n++;
	return n;
}

static inline unsigned walk_extended(const struct pci_device *pdev)
{
	unsigned budget = PCIE_CAPABILITIES_MAX, at = 0, n = 0;

	while ((at = pcie_next_capability(pdev, at, &budget)))
		n++;
	return n;
}
