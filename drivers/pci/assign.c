/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Addresses for what firmware left without, for devices that were plugged in
 * since, and for those whose address cannot be. Bridges on the way get windows
 * as they are needed; what is in use is never moved.
 */
#include <kernel/device_space.h>
#include <kernel/errno.h>
#include <kernel/mm/bootmem.h>
#include <kernel/mm/map.h>
#include <kernel/printk.h>
#include <kernel/spinlock.h>
#include "internal.h"

#define LIMIT_32 0x100000000ULL

/* One device is placed at a time. */
static struct spinlock place_lock = SPINLOCK_INIT;

/* What is asked of a bus, and of the buses above it. */
struct demand {
	enum pci_space space;
	u64 size;
	u64 align; /* a power of two */
	u64 limit; /* it ends there at the latest */
};

static int from_range(const struct demand *d, u64 start, u64 end, u64 *at)
{
	struct pci_range range = { start, MIN(end, d->limit) };

	return pci_find_gap(NULL, d->space, &range, d->size, d->align, at);
}

static int from_root(const struct demand *d, u64 *at)
{
	u64 start, end;

	if (d->space == PCI_SPACE_IO)
		return arch_port_space(&start, &end)
			       ? from_range(d, start, end, at)
			       : -ENOSPC;
	for (unsigned n = 0; arch_device_space(n, &start, &end); n++)
		if (start < end && !from_range(d, start, end, at))
			return 0;
	return -ENOSPC;
}

static int allocate(const struct pci_device *bridge, const struct demand *d,
		    u64 *at);

/* What a bridge's window is asked for to have room for @d. */
static struct demand window_demand(const struct pci_device *bridge,
				   const struct demand *d)
{
	u64 unit = d->space == PCI_SPACE_IO ? PCI_IO_WINDOW_ALIGN
					    : PCI_MEM_WINDOW_ALIGN;
	struct demand w = *d;

	w.size = ALIGN_UP(d->size, unit);
	w.align = MAX(d->align, unit);
	if (d->space == PCI_SPACE_MEMORY ||
	    (d->space == PCI_SPACE_PREFETCH && !pci_window_is_wide(bridge)))
		w.limit = MIN(w.limit, LIMIT_32);
	return w;
}

static int set_window(const struct pci_device *bridge, enum pci_space space,
		      const struct pci_window *window)
{
	int ret = pci_write_window(bridge, space, window);

	if (!ret)
		pr_info("%s: forwards %#llx to %#llx now", bridge->dev.name,
			(unsigned long long)window->base,
			(unsigned long long)window->limit);
	return ret;
}

/* A window that nothing is in is replaced by one that is large enough. */
static int replace_window(const struct pci_device *bridge,
			  const struct demand *d, const struct pci_window *old)
{
	static const struct pci_window closed = { .base = 1, .limit = 0 };
	struct demand w = window_demand(bridge, d);
	struct pci_window window;
	int ret = pci_write_window(bridge, d->space, &closed);

	if (ret)
		return ret;
	ret = allocate(bridge->bridge, &w, &window.base);
	if (!ret) {
		window.limit = window.base + w.size - 1;
		ret = set_window(bridge, d->space, &window);
	}
	if (ret)
		pci_write_window(bridge, d->space, old);
	return ret;
}

/* True if nobody else on the bus above has [@start, @end). */
static bool may_grow(const struct pci_device *bridge, const struct demand *d,
		     u64 start, u64 end)
{
	const struct pci_device *above = bridge->bridge;
	struct pci_range range = { start, end };
	struct pci_window window;

	if (end < start || end > d->limit ||
	    pci_blocker(above, d->space, &range, bridge))
		return false;
	if (!above)
		return true;
	pci_read_window(above, d->space, &window);
	return window.base <= start && end - 1 <= window.limit;
}

/* One that is in use grows at its end, if that is free. */
static int extend_window(const struct pci_device *bridge,
			 const struct demand *d, const struct pci_window *old)
{
	struct demand w = window_demand(bridge, d);
	struct pci_window window = *old;
	u64 begin = ALIGN_UP(old->limit + 1, d->align);

	window.limit = begin + w.size - 1;
	if (begin <= old->limit ||
	    !may_grow(bridge, &w, old->limit + 1, window.limit + 1))
		return -ENOSPC;
	return set_window(bridge, d->space, &window);
}

static bool is_used(const struct pci_device *bridge, enum pci_space space,
		    const struct pci_window *window)
{
	struct pci_range range = { window->base, window->limit + 1 };

	return window->base <= window->limit &&
	       pci_blocker(bridge, space, &range, NULL);
}

static int from_window(const struct pci_device *bridge, const struct demand *d,
		       u64 *at)
{
	struct pci_window window;
	struct pci_range range;

	pci_read_window(bridge, d->space, &window);
	if (window.limit < window.base)
		return -ENOSPC;
	range.start = window.base;
	range.end = MIN(window.limit + 1, d->limit);
	return pci_find_gap(bridge, d->space, &range, d->size, d->align, at);
}

/* Recursion ends at the root bus, DEVICE_DEPTH_MAX bridges up at most. */
static int allocate(const struct pci_device *bridge, const struct demand *d,
		    u64 *at)
{
	struct pci_window window;
	int ret;

	if (!bridge)
		return from_root(d, at);
	if (!from_window(bridge, d, at))
		return 0;
	pci_read_window(bridge, d->space, &window);
	ret = is_used(bridge, d->space, &window)
		      ? extend_window(bridge, d, &window)
		      : replace_window(bridge, d, &window);
	return ret ? -ENOSPC : from_window(bridge, d, at);
}

