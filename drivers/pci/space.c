/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which addresses are free. On a bus, what its devices decode and what its
 * bridges forward is in use; on root buses, which share one address space,
 * also what the memory map and configuration space occupy.
 */
#include <kernel/errno.h>
#include <kernel/mm/bootmem.h>
#include "internal.h"

/* Each step of a search passes over something that is there. */
#define STEPS_MAX 4096

static u64 end_if_overlaps(const struct pci_range *range, u64 start, u64 end)
{
	return start < range->end && range->start < end ? end : 0;
}

static u64 memory_blocker(const struct pci_range *range)
{
	const struct memmap *map = bootmem_map();

	for (unsigned i = 0; i < map->count; i++) {
		u64 end = end_if_overlaps(range, map->entries[i].start,
					  map->entries[i].end);
		if (end)
			return end;
	}
	return 0;
}

static u64 config_blocker(const struct pci_range *range,
			  const struct pci_host *host)
{
	if (!host->ecam)
		return 0;
	return end_if_overlaps(range,
			       host->ecam + ((u64)host->first_bus
					     << PCIE_ECAM_BUS_SHIFT),
			       host->ecam + ((u64)(host->last_bus + 1)
					     << PCIE_ECAM_BUS_SHIFT));
}

static u64 region_blocker(const struct pci_range *range, bool io,
			  const struct pci_device *d)
{
	for (unsigned i = 0; i < PCI_REGIONS; i++) {
		const struct pci_region *r = &d->region[i];
		u64 end = 0;

		if (r->start && r->size && !!(r->flags & PCI_REGION_IO) == io)
			end = end_if_overlaps(range, r->start,
					      r->start + r->size);
		if (end)
			return end;
	}
	return 0;
}

static u64 window_blocker(const struct pci_range *range, bool io,
			  const struct pci_device *d)
{
	for (unsigned space = PCI_SPACE_MEMORY; space <= PCI_SPACE_IO;
	     space++) {
		struct pci_window w;
		u64 end;

		if ((space == PCI_SPACE_IO) != io)
			continue;
		pci_read_window(d, space, &w);
		end = w.limit < w.base
			      ? 0
			      : end_if_overlaps(range, w.base, w.limit + 1);
		if (end)
			return end;
	}
	return 0;
}

static u64 device_blocker(const struct pci_range *range, bool io,
			  const struct pci_device *d)
{
	u64 end = region_blocker(range, io, d);

	if (!end && d->header == PCI_HEADER_TYPE_BRIDGE)
		end = window_blocker(range, io, d);
	return end;
}

u64 pci_blocker(const struct pci_device *bridge, enum pci_space space,
		const struct pci_range *range, const struct pci_device *except)
{
	bool io = space == PCI_SPACE_IO, root = !bridge && !io;
	u64 end = root ? memory_blocker(range) : 0;

	for (struct pci_device *d = pci_next(NULL); d && !end;
	     d = pci_next(d)) {
		if (root)
			end = config_blocker(range, d->host);
		if (end || d->bridge != bridge || d == except)
			continue;
		pci_size_regions(d);
		end = device_blocker(range, io, d);
	}
	return end;
}

int pci_find_gap(const struct pci_device *bridge, enum pci_space space,
		 const struct pci_range *in, u64 size, u64 align, u64 *start)
{
	u64 at = in->start;

	for (unsigned step = 0; step < STEPS_MAX; step++) {
		struct pci_range range;

		range.start = ALIGN_UP(at, align);
		range.end = range.start + size;
		/* It may wrap twice. */
		if (range.start < at || range.end < range.start ||
		    range.end > in->end)
			return -ENOSPC;
		at = pci_blocker(bridge, space, &range, NULL);
		if (!at) {
			*start = range.start;
			return 0;
		}
	}
	return -ENOSPC;
}
