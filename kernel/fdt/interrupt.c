/* SPDX-License-Identifier: BSD-2-Clause */
/* Interrupts and messages: Devicetree 0.4, 2.4, and msi-map's binding. */
#include <kernel/errno.h>
#include "internal.h"

#define PCI_ADDRESS_CELLS 3

/* Maps that lead to maps: more than any machine has. */
#define MAPS_MAX 8

/* What is looked for in a map: a child's address, then its interrupt. */
struct specifier {
	u32 address_cells, cells;
	u32 cell[2 * FDT_CELLS_MAX];
};

static int phandle_node(const struct fdt *fdt, const be32 *cell)
{
	return fdt_find_phandle(fdt, be32_to_cpu(*cell));
}

/* The interrupt parent that holds for @node: its own, or one above's. */
static int interrupt_parent(const struct fdt *fdt, int node)
{
	for (; node != FDT_NONE; node = fdt_parent(fdt, node)) {
		u32 phandle;

		if (fdt_cell(fdt, node, "interrupt-parent", 0, &phandle))
			return fdt_find_phandle(fdt, phandle);
	}
	return FDT_NONE;
}

static bool take_cells(const be32 *at, u32 count, u32 *cell)
{
	for (u32 i = 0; i < count; i++)
		cell[i] = be32_to_cpu(at[i]);
	return true;
}

/* True if the map's entry at @at is for @s, under the map's mask. */
static bool entry_matches(const struct fdt *fdt, int node, const be32 *at,
			  const struct specifier *s)
{
	u32 count = s->address_cells + s->cells;

	for (u32 i = 0; i < count; i++) {
		u32 mask;

		if (!fdt_cell(fdt, node, "interrupt-map-mask", i, &mask))
			mask = UINT32_MAX;
		if ((s->cell[i] ^ be32_to_cpu(at[i])) & mask)
			return false;
	}
	return true;
}

/* What an entry of a map leads to, and how many cells that takes. */
struct map_target {
	int controller;
	u32 address_cells, cells;
};

static bool read_target(const struct fdt *fdt, const be32 *at,
			struct map_target *target)
{
	target->controller = phandle_node(fdt, at);
	target->address_cells =
		fdt_cells(fdt, target->controller, "#address-cells", 0);
	target->cells =
		fdt_cells(fdt, target->controller, "#interrupt-cells", 0);
	return target->controller != FDT_NONE &&
	       target->address_cells <= FDT_CELLS_MAX && target->cells &&
	       target->cells <= FDT_CELLS_MAX;
}

/* One step through @node's interrupt-map: *@node and *@s become the target. */
static int map_step(const struct fdt *fdt, int *node, struct specifier *s)
{
	u32 length, key = s->address_cells + s->cells;
	const be32 *at = fdt_property(fdt, *node, "interrupt-map", &length);
	u32 left = at ? length / (u32)sizeof(*at) : 0;

	while (left > key) {
		struct map_target target;
		u32 entry;

		if (!read_target(fdt, at + key, &target))
			return -EBADMSG;
		entry = key + 1 + target.address_cells + target.cells;
		if (entry > left)
			return -EBADMSG;
		if (entry_matches(fdt, *node, at, s)) {
			*node = target.controller;
			s->address_cells = target.address_cells;
			s->cells = target.cells;
			take_cells(at + key + 1,
				   target.address_cells + target.cells,
				   s->cell);
			return 0;
		}
		at += entry;
		left -= entry;
	}
	return -ENOENT;
}

/* Follow maps from @node to a controller. */
static int resolve(const struct fdt *fdt, int node, struct specifier *s,
		   struct fdt_interrupt *irq)
{
	for (unsigned i = 0; i < MAPS_MAX; i++) {
		int ret;

		if (fdt_has(fdt, node, "interrupt-controller")) {
			irq->controller = node;
			irq->cells = s->cells;
			for (u32 c = 0; c < s->cells; c++)
				irq->cell[c] = s->cell[s->address_cells + c];
			return 0;
		}
		ret = map_step(fdt, &node, s);
		if (ret)
			return ret;
	}
	return -EBADMSG;
}

