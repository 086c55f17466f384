/* SPDX-License-Identifier: BSD-2-Clause */
/* Self-tests of KVM's steal time. */
#include "../suite_compete.h"
#include "internal.h"

static void test_steal(struct selftest *t)
{
	virt_test_steal(t, HYPERV_TYPE_KVM, KVM_STEAL);
}

static const struct selftest_case steal_cases[] = {
	{ .name = "stolen-time-is-the-time-stood-still", .run = test_steal },
	{},
};
SELFTEST_SUITE(kvm_steal, "kvm-steal", steal_cases, 0);

static void test_compete(struct selftest *t)
{
	virt_test_all_want_to_run(t, HYPERV_TYPE_KVM, KVM_STEAL);
}

static const struct selftest_case long_cases[] = {
	{ .name = "all-CPUs-want-to-run", .run = test_compete },
	{},
};
SELFTEST_SUITE(kvm_steal_long, "kvm-steal-long", long_cases, SELFTEST_MANUAL);
