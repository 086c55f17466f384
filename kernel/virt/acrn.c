/* SPDX-License-Identifier: BSD-2-Clause */
/* ACRN, a hypervisor for embedded machines. */
#include <abi/acrn/cpuid.h>
#include <abi/hypervisor_cpuid.h>
#include <kernel/virt/driver.h>

static struct virt_feature acrn_features[] = {
	VIRT_FEATURE_VALUE(VIRT_FEATURE_TSC_FREQUENCY, HYPERVISOR_CPUID_TIMING,
			   EAX),
	VIRT_HINT("privileged-vm", ACRN_CPUID_FEATURES, EAX,
		  ACRN_FEATURE_PRIVILEGED_VM),
	VIRT_FEATURES_END,
};

static bool acrn_detect(const struct virt_evidence *ev,
			struct virt_match *match)
{
	static const char *const signatures[] = { ACRN_SIGNATURE };

	return virt_match_signature(ev, signatures, ARRAY_SIZE(signatures),
				    match);
}

static const struct virt_tsc_source acrn_tsc[] = {
	{ virt_timing_leaf_khz, "ACRN CPUID timing leaf",
	  VIRT_FEATURE_TSC_FREQUENCY },
	{},
};

static const struct hypervisor acrn = {
	.name = "ACRN",
	.type = HYPERV_TYPE_ACRN,
	.priority = 30,
	.detect = acrn_detect,
	.features = acrn_features,
	.tsc = acrn_tsc,
};
HYPERVISOR(acrn);
