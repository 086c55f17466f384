/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes as what a loader hands over. The first byte says by which
 * protocol, and whether Xen answers, which then has the same bytes to say; the
 * others are memory from INFO on.
 */
#include <asm/boot.h>
#include <kernel/errno.h>
#include <kernel/virt/xen.h>
#include "fuzz.h"

#define INFO 0x9000

void *memremap(phys_addr_t phys, u64 size, enum memory_type type)
{
	(void)type;
	return fuzz_map(phys, size);
}

static struct {
	const u8 *data; /* NULL: it is not there */
	size_t size;
} xen;

int xen_hypercall_enable(void)
{
	return xen.data ? 0 : -ENODEV;
}

long xen_hypercall(unsigned number, unsigned long a, unsigned long b,
		   unsigned long c, unsigned long d, unsigned long e)
{
	struct xen_memory_map *map = (void *)b;
	void *entries = (void *)(uintptr_t)map->buffer;
	size_t room = map->nr_entries * sizeof(struct xen_e820_entry);

	(void)number, (void)a, (void)c, (void)d, (void)e;
	memcpy(entries, xen.data, MIN(room, xen.size));
	if (xen.size >= sizeof(map->nr_entries))
		memcpy(&map->nr_entries, xen.data, sizeof(map->nr_entries));
	return 0;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct boot_info bi;

	if (!size)
		return 0;
	memset(&bi, 0, sizeof(bi));
	bi.loader = "";
	fuzz_memory(INFO, data + 1, size - 1);
	xen.data = data[0] & 2 ? data + 1 : NULL;
	xen.size = size - 1;
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
