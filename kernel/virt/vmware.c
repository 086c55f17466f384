/* SPDX-License-Identifier: BSD-2-Clause */
/* VMware ESXi, Workstation, Fusion and Player. */
#include <abi/hypervisor_cpuid.h>
#include <abi/vmware/cpuid.h>
#include <kernel/string.h>
#include <kernel/virt/driver.h>

static struct virt_feature vmware_features[] = {
	VIRT_FEATURE_VALUE(VIRT_FEATURE_TSC_FREQUENCY, HYPERVISOR_CPUID_TIMING,
			   EAX),
	VIRT_FEATURE_VALUE("apic-frequency", HYPERVISOR_CPUID_TIMING, EBX),
	VIRT_FEATURE("vmmcall", HYPERVISOR_CPUID_TIMING, ECX,
		     VMWARE_FEATURE_VMMCALL),
	VIRT_FEATURE("vmcall", HYPERVISOR_CPUID_TIMING, ECX,
		     VMWARE_FEATURE_VMCALL),
	VIRT_FEATURES_END,
};

static bool vmware_detect(const struct virt_evidence *ev,
			  struct virt_match *match)
{
	static const char *const signatures[] = { VMWARE_SIGNATURE };
	bool in_smbios =
		str_has_prefix(ev->smbios.system_manufacturer, "VMware");

	return virt_match_signature(ev, signatures, ARRAY_SIZE(signatures),
				    match) ||
	       virt_match_smbios(in_smbios, VIRT_MATCH_SMBIOS, match);
}

static const struct virt_tsc_source vmware_tsc[] = {
	{ virt_timing_leaf_khz, "VMware CPUID timing leaf",
	  VIRT_FEATURE_TSC_FREQUENCY },
	{},
};

static const struct hypervisor vmware = {
	.name = "VMware",
	.type = HYPERV_TYPE_VMWARE,
	.priority = 70,
	.detect = vmware_detect,
	.features = vmware_features,
	.tsc = vmware_tsc,
};
HYPERVISOR(vmware);
