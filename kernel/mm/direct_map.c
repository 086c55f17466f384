/* SPDX-License-Identifier: BSD-2-Clause */
#define pr_fmt(fmt) "paging: " fmt

#include <kernel/errno.h>
#include <kernel/mm/bootmem.h>
#include <kernel/mm/direct_map.h>
#include <kernel/mm/page.h>
#include <kernel/panic.h>

/* Firmware's tables, which are neighbours mostly, and consoles. */
#define NOTES_MAX 32

static struct note {
	phys_addr_t start, end;
	enum memory_type type;
} notes[NOTES_MAX];
static unsigned note_count;

int direct_map_note(phys_addr_t start, phys_addr_t end, enum memory_type type)
{
	for (struct note *n = notes; n < notes + note_count; n++) {
		if (n->type != type) {
			/* One page must not be mapped with two types. */
			if (start < n->end && n->start < end)
				return -EBUSY;
			continue;
		}
		/* Ranges that touch become one. */
		if (start > n->end || end < n->start)
			continue;
		n->start = MIN(n->start, start);
		n->end = MAX(n->end, end);
		return 0;
	}
	if (note_count == NOTES_MAX)
		return -ENOMEM;
	notes[note_count++] = (struct note){ start, end, type };
	return 0;
}

static void add_ram(struct memmap *all)
{
	const struct memmap *map = bootmem_map();

	for (unsigned i = 0; i < map->count; i++) {
		const struct memmap_entry *e = &map->entries[i];
		phys_addr_t start = ALIGN_DOWN(e->start, PAGE_SIZE);

		if (memmap_is_memory(e->type))
			memmap_add(all, start,
				   ALIGN_UP(e->end, PAGE_SIZE) - start,
				   MEMMAP_KERNEL);
	}
}

/* The image's text has no writable alias. */
static void map_ram(phys_addr_t start, phys_addr_t end, phys_addr_t text,
		    phys_addr_t text_end,
		    void (*map)(phys_addr_t start, u64 size,
				enum memory_type type, bool writable))
{
	while (start < end) {
		bool in_text = start >= text && start < text_end;
		phys_addr_t stop = in_text	  ? MIN(end, text_end)
				   : start < text ? MIN(end, text)
						  : end;

		map(start, stop - start, MEMORY_WB, !in_text);
		start = stop;
	}
}

void direct_map_for_each(phys_addr_t text, phys_addr_t text_end,
			 void (*map)(phys_addr_t start, u64 size,
				     enum memory_type type, bool writable))
{
	/* Apart from the memory map, which changes with each table made. */
	static struct memmap all;

	add_ram(&all);
	for (const struct note *n = notes; n < notes + note_count; n++) {
		if (n->type == MEMORY_WB)
			memmap_add(&all, n->start, n->end - n->start,
				   MEMMAP_KERNEL);
		else
			map(n->start, n->end - n->start, n->type, true);
	}
	memmap_normalize(&all);
	if (all.dropped)
		panic("the memory map has too many pieces to map");
	for (unsigned i = 0; i < all.count; i++)
		map_ram(all.entries[i].start,
			MIN(all.entries[i].end, arch_phys_end()), text,
			text_end, map);
}
