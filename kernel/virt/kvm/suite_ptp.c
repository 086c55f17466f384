/* SPDX-License-Identifier: BSD-2-Clause */
/* Self-tests of the host's wall clock beside the counter. */
#include <abi/kvm/smccc.h>
#include <kernel/sched.h>
#include <kernel/selftest.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <kernel/virt/service.h>
#include "internal.h"
#include "ptp.h"
#include "suite.h"

#define APART_NS       (50 * NSEC_PER_MSEC)
#define RATE_TOLERANCE 100U /* one part in as many */
/* Somebody may set the host's clock in between. */
#define MEASUREMENTS 5
/* Between two calls; the host may run others meanwhile. */
#define CLOSE_NS (5 * NSEC_PER_SEC)

static u64 ticks_to_ns(u64 ticks)
{
	u64 khz = time_counter_khz();

	return ticks / khz * NSEC_PER_MSEC + ticks % khz * NSEC_PER_MSEC / khz;
}

/* From one pair to another both clocks have gone on by the same. */
static bool rates_agree(struct selftest *t, unsigned counter)
{
	struct kvm_ptp first, second;
	u64 wall, counted;

	if (!EXPECT_EQ(t, kvm_ptp_read(counter, &first), 0))
		return false;
	thread_sleep_ns(APART_NS);
	if (!EXPECT_EQ(t, kvm_ptp_read(counter, &second), 0))
		return false;
	wall = second.wall_ns - first.wall_ns;
	counted = ticks_to_ns(second.ticks - first.ticks);
	selftest_note(t, "the host's clock %llu ns, the counter %llu ns",
		      (unsigned long long)wall, (unsigned long long)counted);
	return wall >= counted - counted / RATE_TOLERANCE &&
	       wall <= counted + counted / RATE_TOLERANCE;
}

static bool expect_rates(struct selftest *t, unsigned counter)
{
	bool agree = false;

	for (unsigned i = 0; i < MEASUREMENTS && !agree && !selftest_failed(t);
	     i++)
		agree = rates_agree(t, counter);
	return EXPECT(t, agree);
}

static void test_virtual(struct selftest *t)
{
	if (kvm_test_runs(t, KVM_PTP) && expect_rates(t, KVM_PTP_VIRT_COUNTER))
		virt_service_verified(HYPERV_TYPE_KVM, KVM_PTP);
}

static void test_physical(struct selftest *t)
{
	struct kvm_ptp by_virtual, by_physical;

	if (!kvm_test_runs(t, KVM_PTP))
		return;
	if (kvm_ptp_read(KVM_PTP_PHYS_COUNTER, &by_physical)) {
		selftest_skip(t, "the host does not pair that counter");
		return;
	}
	expect_rates(t, KVM_PTP_PHYS_COUNTER);
	EXPECT_EQ(t, kvm_ptp_read(KVM_PTP_PHYS_COUNTER, &by_physical), 0);
	EXPECT_EQ(t, kvm_ptp_read(KVM_PTP_VIRT_COUNTER, &by_virtual), 0);
	EXPECT(t, by_virtual.wall_ns - by_physical.wall_ns < CLOSE_NS);
}

static void test_wall_clock(struct selftest *t)
{
	const char *from = virt_test_wall_clock(t, HYPERV_TYPE_KVM, KVM_PTP);

	if (from)
		EXPECT(t, !strcmp(from, "kvm-ptp"));
}

static const struct selftest_case ptp_cases[] = {
	{ .name = "host's-clock-goes-with-the-virtual-counter",
	  .run = test_virtual },
	{ .name = "host's-clock-goes-with-the-physical-counter",
	  .run = test_physical },
	{ .name = "tells-the-time-of-day", .run = test_wall_clock },
	{},
};
SELFTEST_SUITE(kvm_ptp, "kvm-ptp", ptp_cases, 0);
