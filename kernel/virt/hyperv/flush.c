/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Flushing the TLBs of other CPUs by one hypercall, which need not wait for
 * those that do not run.
 */
#include <kernel/atomic.h>
#include <kernel/cpu.h>
#include <kernel/errno.h>
#include <kernel/mm/page.h>
#include <kernel/param.h>
#include <kernel/smp.h>
#include <kernel/string.h>
#include <kernel/virt/x86.h>
#include "internal.h"

/* Policy: above it all translations are dropped, as the CPU's own code does. */
#define RANGES_MAX 16

static bool no_flush;
param_bool("no-hv-remote-flush", no_flush,
	   "flush no TLBs by Hyper-V's hypercalls");

static bool has_sets;
static u64 calls;

/* The list for [@start, @end): how many elements, 0: everything. */
static unsigned fill_list(u64 *list, uintptr_t start, uintptr_t end)
{
	u64 first = start & ~(u64)(PAGE_SIZE - 1);
	u64 pages = (end - first + PAGE_SIZE - 1) / PAGE_SIZE;
	unsigned count = 0;

	if (pages > RANGES_MAX * HV_GVA_RANGE_PAGES)
		return 0;
	for (; pages; count++) {
		u64 now = MIN(pages, HV_GVA_RANGE_PAGES);

		list[count] = first | (now - 1);
		first += now * PAGE_SIZE;
		pages -= now;
	}
	return count;
}

static int call(u16 all, u16 by_list, unsigned variable, u64 *list,
		uintptr_t start, uintptr_t end)
{
	unsigned count = fill_list(list, start, end);

	if (!count)
		return hv_call(all, variable);
	return hv_call_list(by_list, variable, count);
}

static int flush_bits(struct hv_flush *input, const struct cpumask *mask,
		      uintptr_t start, uintptr_t end)
{
	if (!input)
		return -ENODEV;
	*input = (struct hv_flush){
		.flags = HV_FLUSH_ALL_VIRTUAL_ADDRESS_SPACES,
	};
	if (!hv_vp_bits(mask, &input->processor_mask))
		return -ERANGE;
	return call(HV_CALL_FLUSH_VIRTUAL_ADDRESS_SPACE,
		    HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST, 0, (u64 *)(input + 1),
		    start, end);
}

static int flush_set(struct hv_flush_ex *input, const struct cpumask *mask,
		     uintptr_t start, uintptr_t end)
{
	int banks;

	if (!input)
		return -ENODEV;
	*input = (struct hv_flush_ex){
		.flags = HV_FLUSH_ALL_VIRTUAL_ADDRESS_SPACES,
	};
	banks = hv_vp_set_fill(&input->vp_set, mask);
	if (banks < 0)
		return banks;
	return call(HV_CALL_FLUSH_VIRTUAL_ADDRESS_SPACE_EX,
		    HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST_EX, (unsigned)banks,
		    input->vp_set.bank_contents + banks, start, end);
}

int hv_flush_by_bits(const struct cpumask *mask, uintptr_t start, uintptr_t end)
{
	unsigned long irq = local_irq_save();
	int err = flush_bits(hv_call_input(), mask, start, end);

	local_irq_restore(irq);
	return err;
}

int hv_flush_by_set(const struct cpumask *mask, uintptr_t start, uintptr_t end)
{
	unsigned long irq;
	int err;

	if (!has_sets)
		return -ENOSYS;
	irq = local_irq_save();
	err = flush_set(hv_call_input(), mask, start, end);
	local_irq_restore(irq);
	return err;
}

void hv_flush_tlb_others(uintptr_t start, uintptr_t end);
void hv_flush_tlb_others(uintptr_t start, uintptr_t end)
{
	struct cpumask others = cpu_online_mask;
	int err;

	cpumask_clear(&others, smp_processor_id());
	err = hv_flush_by_bits(&others, start, end);
	if (err == -ERANGE)
		err = hv_flush_by_set(&others, start, end);
	if (err)
		native_flush_tlb_mask(&others, start, end);
	else
		atomic_fetch_add_relaxed(&calls, (u64)1);
}

u64 hv_flush_calls(void)
{
	return atomic_read(&calls);
}

static int start(void)
{
	if (!hv_runs(HV_HYPERCALLS))
		return -ENODEV;
	has_sets = hv_offers("ex-processor-masks");
	return static_call_update(flush_tlb_others, hv_flush_tlb_others);
}

static const struct virt_service flush_service = {
	.hypervisor = HYPERV_TYPE_HYPERV,
	.feature = HV_REMOTE_FLUSH,
	.role = VIRT_ROLE_TLB_FLUSH,
	.requires = HV_VP_INDEX,
	.off = &no_flush,
	.start = start,
};
VIRT_SERVICE(5, flush_service);
