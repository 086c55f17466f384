/* SPDX-License-Identifier: BSD-2-Clause */
/* Where devices can be placed: what a device tree's host bridges forward. */
#include <kernel/device_space.h>
#include <kernel/fdt.h>
#include <kernel/mm/map.h>

/* First cell of a PCI address: IEEE 1275's PCI binding, 2.2.1.1. */
#define SPACE_MASK     0x03000000U
#define SPACE_IO       0x01000000U
#define SPACE_MEMORY32 0x02000000U
#define SPACE_MEMORY64 0x03000000U

/* Ports from here on: 0 is that of a region without an address. */
#define PORT_FIRST 0x1000

static bool is_reached(const struct fdt_range *r)
{
	return r->size <= arch_phys_end() &&
	       r->cpu <= arch_phys_end() - r->size;
}

/* Regions in memory are mapped at the address that the device has. */
static bool is_memory(const struct fdt_range *r)
{
	u32 space = r->space & SPACE_MASK;

	return (space == SPACE_MEMORY32 || space == SPACE_MEMORY64) &&
	       r->bus == r->cpu && is_reached(r);
}

static bool is_ports(const struct fdt_range *r)
{
	return (r->space & SPACE_MASK) == SPACE_IO && is_reached(r);
}

/* The @n-th range of the host bridges that @fits. */
static bool find_range(bool (*fits)(const struct fdt_range *r), unsigned n,
		       struct fdt_range *r)
{
	const struct fdt *fdt = fdt_machine();
	int node = FDT_NONE;

	if (!fdt)
		return false;
	while ((node = fdt_find_compatible(fdt, node,
					   "pci-host-ecam-generic")) !=
	       FDT_NONE)
		for (unsigned i = 0; fdt_range(fdt, node, i, r); i++)
			if (fits(r) && !n--)
				return true;
	return false;
}

/* Without a device tree, firmware has placed everything. */
bool arch_device_space(unsigned n, u64 *start, u64 *end)
{
	struct fdt_range r;

	if (!find_range(is_memory, n, &r))
		return false;
	*start = r.cpu;
	*end = r.cpu + r.size;
	return true;
}

bool arch_port_space(u64 *start, u64 *end)
{
	struct fdt_range r;

	if (!find_range(is_ports, 0, &r))
		return false;
	*start = MAX(r.bus, (u64)PORT_FIRST);
	*end = r.bus + r.size;
	return *start < *end;
}

bool arch_port_memory(u64 port, u64 size, phys_addr_t *memory)
{
	struct fdt_range r;

	for (unsigned n = 0; find_range(is_ports, n, &r); n++) {
		if (port < r.bus || port - r.bus >= r.size ||
		    size > r.size - (port - r.bus))
			continue;
		*memory = r.cpu + (port - r.bus);
		return true;
	}
	return false;
}