static bool overlaps_ram(const struct pci_region *r)
{
	const struct memmap *map = bootmem_map();

	for (unsigned i = 0; i < map->count; i++) {
		const struct memmap_entry *e = &map->entries[i];

		if (memmap_is_memory(e->type) && r->start < e->end &&
		    e->start < r->start + r->size)
			return true;
	}
	return false;
}

/* Bridges that forward all that nobody else claims have interface 1. */
static bool is_forwarded(const struct pci_device *bridge,
			 const struct pci_region *r)
{
	bool io = r->flags & PCI_REGION_IO;

	if (!bridge || bridge->interface == 1)
		return true;
	for (unsigned space = PCI_SPACE_MEMORY; space <= PCI_SPACE_IO;
	     space++) {
		struct pci_window w;

		if ((space == PCI_SPACE_IO) != io)
			continue;
		pci_read_window(bridge, space, &w);
		if (w.base <= r->start && r->start + r->size - 1 <= w.limit)
			return true;
	}
	return false;
}

/* A neighbour that has the same addresses, as far as neighbours are known. */
static const struct pci_device *rival(const struct pci_device *pdev,
				      const struct pci_region *r)
{
	for (const struct pci_device *d = pci_next(NULL); d; d = pci_next(d))
		for (unsigned i = 0; i < PCI_BARS; i++) {
			const struct pci_region *o = &d->region[i];

			if (o != r && d->sized && d->bridge == pdev->bridge &&
			    o->start && o->size &&
			    !((o->flags ^ r->flags) & PCI_REGION_IO) &&
			    r->start < o->start + o->size &&
			    o->start < r->start + r->size)
				return d;
		}
	return NULL;
}

/* What is wrong with the address that the region has, or NULL. */
static const char *region_problem(const struct pci_device *pdev,
				  const struct pci_region *r)
{
	bool io = r->flags & PCI_REGION_IO;
	u64 last = r->start + r->size - 1;

	if (last < r->start || (!io && last >= arch_phys_limit()))
		return "beyond what the CPU can address";
	if (!io && overlaps_ram(r))
		return "in RAM";
	if (!is_forwarded(pdev->bridge, r))
		return "not forwarded by the bridge";
	return rival(pdev, r) ? "another device's" : NULL;
}

/* Above 4 GiB only what has 64 bits, and behind bridges is prefetchable. */
static int find_place(const struct pci_device *pdev, const struct pci_region *r,
		      u64 *at)
{
	bool wide = r->flags & PCI_REGION_64;
	struct demand d = {
		.space = PCI_SPACE_MEMORY,
		.size = r->size,
		.align = r->size,
		.limit = wide ? UINT64_MAX : LIMIT_32,
	};

	if (r->flags & PCI_REGION_1M)
		return -ENOSPC;
	if (r->flags & PCI_REGION_IO) {
		d.space = PCI_SPACE_IO;
		return allocate(pdev->bridge, &d, at);
	}
	if (r->flags & PCI_REGION_PREFETCH && pdev->bridge) {
		d.space = PCI_SPACE_PREFETCH;
		if (!allocate(pdev->bridge, &d, at))
			return 0;
		d.space = PCI_SPACE_MEMORY;
	}
	return allocate(pdev->bridge, &d, at);
}

static int place(struct pci_device *pdev, unsigned bar)
{
	struct pci_region *r = &pdev->region[bar];
	int ret;

	r->start = 0;
	ret = find_place(pdev, r, &r->start);
	if (!ret) {
		ret = pci_write_bar(pdev, bar);
		pr_info("%s: region %u of %#llx bytes is at %#llx now",
			pdev->dev.name, bar, (unsigned long long)r->size,
			(unsigned long long)r->start);
	} else {
		pr_err("%s: no room for region %u of %#llx bytes",
		       pdev->dev.name, bar, (unsigned long long)r->size);
	}
	if (ret)
		r->start = 0;
	return ret ? -ENOSPC : 0;
}

/* Keep the address if it can be, else get another one. */
static int see_to(struct pci_device *pdev, unsigned bar)
{
	const struct pci_region *r = &pdev->region[bar];
	const char *problem = NULL;

	if (r->start)
		problem = region_problem(pdev, r);
	if (r->start && !problem)
		return 0;
	if (problem)
		pr_warn("%s: region %u of %#llx bytes at %#llx: %s",
			pdev->dev.name, bar, (unsigned long long)r->size,
			(unsigned long long)r->start, problem);
	return place(pdev, bar);
}

int pci_place_regions(struct pci_device *pdev, u16 bits)
{
	bool complete = true;
	int ret = 0;

	if (pdev->placed)
		return 0;
	spin_lock(&place_lock);
	for (unsigned i = 0; i < PCI_BARS && !ret; i++) {
		u16 kind = pdev->region[i].flags & PCI_REGION_IO
				   ? PCI_COMMAND_IO
				   : PCI_COMMAND_MEMORY;

		if (!pdev->region[i].size)
			continue;
		if (bits & kind)
			ret = see_to(pdev, i);
		else
			complete = false;
	}
	pdev->placed = !ret && complete;
	spin_unlock(&place_lock);
	return ret;
}
