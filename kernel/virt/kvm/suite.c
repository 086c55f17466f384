/* SPDX-License-Identifier: BSD-2-Clause */
#include "suite.h"
#include <kernel/virt/service.h>

bool kvm_test_runs(struct selftest *t, const char *feature)
{
	if (virt_service_runs(HYPERV_TYPE_KVM, feature))
		return true;
	selftest_skip(t,
		      virt_service_offered(HYPERV_TYPE_KVM, feature)
			      ? "%s is switched off or of no use here"
			      : "%s is not offered",
		      feature);
	return false;
}
