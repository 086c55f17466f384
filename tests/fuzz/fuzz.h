/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the fuzz targets share. Physical memory is the input, or a part of it,
 * at one address; what is mapped is a copy of just the bytes asked for, so
 * that the address sanitizer sees a read of one byte more.
 */
#pragma once

#include <stdarg.h>
#include <kernel/mm/map.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/vsprintf.h>

#define MAPPINGS_MAX 1024
/* Like the real memremap(), it does not map everything. */
#define MAPPED_BYTES_MAX (16U << 20)

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static const u8 *physical;
static phys_addr_t physical_start;
static size_t physical_size;
static void *mappings[MAPPINGS_MAX];
static unsigned mapping_count;
static u64 mapped_bytes;

static inline void fuzz_memory(phys_addr_t start, const u8 *data, size_t size)
{
	physical_start = start;
	physical = data;
	physical_size = size;
}

static inline void fuzz_unmap_all(void)
{
	while (mapping_count)
		free(mappings[--mapping_count]);
	mapped_bytes = 0;
}

/* Beyond the input there is what an empty bus gives: all ones. */
static inline __unused void *fuzz_map(phys_addr_t phys, u64 size)
{
	u8 *copy;

	if (!size || phys + size < phys || mapping_count == MAPPINGS_MAX ||
	    size > MAPPED_BYTES_MAX - mapped_bytes)
		return NULL;
	copy = malloc(size);
	memset(copy, 0xff, size);
	if (phys < physical_start + physical_size &&
	    phys + size > physical_start) {
		phys_addr_t from = MAX(phys, physical_start);
		phys_addr_t to =
			MIN(phys + size, physical_start + physical_size);

		memcpy(copy + (from - phys), physical + (from - physical_start),
		       to - from);
	}
	mappings[mapping_count++] = copy;
	mapped_bytes += size;
	return copy;
}

/* Uses what was read, so that it is. */
static __unused volatile size_t fuzz_sum;

/* Messages are formatted: their arguments come from the input too. */
void printk(enum log_level level, unsigned flags, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	(void)level;
	(void)flags;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
}
