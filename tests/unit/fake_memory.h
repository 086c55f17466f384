/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Physical memory for tests: a few regions at the addresses a test chooses.
 * Each lies in an allocation of exactly its size, so that the address
 * sanitizer sees a read past its end.
 */
#pragma once

#include <kernel/mm/map.h>
#include <kernel/string.h>

#define FAKE_REGIONS_MAX 200

struct fake_region {
	phys_addr_t start;
	u64 size;
	u8 *bytes;
};

static struct fake_region fake_regions[FAKE_REGIONS_MAX];
static unsigned fake_region_count;

static inline void fake_memory_clear(void)
{
	for (unsigned i = 0; i < fake_region_count; i++)
		free(fake_regions[i].bytes);
	fake_region_count = 0;
}

/* Zeroed memory at @start. */
static inline void *fake_memory(phys_addr_t start, u64 size)
{
	struct fake_region *r = &fake_regions[fake_region_count++];

	if (fake_region_count > FAKE_REGIONS_MAX)
		abort();
	*r = (struct fake_region){ start, size, calloc(1, size) };
	return r->bytes;
}

static inline void *fake_memory_of(phys_addr_t start, const void *bytes,
				   u64 size)
{
	return memcpy(fake_memory(start, size), bytes, size);
}

/* NULL where no region holds all of the range. */
void *memremap(phys_addr_t phys, u64 size, enum memory_type type)
{
	(void)type;
	for (unsigned i = 0; i < fake_region_count; i++) {
		const struct fake_region *r = &fake_regions[i];

		if (phys >= r->start && size <= r->size &&
		    phys - r->start <= r->size - size)
			return r->bytes + (phys - r->start);
	}
	return NULL;
}
