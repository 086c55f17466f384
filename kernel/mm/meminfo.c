/* SPDX-License-Identifier: BSD-2-Clause */
/* The `meminfo` command. */
#include <kernel/console.h>
#include <kernel/errno.h>
#include <kernel/mm/bootmem.h>
#include <kernel/mm/map.h>
#include <kernel/mm/page.h>
#include <kernel/mm/slab.h>
#include <kernel/shell.h>
#include <kernel/vsprintf.h>

/* "1023.9 KiB" and its terminator. */
#define SIZE_TEXT_BYTES 16

/* A size with one decimal, cut: never more than there is. */
static const char *size_text(char *buf, u64 bytes)
{
	static const char *const units[] = { "KiB", "MiB", "GiB",
					     "TiB", "PiB", "EiB" };
	unsigned shift = 10, i = 0;

	if (bytes < 1024) {
		snprintf(buf, SIZE_TEXT_BYTES, "%u B", (unsigned)bytes);
		return buf;
	}
	while (i + 1 < ARRAY_SIZE(units) && bytes >> shift >= 1024) {
		shift += 10;
		i++;
	}
	snprintf(buf, SIZE_TEXT_BYTES, "%u.%u %s", (unsigned)(bytes >> shift),
		 (unsigned)((bytes >> (shift - 10)) % 1024 * 10 / 1024),
		 units[i]);
	return buf;
}

static void print_total(const char *what, u64 bytes)
{
	char text[SIZE_TEXT_BYTES];

	if (bytes)
		console_printf("%-16s %10s  %16llu bytes\n", what,
			       size_text(text, bytes),
			       (unsigned long long)bytes);
}

static void print_map(const struct memmap *map)
{
	char text[SIZE_TEXT_BYTES];

	console_puts("Physical memory map, last byte included:\n");
	for (unsigned i = 0; i < map->count; i++) {
		const struct memmap_entry *e = &map->entries[i];

		console_printf("  %016llx-%016llx %10s  %s\n",
			       (unsigned long long)e->start,
			       (unsigned long long)(e->end - 1),
			       size_text(text, e->end - e->start),
			       memmap_type_name(e->type));
	}
	if (map->dropped)
		console_printf("  and %u entries that did not fit\n",
			       map->dropped);
	console_puts("In total:\n");
	for (unsigned type = MEMMAP_RAM; type <= MEMMAP_UNUSABLE; type++)
		print_total(memmap_type_name(type), memmap_total(map, type));
	print_total("free now", page_free_count() * PAGE_SIZE);
}

static void print_zone(const char *name, const struct page_zone_stats *zone)
{
	char text[SIZE_TEXT_BYTES], all[SIZE_TEXT_BYTES];

	if (!zone->pages)
		return;
	console_printf("  %-11s %10s of %10s:", name,
		       size_text(text, zone->free_pages * PAGE_SIZE),
		       size_text(all, zone->pages * PAGE_SIZE));
	for (unsigned order = 0; order < PAGE_ORDERS; order++)
		if (zone->blocks[order])
			console_printf(" %llux%s",
				       (unsigned long long)zone->blocks[order],
				       size_text(text,
						 (u64)PAGE_SIZE << order));
	console_puts("\n");
}

static void print_pages(void)
{
	static const char *const names[PAGE_ZONES] = {
		[ZONE_BELOW_1M] = "below 1 MiB",
		[ZONE_BELOW_4G] = "below 4 GiB",
		[ZONE_HIGH] = "above 4 GiB",
	};
	struct page_stats stats;

	page_get_stats(&stats);
	console_puts("Free pages, by size of block:\n");
	for (unsigned i = 0; i < PAGE_ZONES; i++)
		print_zone(names[i], &stats.zone[i]);
	console_printf("  %llu blocks allocated since boot, %llu freed, "
		       "%llu not available, %llu wrong frees\n",
		       (unsigned long long)stats.allocated,
		       (unsigned long long)stats.freed,
		       (unsigned long long)stats.failed,
		       (unsigned long long)stats.refused);
}

static void print_objects(void)
{
	struct kmem_cache_stats cache;
	struct kmem_stats stats;

	console_puts("Objects:\n");
	for (unsigned n = 0; kmem_cache_get_stats(n, &cache); n++)
		if (cache.slabs)
			console_printf(
				"  %-16s %6llu of %6llu used, %4llu pages\n",
				cache.name, (unsigned long long)cache.used,
				(unsigned long long)cache.slabs *
					cache.capacity,
				(unsigned long long)cache.slabs *
					cache.slab_pages);
	kmem_get_stats(&stats);
	console_printf("  %llu pages of larger objects, %llu wrong frees, "
		       "%llu overwritten\n",
		       (unsigned long long)stats.large_pages,
		       (unsigned long long)stats.refused,
		       (unsigned long long)stats.damaged);
}

static void print_mappings(void)
{
	struct vm_stats stats;
	char text[SIZE_TEXT_BYTES];

	vm_get_stats(&stats);
	console_printf("Mappings: %llu, %s, %llu wrong frees\n",
		       (unsigned long long)stats.areas,
		       size_text(text, stats.bytes),
		       (unsigned long long)stats.refused);
}

static int command_meminfo(int argc, char **argv __unused)
{
	if (argc != 1)
		return -EINVAL;
	print_map(bootmem_map());
	print_pages();
	print_objects();
	print_mappings();
	return 0;
}
SHELL_COMMAND(meminfo, "", "Show memory: its map, and what is free",
	      command_meminfo);
