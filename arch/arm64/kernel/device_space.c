/* SPDX-License-Identifier: BSD-2-Clause */
/* Where devices can be placed: what a device tree's host bridges forward. */
#include <kernel/device_space.h>
#include <kernel/fdt.h>
#include <kernel/mm/map.h>

/* First cell of a PCI address: IEEE 1275's PCI binding, 2.2.1.1. */
#define SPACE_MASK     0x03000000U
#define SPACE_MEMORY32 0x02000000U
#define SPACE_MEMORY64 0x03000000U

static bool is_usable(const struct fdt_range *r)
{
	u32 space = r->space & SPACE_MASK;

	/* Regions are mapped at the address that the device has. */
	return (space == SPACE_MEMORY32 || space == SPACE_MEMORY64) &&
	       r->bus == r->cpu && r->size <= arch_phys_end() &&
	       r->cpu <= arch_phys_end() - r->size;
}

/* Without a device tree, firmware has placed everything. */
bool arch_device_space(unsigned n, u64 *start, u64 *end)
{
	const struct fdt *fdt = fdt_machine();
	struct fdt_range r;
	int node = FDT_NONE;

	if (!fdt)
		return false;
	while ((node = fdt_find_compatible(fdt, node,
					   "pci-host-ecam-generic")) !=
	       FDT_NONE) {
		for (unsigned i = 0; fdt_range(fdt, node, i, &r); i++) {
			if (!is_usable(&r) || n--)
				continue;
			*start = r.cpu;
			*end = r.cpu + r.size;
			return true;
		}
	}
	return false;
}

bool arch_port_space(u64 *start __unused, u64 *end __unused)
{
	return false;
}
