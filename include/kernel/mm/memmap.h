/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The physical memory map. Loaders and firmware give maps with overlaps,
 * holes, empty and unsorted entries; memmap_normalize() makes one that can be
 * relied on.
 */
#pragma once

#include <kernel/types.h>

/* Ordered from the weakest claim to the strongest: the stronger one wins. */
enum memmap_type {
	MEMMAP_RAM,	     /* free for the kernel's use */
	MEMMAP_ACPI_RECLAIM, /* ACPI tables */
	MEMMAP_ACPI_NVS,
	MEMMAP_PERSISTENT,
	MEMMAP_DMA_POOL, /* RAM set aside for devices: <kernel/dma.h> */
	MEMMAP_KERNEL,	 /* RAM that holds the kernel or boot data */
	MEMMAP_RESERVED, /* firmware's, devices', or of an unknown type */
	MEMMAP_UNUSABLE, /* defective */
};

struct memmap_entry {
	phys_addr_t start;
	phys_addr_t end; /* first byte after it; > start once normalized */
	enum memmap_type type;
};

#define MEMMAP_MAX 256

struct memmap {
	unsigned count;
	unsigned dropped; /* entries that did not fit */
	struct memmap_entry entries[MEMMAP_MAX];
};

/**
 * Append [@start, @start + @size). An empty range is ignored; one that wraps
 * is cut at the top of the address space. When the map is full one entry is
 * dropped and counted: this one, or some RAM for the sake of another type.
 */
void memmap_add(struct memmap *map, phys_addr_t start, u64 size,
		enum memmap_type type);

/**
 * Sort, resolve overlaps in favour of the stronger type, and merge
 * neighbours of one type. RAM is cut to whole pages (inwards).
 */
void memmap_normalize(struct memmap *map);

/** Honour mem=: RAM from @limit bytes of address upwards is dropped. */
void memmap_limit(struct memmap *map, u64 limit);

/** Total bytes of @type. */
u64 memmap_total(const struct memmap *map, enum memmap_type type);

/** First byte after the highest RAM entry. */
phys_addr_t memmap_ram_end(const struct memmap *map);

/** True for RAM, whoever uses it: what the direct map covers. */
static inline bool memmap_is_memory(enum memmap_type type)
{
	return type == MEMMAP_RAM || type == MEMMAP_KERNEL ||
	       type == MEMMAP_DMA_POOL;
}

/** "RAM", "reserved", ... */
const char *memmap_type_name(enum memmap_type type);
