/* SPDX-License-Identifier: BSD-2-Clause */
/* Addresses: "reg" and "ranges" (Devicetree 0.4, 2.3.6 and 2.3.8). */
#include "internal.h"

/* Without the properties, 2.3.5. */
#define ADDRESS_CELLS 2
#define SIZE_CELLS    1

struct bus_cells {
	u32 address, size;
};

static bool cells_of(const struct fdt *fdt, int bus, struct bus_cells *cells)
{
	cells->address = fdt_cells(fdt, bus, "#address-cells", ADDRESS_CELLS);
	cells->size = fdt_cells(fdt, bus, "#size-cells", SIZE_CELLS);
	return cells->address && cells->address <= 3 && cells->size <= 2;
}

/* Of an address of three cells (PCI's) the first says which space. */
static u64 address_at(const be32 *at, u32 cells)
{
	return cells == 3 ? fdt_number(at + 1, 2) : fdt_number(at, cells);
}

/* The @index-th entry of @node's ranges, whose parent counts as @above. */
static bool read_range(const struct fdt *fdt, int node, unsigned index,
		       const struct bus_cells *above, struct fdt_range *range)
{
	struct bus_cells own;
	u32 length, entry;
	const be32 *at = fdt_property(fdt, node, "ranges", &length);

	if (!at || !cells_of(fdt, node, &own))
		return false;
	entry = own.address + above->address + own.size;
	if (index >= length / sizeof(*at) / entry)
		return false;
	at += (size_t)index * entry;
	range->space = own.address == 3 ? be32_to_cpu(*at) : 0;
	range->bus = address_at(at, own.address);
	at += own.address;
	range->cpu = address_at(at, above->address);
	range->size = fdt_number(at + above->address, own.size);
	return range->size && range->size - 1 <= UINT64_MAX - range->bus &&
	       range->size - 1 <= UINT64_MAX - range->cpu;
}

/* From an address on the bus @node to one on the bus it is on. */
static bool through_ranges(const struct fdt *fdt, int node,
			   const struct bus_cells *above, u64 *address,
			   u64 size)
{
	struct fdt_range range;
	u32 length;

	/* Nothing passes a bus without it; all do where it is empty. */
	if (!fdt_property(fdt, node, "ranges", &length))
		return false;
	if (!length)
		return true;
	for (unsigned i = 0; read_range(fdt, node, i, above, &range); i++) {
		u64 offset = *address - range.bus;

		if (*address < range.bus || offset >= range.size ||
		    size > range.size - offset)
			continue;
		*address = range.cpu + offset;
		return true;
	}
	return false;
}

/* From an address on the bus @bus to the CPU's. */
static bool to_cpu(const struct fdt *fdt, int bus, u64 *address, u64 size)
{
	/* Bounded by the depth that fdt_open() allows. */
	while (bus != FDT_ROOT) {
		int above = fdt_parent(fdt, bus);
		struct bus_cells cells;

		if (above == FDT_NONE || !cells_of(fdt, above, &cells) ||
		    !through_ranges(fdt, bus, &cells, address, size))
			return false;
		bus = above;
	}
	return true;
}

bool fdt_reg(const struct fdt *fdt, int node, unsigned index,
	     phys_addr_t *address, u64 *size)
{
	return fdt_reg_on(fdt, fdt_parent(fdt, node), node, index, address,
			  size);
}

bool fdt_reg_on(const struct fdt *fdt, int bus, int node, unsigned index,
		phys_addr_t *address, u64 *size)
{
	struct bus_cells cells;
	u32 length, entry;
	const be32 *at = fdt_property(fdt, node, "reg", &length);

	if (!at || bus == FDT_NONE || !cells_of(fdt, bus, &cells))
		return false;
	entry = cells.address + cells.size;
	if (index >= length / sizeof(*at) / entry)
		return false;
	at += (size_t)index * entry;
	*address = address_at(at, cells.address);
	*size = fdt_number(at + cells.address, cells.size);
	if (*size && *size - 1 > UINT64_MAX - *address)
		return false;
	return to_cpu(fdt, bus, address, *size);
}

bool fdt_range(const struct fdt *fdt, int node, unsigned index,
	       struct fdt_range *range)
{
	int above = fdt_parent(fdt, node);
	struct bus_cells cells;

	return above != FDT_NONE && cells_of(fdt, above, &cells) &&
	       read_range(fdt, node, index, &cells, range) &&
	       to_cpu(fdt, above, &range->cpu, range->size);
}
