/* SPDX-License-Identifier: BSD-2-Clause */
/* Between the self-tests of KVM's services. */
#pragma once

#include "../suite.h"

/** True if there is a service for @feature to test; else @t is skipped. */
static inline bool kvm_test_runs(struct selftest *t, const char *feature)
{
	return virt_test_runs(t, HYPERV_TYPE_KVM, feature);
}
