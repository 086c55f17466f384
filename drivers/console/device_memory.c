/* SPDX-License-Identifier: BSD-2-Clause */
#include <kernel/mm/bootmem.h>
#include "device_memory.h"

bool device_memory_plausible(phys_addr_t start, u64 size)
{
	const struct memmap *map = bootmem_map();

	if (!start || !size || start > UINT64_MAX - size)
		return false;
	for (unsigned i = 0; i < map->count; i++) {
		const struct memmap_entry *entry = &map->entries[i];

		/* Firmware reserves what belongs to devices. */
		if (entry->type == MEMMAP_RESERVED)
			continue;
		if (entry->start < start + size && start < entry->end)
			return false;
	}
	return true;
}
