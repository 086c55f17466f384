/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The host's wall clock on arm64, together with the counter's value of that
 * moment: Linux, ptp_kvm.rst. A host whose own clock is not the counter knows
 * no such pair and says so.
 */
#define pr_fmt(fmt) "kvm: " fmt

#include <abi/kvm/smccc.h>
#include <kernel/errno.h>
#include <kernel/param.h>
#include <kernel/time.h>
#include <kernel/virt/arm64.h>
#include <kernel/virt/service.h>
#include <kernel/wallclock.h>
#include "internal.h"
#include "ptp.h"

/* Above what firmware knows: see clock.c. */
#define RATING_WALL_PAIRED 210

/* A guest may be moved to another host between question and answer. */
#define TRIES_MAX 3

static bool no_ptp;
param_bool("no-kvm-ptp", no_ptp, "do not ask the host for its wall clock");

static u64 join(u64 high, u64 low)
{
	return (u64)(u32)high << 32 | (u32)low;
}

/* The moment is between question and answer, or the pair is none. */
static int read_once(unsigned counter, u64 (*read)(void), struct kvm_ptp *pair)
{
	u64 before = read();
	struct smccc_result r;

	smccc_call(KVM_SMCCC_PTP, counter, 0, 0, &r);
	/* The upper half of a time after 2262 is none. */
	if ((s32)r.x0 < 0)
		return -EOPNOTSUPP;
	pair->wall_ns = join(r.x0, r.x1);
	pair->ticks = join(r.x2, r.x3);
	if (pair->wall_ns < NSEC_PER_SEC || pair->ticks < before ||
	    pair->ticks > read())
		return -EIO;
	return 0;
}

int kvm_ptp_read(unsigned counter, struct kvm_ptp *pair)
{
	u64 (*read)(void) = counter == KVM_PTP_PHYS_COUNTER
				    ? virt_physical_counter
				    : virt_counter;
	int err = -EIO;

	for (unsigned i = 0; err == -EIO && i < TRIES_MAX; i++)
		err = read_once(counter, read, pair);
	return err;
}

static int start(void)
{
	struct kvm_ptp pair;

	return kvm_ptp_read(KVM_PTP_VIRT_COUNTER, &pair);
}

static const struct virt_service ptp_service = {
	.hypervisor = HYPERV_TYPE_KVM,
	.feature = KVM_PTP,
	.off = &no_ptp,
	.start = start,
};
VIRT_SERVICE(2, ptp_service);

static int ptp_wall_read(u64 *ns)
{
	u64 khz = time_counter_khz(), passed;
	struct kvm_ptp pair;

	if (!khz || !virt_service_runs(HYPERV_TYPE_KVM, KVM_PTP) ||
	    kvm_ptp_read(KVM_PTP_VIRT_COUNTER, &pair))
		return -ENODEV;
	passed = virt_counter() - pair.ticks;
	*ns = pair.wall_ns + passed / khz * NSEC_PER_MSEC +
	      passed % khz * NSEC_PER_MSEC / khz;
	return 0;
}

static const struct wallclock kvm_ptp_wall = {
	.name = "kvm-ptp",
	.rating = RATING_WALL_PAIRED,
	.read = ptp_wall_read,
};
WALLCLOCK(kvm_ptp_wall);
