/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The memory map by hypercall, for Xen's dom0: what starts it (as of 4.17)
 * gives the oldest start info, which has none.
 */
#define pr_fmt(fmt) "pvh: " fmt

#include <asm/boot.h>
#include <kernel/printk.h>
#include <kernel/virt/xen.h>

/* On the boot stack. Xen gives as many as there is room for. */
#define ENTRIES_MAX 128

void pvh_read_xen_memmap(struct boot_info *bi)
{
	struct xen_e820_entry entries[ENTRIES_MAX] = { 0 };
	struct xen_memory_map map = {
		.nr_entries = ENTRIES_MAX,
		.buffer = (uintptr_t)entries,
	};

	if (xen_hypercall_enable() || xen_memory_op(XENMEM_memory_map, &map))
		return;
	if (map.nr_entries > ENTRIES_MAX) {
		pr_warn("Xen claims %u memory map entries: %u used",
			map.nr_entries, ENTRIES_MAX);
		map.nr_entries = ENTRIES_MAX;
	}
	for (u32 i = 0; i < map.nr_entries; i++)
		boot_add_e820(bi, entries[i].addr, entries[i].size,
			      entries[i].type);
}
