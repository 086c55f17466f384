/* SPDX-License-Identifier: BSD-2-Clause */
#include <kernel/compiler.h>
#include <kernel/mm/memmap.h>

#define RAM_GRANULE 4096ULL /* RAM is given out in pages of this size */

/*
 * Make room in a full map at the price of RAM: memory that is not used is
 * better than memory that is somebody else's. False if there is no RAM in it.
 */
static bool drop_ram(struct memmap *map)
{
	struct memmap_entry *smallest = NULL;

	for (unsigned i = 0; i < map->count; i++) {
		struct memmap_entry *e = &map->entries[i];

		if (e->type == MEMMAP_RAM &&
		    (!smallest ||
		     e->end - e->start < smallest->end - smallest->start))
			smallest = e;
	}
	if (smallest)
		*smallest = map->entries[--map->count];
	return smallest;
}

void memmap_add(struct memmap *map, phys_addr_t start, u64 size,
		enum memmap_type type)
{
	phys_addr_t end = start + size;

	if (size == 0)
		return;
	if (end < start)
		end = UINT64_MAX;
	if (map->count == MEMMAP_MAX) {
		map->dropped++;
		if (type == MEMMAP_RAM || !drop_ram(map))
			return;
	}
	map->entries[map->count++] = (struct memmap_entry){ start, end, type };
}

/* Insertion sort: maps are short and mostly sorted. */
static void sort_by_start(struct memmap *map)
{
	for (unsigned i = 1; i < map->count; i++) {
		struct memmap_entry e = map->entries[i];
		unsigned j = i;

		for (; j > 0 && map->entries[j - 1].start > e.start; j--)
			map->entries[j] = map->entries[j - 1];
		map->entries[j] = e;
	}
}

/* The strongest type that @map claims for the byte at @at; -1: nobody does. */
static int type_at(const struct memmap *map, phys_addr_t at)
{
	int type = -1;

	for (unsigned i = 0; i < map->count; i++) {
		const struct memmap_entry *e = &map->entries[i];

		if (e->start > at)
			break;
		if (at < e->end)
			type = MAX(type, (int)e->type);
	}
	return type;
}

/* The first place after @at where any entry begins or ends, or 0. */
static phys_addr_t next_edge(const struct memmap *map, phys_addr_t at)
{
	phys_addr_t edge = UINT64_MAX;
	bool found = false;

	for (unsigned i = 0; i < map->count; i++) {
		const struct memmap_entry *e = &map->entries[i];

		if (e->start > at) {
			edge = MIN(edge, e->start);
			found = true;
			break; /* sorted: later ones begin later */
		}
		if (e->end > at) {
			edge = MIN(edge, e->end);
			found = true;
		}
	}
	return found ? edge : 0;
}

static void append_merged(struct memmap *map, phys_addr_t start,
			  phys_addr_t end, enum memmap_type type)
{
	struct memmap_entry *last = map->entries + map->count - 1;

	if (map->count && last->end == start && last->type == type)
		last->end = end;
	else
		memmap_add(map, start, end - start, type);
}

/* RAM that does not fill a page is of no use: leave it out. */
static void cut_ram_to_pages(struct memmap *map)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < map->count; i++) {
		struct memmap_entry e = map->entries[i];

		if (e.type == MEMMAP_RAM) {
			if (e.start > UINT64_MAX - RAM_GRANULE)
				continue;
			e.start = ALIGN_UP(e.start, RAM_GRANULE);
			e.end = ALIGN_DOWN(e.end, RAM_GRANULE);
		}
		if (e.start < e.end)
			map->entries[kept++] = e;
	}
	map->count = kept;
}

void memmap_normalize(struct memmap *map)
{
	static struct memmap out;
	phys_addr_t at, next;

	sort_by_start(map);
	out.count = 0;
	out.dropped = map->dropped;
	at = map->count ? map->entries[0].start : 0;
	while ((next = next_edge(map, at)) != 0) {
		int type = type_at(map, at);

		if (type >= 0)
			append_merged(&out, at, next, (enum memmap_type)type);
		at = next;
	}
	*map = out;
	cut_ram_to_pages(map);
}

void memmap_limit(struct memmap *map, u64 limit)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < map->count; i++) {
		struct memmap_entry e = map->entries[i];

		if (e.type == MEMMAP_RAM)
			e.end = MIN(e.end, ALIGN_DOWN(limit, RAM_GRANULE));
		if (e.start < e.end)
			map->entries[kept++] = e;
	}
	map->count = kept;
}

u64 memmap_total(const struct memmap *map, enum memmap_type type)
{
	u64 total = 0;

	for (unsigned i = 0; i < map->count; i++)
		if (map->entries[i].type == type)
			total += map->entries[i].end - map->entries[i].start;
	return total;
}

phys_addr_t memmap_ram_end(const struct memmap *map)
{
	phys_addr_t end = 0;

	for (unsigned i = 0; i < map->count; i++)
		if (map->entries[i].type == MEMMAP_RAM)
			end = MAX(end, map->entries[i].end);
	return end;
}

const char *memmap_type_name(enum memmap_type type)
{
	switch (type) {
	case MEMMAP_RAM: return "RAM";
	case MEMMAP_ACPI_RECLAIM: return "ACPI tables";
	case MEMMAP_ACPI_NVS: return "ACPI NVS";
	case MEMMAP_PERSISTENT: return "persistent";
	case MEMMAP_DMA_POOL: return "DMA pool";
	case MEMMAP_KERNEL: return "kernel";
	case MEMMAP_RESERVED: return "reserved";
	case MEMMAP_UNUSABLE: return "unusable";
	default: return "?";
	}
}
