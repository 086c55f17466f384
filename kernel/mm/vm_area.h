/* SPDX-License-Identifier: BSD-2-Clause */
/* Ranges of kernel addresses for mappings. */
#pragma once

#include <kernel/mm/map.h>

/* One range; in use from vm_area_alloc() to vm_area_free(). */
struct vm_area {
	struct vm_area *next; /* by address */
	uintptr_t start;
	u64 size;	    /* bytes that are mapped; a page more is taken */
	phys_addr_t *pages; /* what vmalloc() put there; NULL: memremap() */
	bool closing;	    /* somebody is unmapping it */
};

/* Addresses that areas are taken from. */
struct vm_range {
	uintptr_t base;
	u64 size;
};

/** REMAP_BASE: for everything that may be anywhere. */
extern const struct vm_range vm_anywhere;

/**
 * @size bytes (whole pages, not 0) of @range that are free, which begin
 * @offset bytes after a multiple of the power of two @align, with a free page
 * on both sides.
 * @pages goes into the area, from the beginning. NULL: no memory, no space.
 */
struct vm_area *vm_area_alloc(const struct vm_range *range, u64 size, u64 align,
			      u64 offset, phys_addr_t *pages);

/** Free what vm_area_alloc() returned; the range may be used at once. */
void vm_area_free(struct vm_area *area);

/**
 * The area of vmalloc() (@pages) or memremap() that begins at @start, marked
 * as closing, so that it is found once only; NULL, after a message, if there
 * is none.
 */
struct vm_area *vm_area_close(uintptr_t start, bool pages);

/** vmalloc() in @range. */
void *vmalloc_range(const struct vm_range *range, u64 size);

/** Take everything in @area away from all CPUs. */
void vm_area_unmap(const struct vm_area *area);