/* The first @count cells of @node's unit address, zero where it has none. */
static void take_unit_address(const struct fdt *fdt, int node, u32 count,
			      u32 *cell)
{
	for (u32 i = 0; i < count; i++)
		if (!fdt_cell(fdt, node, "reg", i, &cell[i]))
			cell[i] = 0;
}

static int by_parent(const struct fdt *fdt, int node, unsigned index,
		     struct fdt_interrupt *irq)
{
	int parent = interrupt_parent(fdt, node);
	struct specifier s;
	u32 length;
	const be32 *at = fdt_property(fdt, node, "interrupts", &length);

	if (!at)
		return -ENOENT;
	s.cells = fdt_cells(fdt, parent, "#interrupt-cells", 0);
	s.address_cells = fdt_cells(fdt, parent, "#address-cells", 0);
	if (!s.cells || s.cells > FDT_CELLS_MAX ||
	    s.address_cells > FDT_CELLS_MAX)
		return -EBADMSG;
	if (index >= length / sizeof(*at) / s.cells)
		return -ENOENT;
	take_unit_address(fdt, node, s.address_cells, s.cell);
	take_cells(at + (size_t)index * s.cells, s.cells,
		   s.cell + s.address_cells);
	return resolve(fdt, parent, &s, irq);
}

static int by_list(const struct fdt *fdt, const be32 *at, u32 left,
		   unsigned index, struct fdt_interrupt *irq)
{
	while (left) {
		int controller = phandle_node(fdt, at);
		u32 cells = fdt_cells(fdt, controller, "#interrupt-cells", 0);
		struct specifier s = { .cells = cells };

		if (!cells || cells > FDT_CELLS_MAX || cells >= left)
			return -EBADMSG;
		if (!index--) {
			take_cells(at + 1, cells, s.cell);
			return resolve(fdt, controller, &s, irq);
		}
		at += 1 + cells;
		left -= 1 + cells;
	}
	return -ENOENT;
}

int fdt_interrupt(const struct fdt *fdt, int node, unsigned index,
		  struct fdt_interrupt *irq)
{
	u32 length;
	const be32 *list =
		fdt_property(fdt, node, "interrupts-extended", &length);

	return list ? by_list(fdt, list, length / (u32)sizeof(*list), index,
			      irq)
		    : by_parent(fdt, node, index, irq);
}

int fdt_pci_interrupt(const struct fdt *fdt, int node, u8 bus, u8 devfn, u8 pin,
		      struct fdt_interrupt *irq)
{
	struct specifier s = {
		.address_cells = PCI_ADDRESS_CELLS,
		.cells = 1,
		.cell = { (u32)bus << 16 | (u32)devfn << 8, 0, 0, pin },
	};

	if (!fdt_has(fdt, node, "interrupt-map"))
		return -ENOENT;
	return resolve(fdt, node, &s, irq);
}

/* msi-map: (first requester, controller, first number, how many). */
#define MSI_MAP_CELLS 4

int fdt_msi_controller(const struct fdt *fdt, int node, u32 rid, u32 *device)
{
	u32 length, mask;
	const be32 *at = fdt_property(fdt, node, "msi-map", &length);
	u32 left = at ? length / (u32)sizeof(*at) : 0;

	*device = rid;
	if (!at) {
		at = fdt_property(fdt, node, "msi-parent", &length);
		return at && length >= sizeof(*at) ? phandle_node(fdt, at)
						   : FDT_NONE;
	}
	if (fdt_cell(fdt, node, "msi-map-mask", 0, &mask))
		rid &= mask;
	for (; left >= MSI_MAP_CELLS; left -= MSI_MAP_CELLS) {
		u32 offset = rid - be32_to_cpu(at[0]);

		if (rid >= be32_to_cpu(at[0]) && offset < be32_to_cpu(at[3])) {
			*device = be32_to_cpu(at[2]) + offset;
			return phandle_node(fdt, at + 1);
		}
		at += MSI_MAP_CELLS;
	}
	return FDT_NONE;
}
