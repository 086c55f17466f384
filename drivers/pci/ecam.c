/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Configuration space in memory: PCIe 5.0, 7.2.2, where the ACPI table MCFG
 * says. A bus is mapped when it is scanned; others read as all ones.
 */
#define pr_fmt(fmt) "pci: " fmt

#include <kernel/byteorder.h>
#include <kernel/errno.h>
#include <kernel/io.h>
#include <kernel/mm/bootmem.h>
#include <kernel/printk.h>
#include "internal.h"

#define ECAM_BUS_SIZE BIT64(PCIE_ECAM_BUS_SHIFT)

static bool overlaps_ram(phys_addr_t start, phys_addr_t end)
{
	const struct memmap *map = bootmem_map();

	for (unsigned i = 0; i < map->count; i++) {
		const struct memmap_entry *e = &map->entries[i];

		if (memmap_is_memory(e->type) && start < e->end &&
		    e->start < end)
			return true;
	}
	return false;
}

/* What is wrong with the range, or NULL. */
static const char *range_problem(phys_addr_t base, unsigned first,
				 unsigned last)
{
	phys_addr_t start = base + ((u64)first << PCIE_ECAM_BUS_SHIFT);
	phys_addr_t end = base + ((u64)(last + 1) << PCIE_ECAM_BUS_SHIFT);

	if (last < first)
		return "the last bus is below the first";
	if (!base || !IS_ALIGNED(base, ECAM_BUS_SIZE))
		return "not on a boundary of 1 MiB";
	if (start < base || end <= start)
		return "beyond the end of the address space";
	if (overlaps_ram(start, end))
		return "in RAM";
	return NULL;
}

int pci_ecam_init(struct pci_host *host, const struct acpi_mcfg_entry *entry)
{
	phys_addr_t base = le64_to_cpu(entry->base_address);
	const char *problem =
		range_problem(base, entry->start_bus, entry->end_bus);

	if (problem) {
		pr_warn("MCFG: segment %u, buses %#x to %#x at %#llx: %s: "
			"ignored",
			le16_to_cpu(entry->segment), entry->start_bus,
			entry->end_bus, (unsigned long long)base, problem);
		return -EBADMSG;
	}
	host->segment = le16_to_cpu(entry->segment);
	host->first_bus = entry->start_bus;
	host->last_bus = entry->end_bus;
	host->ops = &pci_ecam_ops;
	host->config_size = PCIE_CONFIG_SIZE;
	host->ecam = base;
	return 0;
}

bool pci_open_bus(struct pci_host *host, u8 bus)
{
	if (!host->ecam || host->ecam_bus[bus])
		return true;
	host->ecam_bus[bus] =
		ioremap(host->ecam + ((u64)bus << PCIE_ECAM_BUS_SHIFT),
			ECAM_BUS_SIZE);
	return host->ecam_bus[bus];
}

void pci_close_bus(struct pci_host *host, u8 bus)
{
	if (!host->ecam)
		return;
	iounmap(host->ecam_bus[bus]);
	host->ecam_bus[bus] = NULL;
}

static void __iomem *register_at(const struct pci_host *host, u8 bus, u8 devfn,
				 unsigned offset)
{
	char __iomem *base = host->ecam_bus[bus];

	if (!base)
		return NULL;
	return base + ((u32)devfn << PCIE_ECAM_FUNCTION_SHIFT) + offset;
}

static u32 ecam_read(struct pci_host *host, u8 bus, u8 devfn, unsigned offset,
		     unsigned size)
{
	const void __iomem *p = register_at(host, bus, devfn, offset);

	if (!p)
		return ~0U;
	switch (size) {
	case 1: return mmio_read8(p);
	case 2: return mmio_read16(p);
	default: return mmio_read32(p);
	}
}

static void ecam_write(struct pci_host *host, u8 bus, u8 devfn, unsigned offset,
		       unsigned size, u32 value)
{
	void __iomem *p = register_at(host, bus, devfn, offset);

	if (!p)
		return;
	switch (size) {
	case 1: mmio_write8(p, (u8)value); break;
	case 2: mmio_write16(p, (u16)value); break;
	default: mmio_write32(p, value); break;
	}
}

const struct pci_config_ops pci_ecam_ops = {
	.name = "ECAM",
	.read = ecam_read,
	.write = ecam_write,
};
