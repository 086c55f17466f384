/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a PC's chipset forwards addresses to PCI. Firmware says so in AML,
 * which this kernel does not read; what follows is true of every machine that
 * hypervisors present.
 */
#include <kernel/device_space.h>
#include <kernel/mm/bootmem.h>
#include <kernel/mm/map.h>
#include <kernel/numa.h>

#define GIB 0x40000000ULL
#define MIB 0x100000ULL

/* From here to 4 GiB are I/O APICs, HPETs, local APICs, TPMs and firmware. */
#define HOLE_END 0xfec00000ULL
/* Machines whose memory ends far below it decode PCI only from here on. */
#define HOLE_USUAL (3 * GIB)
/* ISA devices and chipsets have no ports from here on. */
#define PORTS_START 0xc000
#define PORTS_END   0x10000

/* The end of RAM below @limit. */
static u64 ram_end(u64 limit)
{
	const struct memmap *map = bootmem_map();
	u64 end = 0;

	for (unsigned i = 0; i < map->count; i++) {
		const struct memmap_entry *e = &map->entries[i];

		if (e->start < limit && memmap_is_memory(e->type))
			end = MAX(end, MIN(e->end, limit));
	}
	return end;
}

bool arch_device_space(unsigned n, u64 *start, u64 *end)
{
	u64 high = MAX(ram_end(arch_phys_limit()), numa_memory_end());
	u64 low = ALIGN_UP(MAX(ram_end(HOLE_END), 16 * MIB), 16 * MIB);

	switch (n) {
	case 0:
		*start = MAX(low, HOLE_USUAL);
		*end = HOLE_END;
		return true;
	case 1:
		*start = low;
		*end = MAX(low, HOLE_USUAL);
		return true;
	case 2:
		*end = arch_phys_limit();
		*start = ALIGN_UP(MAX(high, 4 * GIB), GIB);
		return true;
	default: return false;
	}
}

bool arch_port_space(u64 *start, u64 *end)
{
	*start = PORTS_START;
	*end = PORTS_END;
	return true;
}

bool arch_port_memory(u64 port __unused, u64 size __unused,
		      phys_addr_t *memory __unused)
{
	return false;
}
