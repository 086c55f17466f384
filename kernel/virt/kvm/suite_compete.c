/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Self-tests of what KVM does for guests whose CPUs compete for the host's,
 * beside counting.
 */
#include "../suite_compete.h"
#include "internal.h"

static void test_tlb(struct selftest *t)
{
	virt_test_flush(t, HYPERV_TYPE_KVM, KVM_TLB_FLUSH,
			kvm_tlb_left_to_host);
}

static void test_yield(struct selftest *t)
{
	if (kvm_hypercalls_return())
		virt_test_yield(t, HYPERV_TYPE_KVM, KVM_YIELD, kvm_ipi_yields);
	else
		selftest_skip(t, "hypercalls do not return");
}

static void test_preempted_holder(struct selftest *t)
{
	if (kvm_hypercalls_return())
		virt_test_preempted_holder(t, HYPERV_TYPE_KVM, KVM_UNHALT);
	else
		selftest_skip(t, "hypercalls do not return");
}

static const struct selftest_case compete_cases[] = {
	{ .name = "flush-of-a-CPU-that-does-not-run-is-in-time",
	  .run = test_tlb },
	{ .name = "caller-yields-to-who-does-not-run", .run = test_yield },
	{ .name = "waiters-for-a-lock-whose-holder-does-not-run-halt",
	  .run = test_preempted_holder },
	{},
};
SELFTEST_SUITE(kvm_compete, "kvm-compete", compete_cases, 0);
