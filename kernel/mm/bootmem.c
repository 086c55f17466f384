/* SPDX-License-Identifier: BSD-2-Clause */
#include <kernel/compiler.h>
#include <kernel/mm/bootmem.h>

#define BOOTMEM_PAGE 4096ULL

static struct memmap *bootmem;
static bool closed;

void bootmem_init(struct memmap *map)
{
	bootmem = map;
	closed = false;
}

void bootmem_close(void)
{
	closed = true;
}

const struct memmap *bootmem_map(void)
{
	return bootmem;
}

u64 bootmem_free_bytes(void)
{
	return memmap_total(bootmem, MEMMAP_RAM);
}

/* Where @size bytes fit at the top of @e, or 0. Page 0 is never given out. */
static phys_addr_t fit(const struct memmap_entry *e, u64 size, u64 align,
		       phys_addr_t limit)
{
	phys_addr_t end = limit ? MIN(e->end, limit) : e->end;
	phys_addr_t start;

	if (e->type != MEMMAP_RAM || end < size)
		return 0;
	start = ALIGN_DOWN(end - size, align);
	return start >= e->start ? start : 0;
}

phys_addr_t bootmem_alloc(u64 size, u64 align, phys_addr_t limit)
{
	size = ALIGN_UP(MAX(size, 1ULL), BOOTMEM_PAGE);
	align = MAX(align, BOOTMEM_PAGE);
	for (unsigned i = closed ? 0 : bootmem->count; i-- > 0;) {
		phys_addr_t start =
			fit(&bootmem->entries[i], size, align, limit);

		if (!start)
			continue;
		/* KERNEL is stronger than RAM: normalizing splits the entry. */
		if (bootmem->count == MEMMAP_MAX)
			return 0;
		memmap_add(bootmem, start, size, MEMMAP_KERNEL);
		memmap_normalize(bootmem);
		return start;
	}
	return 0;
}
