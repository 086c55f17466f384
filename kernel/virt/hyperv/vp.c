/* SPDX-License-Identifier: BSD-2-Clause */
/* Virtual processors: their indices, which are not CPU numbers, and sets. */
#define pr_fmt(fmt) "hyperv: " fmt

#include <kernel/errno.h>
#include <kernel/param.h>
#include <kernel/percpu.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <kernel/virt/x86.h>
#include "internal.h"

static bool no_index;
param_bool("no-hv-vp-index", no_index,
	   "neither IPIs nor remote flushes by Hyper-V's hypercalls");

static DEFINE_PER_CPU(u32, index_plus_1); /* 0: none that can be used */

u32 hv_vp_index(unsigned cpu)
{
	/* 0 becomes HV_VP_NONE. */
	return READ_ONCE(per_cpu(index_plus_1, cpu)) - 1;
}

/* By a CPU that is up; those that come up later look for themselves. */
static bool is_taken(u32 index)
{
	unsigned cpu;

	for_each_online_cpu(cpu)
		if (cpu != smp_processor_id() && hv_vp_index(cpu) == index)
			return true;
	return false;
}

static int start_cpu(void)
{
	u64 index;

	this_cpu_write(index_plus_1, 0);
	if (virt_rdmsr(HV_X64_MSR_VP_INDEX, &index))
		return -EIO;
	if (index > HV_VP_INDEX_MAX || is_taken((u32)index)) {
		pr_warn("CPU %u cannot be virtual processor %llu: it is "
			"interrupted and flushed without hypercalls",
			smp_processor_id(), (unsigned long long)index);
		return -ERANGE;
	}
	this_cpu_write(index_plus_1, (u32)index + 1);
	return 0;
}

static const struct virt_service index_service = {
	.hypervisor = HYPERV_TYPE_HYPERV,
	.feature = HV_VP_INDEX,
	.off = &no_index,
	.start_cpu = start_cpu,
};
VIRT_SERVICE(4, index_service);

bool hv_vp_bits(const struct cpumask *mask, u64 *bits)
{
	unsigned cpu;

	*bits = 0;
	for_each_cpu(cpu, mask) {
		u32 index = hv_vp_index(cpu);

		if (index >= HV_VPS_PER_BANK)
			return false;
		*bits |= BIT64(index);
	}
	return true;
}

int hv_vp_set_fill(struct hv_vp_set *set, const struct cpumask *mask)
{
	u64 banks[HV_VP_SET_BANKS] = { 0 };
	unsigned cpu, count = 0;

	for_each_cpu(cpu, mask) {
		u32 index = hv_vp_index(cpu);

		if (index == HV_VP_NONE)
			return -ERANGE;
		banks[index / HV_VPS_PER_BANK] |=
			BIT64(index % HV_VPS_PER_BANK);
	}
	set->format = HV_VP_SET_SPARSE_4K;
	set->valid_banks = 0;
	for (unsigned i = 0; i < HV_VP_SET_BANKS; i++) {
		if (!banks[i])
			continue;
		set->valid_banks |= BIT64(i);
		set->bank_contents[count++] = banks[i];
	}
	return (int)count;
}
