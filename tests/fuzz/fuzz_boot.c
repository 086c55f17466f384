/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes as what a loader hands over. The first byte says by which
 * protocol; the others are memory from INFO on.
 */
#include <asm/boot.h>
#include "fuzz.h"

#define INFO 0x9000

void *memremap(phys_addr_t phys, u64 size, enum memory_type type)
{
	(void)type;
	return fuzz_map(phys, size);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct boot_info bi;

	if (!size)
		return 0;
	memset(&bi, 0, sizeof(bi));
	bi.loader = "";
	fuzz_memory(INFO, data + 1, size - 1);
	if (data[0] & 1)
		multiboot2_read(INFO, &bi);
	else
		pvh_read(INFO, &bi);
	if (strnlen(bi.cmdline, sizeof(bi.cmdline)) == sizeof(bi.cmdline) ||
	    strnlen(bi.loader, 64) == 64)
		abort();
	memmap_normalize(&bi.memmap);
	for (unsigned i = 0; i < bi.memmap.count; i++) {
		const struct memmap_entry *e = &bi.memmap.entries[i];

		if (e->start >= e->end || (i && e->start < e[-1].end))
			abort();
	}
	fuzz_unmap_all();
	return 0;
}
