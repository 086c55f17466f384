/* SPDX-License-Identifier: BSD-2-Clause */
/* A host bridge on the fake segment, and the core that scans it. */
#pragma once

/* Included, not linked: their state must be forgotten between the tests. */
#include "../../drivers/pci/scan.c"
#include "../../kernel/device/device.c"

#include <kernel/device_space.h>
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

void iounmap(const volatile void __iomem *mapping)
{
	(void)mapping;
}

/* Where devices can be placed. */
static struct pci_range fake_spaces[2] = {
	{ 0xc0000000, 0xe0000000 },
	{ 0x100000000, 0x10000000000 },
};

bool arch_device_space(unsigned n, u64 *start, u64 *end)
{
	if (n >= ARRAY_SIZE(fake_spaces))
		return false;
	*start = fake_spaces[n].start;
	*end = fake_spaces[n].end;
	return true;
}

bool arch_port_space(u64 *start, u64 *end)
{
	*start = 0xc000;
	*end = 0x10000;
	return true;
}

bool arch_port_memory(u64 port, u64 size, phys_addr_t *memory)
{
	(void)port;
	(void)size;
	(void)memory;
	return false;
}

phys_addr_t arch_phys_limit(void)
{
	return 0x10000000000;
}

static bool no_memory;

void *kzalloc(size_t size)
{
	return no_memory ? NULL : calloc(1, size);
}

void kfree(const void *object)
{
	free((void *)object);
}

const struct bus_type pci_host_bus = { .name = "pci-host" };

static void reset(void)
{
	fake_pci_clear();
	first = NULL;
	count = 0;
	while (devices) {
		struct pci_device *d = devices;

		devices = d->next;
		free(d);
	}
	device_count = 0;
	messages = 0;
	memset(&host, 0, sizeof(host));
	host.ops = &fake_ops;
	host.config_size = PCIE_CONFIG_SIZE;
	host.last_bus = 0xff;
}

static inline struct pci_device *found(u8 bus, u8 slot, u8 function)
{
	return find_device(&host, bus, (u8)(slot << 3 | function));
}

/* The only device of the machine, with an empty list of capabilities. */
static inline struct pci_device *only_device(struct fake_function **f)
{
	reset();
	*f = fake_function(0, 0, 0, ANY_ID);
	fake_put(*f, PCI_STATUS, PCI_STATUS_CAP_LIST, 2);
	CHECK_EQ(pci_scan_host(&host), 1);
	return pci_next(NULL);
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
