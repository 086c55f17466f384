/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupts from CPU to CPU: one hypercall for up to 4096 of them; to virtual
 * processors below 64 without memory.
 */
#include <kernel/atomic.h>
#include <kernel/cpu.h>
#include <kernel/errno.h>
#include <kernel/param.h>
#include <kernel/virt/x86.h>
#include "internal.h"

static bool no_ipi;
param_bool("no-hv-cluster-ipi", no_ipi, "send no IPIs by Hyper-V's hypercalls");

static bool has_sets;
static u64 calls;

int hv_ipi_by_bits(const struct cpumask *mask, unsigned vector)
{
	u64 bits;

	if (!hv_vp_bits(mask, &bits))
		return -ERANGE;
	return hv_call_fast(HV_CALL_SEND_SYNTHETIC_CLUSTER_IPI, vector, bits);
}

static int send_set(struct hv_send_ipi_ex *input, const struct cpumask *mask,
		    unsigned vector)
{
	int banks;

	if (!input)
		return -ENODEV;
	*input = (struct hv_send_ipi_ex){ .vector = vector };
	banks = hv_vp_set_fill(&input->vp_set, mask);
	if (banks < 0)
		return banks;
	return hv_call(HV_CALL_SEND_SYNTHETIC_CLUSTER_IPI_EX, (unsigned)banks);
}

int hv_ipi_by_set(const struct cpumask *mask, unsigned vector)
{
	unsigned long irq;
	int err;

	if (!has_sets)
		return -ENOSYS;
	irq = local_irq_save();
	err = send_set(hv_call_input(), mask, vector);
	local_irq_restore(irq);
	return err;
}

/*
 * A hypercall leaves the guest, so that earlier stores are seen. The calls
 * know fixed interrupts only. What they do not take is sent by the APIC.
 */
void hv_ipi_send_mask(const struct cpumask *mask, enum ipi_kind kind);
void hv_ipi_send_mask(const struct cpumask *mask, enum ipi_kind kind)
{
	unsigned vector = arch_ipi_command(kind) & HV_IPI_VECTOR_LAST;
	int err = -ENOSYS;

	if (kind != IPI_NMI) {
		err = hv_ipi_by_bits(mask, vector);
		if (err == -ERANGE)
			err = hv_ipi_by_set(mask, vector);
	}
	if (err)
		native_ipi_send_mask(mask, kind);
	else
		atomic_fetch_add_relaxed(&calls, (u64)1);
}

u64 hv_ipi_calls(void)
{
	return atomic_read(&calls);
}

static int start(void)
{
	if (!hv_runs(HV_HYPERCALLS))
		return -ENODEV;
	has_sets = hv_offers("ex-processor-masks");
	return static_call_update(ipi_send_mask, hv_ipi_send_mask);
}

static const struct virt_service ipi_service = {
	.hypervisor = HYPERV_TYPE_HYPERV,
	.feature = HV_CLUSTER_IPI,
	.role = VIRT_ROLE_IPI,
	.requires = HV_VP_INDEX,
	.off = &no_ipi,
	.start = start,
};
VIRT_SERVICE(5, ipi_service);
