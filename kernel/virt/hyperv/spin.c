/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Waiting for spinlocks: after as many tries as the host recommends it is told
 * that this CPU waits for another one, which it may let run instead ("Guest
 * Spinlocks"). Nobody has to be kicked.
 */
#include <abi/hyperv/cpuid.h>
#include <kernel/atomic.h>
#include <kernel/errno.h>
#include <kernel/param.h>
#include <kernel/percpu.h>
#include <kernel/smp.h>
#include <kernel/spin_pv.h>
#include <kernel/virt/driver.h>
#include <kernel/virt/x86.h>
#include "internal.h"

/* Tries that are believed: more would be as good as never. */
#define TRIES_MIN 16
#define TRIES_MAX (1U << 20)

static bool no_spin;
param_bool("no-hv-spin-wait-notification", no_spin,
	   "do not tell Hyper-V's interface of long waits for locks");

static struct spin_pv_ops spin;
static DEFINE_PER_CPU(u64, waits);

static void hv_spin_wait(const u8 *byte, u8 value)
{
	if (atomic_read(byte) != value)
		return;
	this_cpu_add(waits, 1);
	hv_call_fast(HV_CALL_NOTIFY_LONG_SPIN_WAIT, spin.tries, 0);
}

static void hv_spin_kick(unsigned cpu __unused)
{
}

u64 hv_spin_waits(void)
{
	unsigned cpu;
	u64 sum = 0;

	for_each_online_cpu(cpu)
		sum += READ_ONCE(per_cpu(waits, cpu));
	return sum;
}

/* How often to look for a lock before the host is told, as it recommends. */
static u32 recommended_tries(void)
{
	const struct virt_detection *d = virt_detection();

	for (unsigned i = 0; i < d->count; i++) {
		const struct virt_block *block =
			virt_found_block(virt_evidence(), &d->found[i]);

		if (block && virt_block_is_hyperv(block))
			return block->leaf[HV_CPUID_RECOMMENDATIONS].ebx;
	}
	return HV_SPIN_NEVER;
}

static int start(void)
{
	spin = (struct spin_pv_ops){
		.wait = hv_spin_wait,
		.kick = hv_spin_kick,
		.tries = MIN(MAX(recommended_tries(), TRIES_MIN), TRIES_MAX),
	};
	return spin_pv_init(&spin);
}

static const struct virt_service spin_service = {
	.hypervisor = HYPERV_TYPE_HYPERV,
	.feature = HV_SPIN_WAIT,
	.role = VIRT_ROLE_SPIN,
	.requires = HV_HYPERCALLS,
	.off = &no_spin,
	.start = start,
};
VIRT_SERVICE(5, spin_service);
