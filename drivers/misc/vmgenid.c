/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The generation of a virtual machine, for the random generator, which looks
 * at it with each draw. Who learns by an interrupt that it changed has it
 * looked at at once: random_look_for_copy().
 */
#include <kernel/errno.h>
#include <kernel/mm/bootmem.h>
#include <kernel/mm/map.h>
#include <kernel/printk.h>
#include <kernel/random.h>
#include <kernel/virt/feature.h>
#include "vmgenid.h"

static struct {
	const volatile u64 *id; /* stays mapped: a CPU may just look at it */
	phys_addr_t address;
	bool used;
} generation;

/*
 * The map of the memory must say that it is memory, and that it is not free:
 * what changes by itself there would be a device, or somebody else's.
 */
static bool is_set_aside(phys_addr_t start)
{
	const struct memmap *map = bootmem_map();

	for (unsigned i = 0; i < map->count; i++) {
		const struct memmap_entry *e = &map->entries[i];

		if (e->start <= start && start < e->end)
			return e->type != MEMMAP_RAM &&
			       e->type != MEMMAP_UNUSABLE &&
			       e->end - start >= VMGENID_SIZE;
	}
	return false;
}

static bool map(phys_addr_t address)
{
	if (generation.id && generation.address == address)
		return true;
	generation.id = memremap(address, VMGENID_SIZE, MEMORY_WB);
	generation.address = address;
	return generation.id;
}

int vmgenid_add(const char *name, phys_addr_t address)
{
	if (generation.used)
		return -EBUSY;
	if (address % VMGENID_ALIGN || !is_set_aside(address)) {
		pr_warn("%s: no generation can be at %#llx: not used", name,
			(unsigned long long)address);
		return -EINVAL;
	}
	if (!map(address))
		return -ENOMEM;
	generation.used = true;
	random_watch_for_copies(generation.id);
	pr_info("%s: random numbers are renewed when this machine is copied",
		name);
	virt_feature_add_state(HYPERV_TYPE_QEMU, "vmgenid",
			       VIRT_OFFERED | VIRT_ENABLED);
	return 0;
}

void vmgenid_remove(void)
{
	random_watch_for_copies(NULL);
	generation.used = false;
}

phys_addr_t vmgenid_read(u8 id[VMGENID_SIZE])
{
	const volatile u8 *bytes = (const volatile u8 *)generation.id;

	if (!generation.used)
		return 0;
	for (unsigned i = 0; i < VMGENID_SIZE; i++)
		id[i] = bytes[i];
	return generation.address;
}
