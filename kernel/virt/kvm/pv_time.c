/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Steal time on arm64: how long the host did not run a CPU (Arm DEN 0057).
 *
 * Each CPU asks where the host counts for it. That is memory of the host's,
 * which is none of this kernel's RAM, so it has to be mapped: for the boot CPU
 * when the service starts, for the others by the boot CPU once all are up,
 * since a CPU that comes up cannot map anything.
 */
#define pr_fmt(fmt) "kvm: " fmt

#include <abi/arm64/pv_time.h>
#include <kernel/atomic.h>
#include <kernel/byteorder.h>
#include <kernel/cpu.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/mm/bootmem.h>
#include <kernel/mm/map.h>
#include <kernel/mm/page.h>
#include <kernel/param.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/smp.h>
#include <kernel/virt/arm64.h>
#include <kernel/virt/service.h>
#include "internal.h"

static bool no_steal;
param_bool("no-kvm-steal-time", no_steal,
	   "do not ask the host for the time it steals");

/* What the host answered on this CPU; NO_PLACE: nothing that can be. */
#define NO_PLACE 0
static DEFINE_PER_CPU(phys_addr_t, place);
/* Where that is mapped; NULL: not yet, or it makes no sense. */
static DEFINE_PER_CPU(const struct pv_time_stolen *, stolen);

/* The host writes it as one. */
static u64 pv_steal_clock(unsigned cpu)
{
	const struct pv_time_stolen *page =
		atomic_load_acquire(&per_cpu(stolen, cpu));

	return page ? le64_to_cpu(READ_ONCE(page->stolen_time)) : 0;
}

/* RAM that this kernel was given is not where a host may count. */
static bool is_own_memory(phys_addr_t start)
{
	const struct memmap *map = bootmem_map();

	for (unsigned i = 0; i < map->count; i++)
		if (memmap_is_memory(map->entries[i].type) &&
		    start < map->entries[i].end &&
		    start + sizeof(struct pv_time_stolen) >
			    map->entries[i].start)
			return true;
	return false;
}

/* Where the host counts for this CPU. 0 or -errno. */
static int ask(phys_addr_t *where)
{
	struct smccc_result r;

	smccc_call(PV_TIME_ST, 0, 0, 0, &r);
	if ((s64)r.x0 < 0)
		return -EOPNOTSUPP;
	if (r.x0 == NO_PLACE || !IS_ALIGNED(r.x0, PV_TIME_STOLEN_ALIGN) ||
	    r.x0 >= arch_phys_limit() || is_own_memory(r.x0)) {
		pr_warn("stolen time at %#llx, where it cannot be",
			(unsigned long long)r.x0);
		return -EFAULT;
	}
	*where = r.x0;
	return 0;
}

/* Hosts put what they count for all CPUs side by side. */
static const struct pv_time_stolen *map_place(phys_addr_t where)
{
	phys_addr_t page = ALIGN_DOWN(where, PAGE_SIZE);
	static phys_addr_t mapped;
	static const u8 *at;

	if (!at || page != mapped) {
		at = memremap(page, PAGE_SIZE, MEMORY_WB);
		mapped = page;
	}
	return at ? (const void *)(at + (where - page)) : NULL;
}

/* 0 or -errno, with a message. */
static int use_place(unsigned cpu)
{
	const struct pv_time_stolen *page = map_place(per_cpu(place, cpu));
	u8 byte;

	if (!page)
		return -ENOMEM;
	/* Where nobody answers it is no fault of this kernel's. */
	if (probe_read8(page, &byte)) {
		pr_warn("stolen time of CPU %u cannot be read", cpu);
		return -EFAULT;
	}
	if (page->revision || page->attributes) {
		pr_warn("stolen time of CPU %u has revision %u, attributes %#x "
			"instead of 0",
			cpu, le32_to_cpu(page->revision),
			le32_to_cpu(page->attributes));
		return -EINVAL;
	}
	/* What was checked, before others read it. */
	atomic_store_release(&per_cpu(stolen, cpu), page);
	return 0;
}

static int start_cpu(void)
{
	if (this_cpu_read(place) != NO_PLACE)
		return 0;
	return ask(this_cpu_ptr(place));
}

static int start(void)
{
	int err = start_cpu();

	return err ? err : use_place(smp_processor_id());
}

static const struct virt_service steal_service = {
	.hypervisor = HYPERV_TYPE_KVM,
	.feature = KVM_STEAL,
	.role = VIRT_ROLE_STEAL,
	.off = &no_steal,
	.start = start,
	.start_cpu = start_cpu,
};
VIRT_SERVICE(1, steal_service);

/* Time of a CPU for which the host does not count is never stolen. */
static int use_all(void)
{
	unsigned cpu;

	if (!virt_service_runs(HYPERV_TYPE_KVM, KVM_STEAL))
		return 0;
	for_each_online_cpu(cpu)
		if (!per_cpu(stolen, cpu) && per_cpu(place, cpu) != NO_PLACE)
			use_place(cpu);
	sched_set_steal_clock(pv_steal_clock);
	return 0;
}
initcall(INIT_BUS, use_all);
