/* SPDX-License-Identifier: BSD-2-Clause */
/* VMware ESXi, Workstation, Fusion and Player. */
#include <abi/hypervisor_cpuid.h>
#include <abi/vmware/backdoor.h>
#include <abi/vmware/cpuid.h>
#include <kernel/string.h>
#include <kernel/virt/driver.h>
#include "vmware/internal.h"

#define HZ_PER_KHZ 1000

static bool has_backdoor_khz(const struct virt_evidence *ev)
{
	return virt_backdoor_is_vmwares(ev) && ev->backdoor.tsc_hz;
}

static bool has_apic_khz(const struct virt_evidence *ev)
{
	return virt_backdoor_is_vmwares(ev) && ev->backdoor.apic_hz;
}

static bool has_x2apic(const struct virt_evidence *ev)
{
	return virt_backdoor_is_vmwares(ev) &&
	       ev->backdoor.vcpu_info & BIT(VMWARE_VCPU_LEGACY_X2APIC);
}

static bool has_time(const struct virt_evidence *ev)
{
	return virt_backdoor_is_vmwares(ev) && ev->backdoor.has_time;
}

static bool has_steal_clock(const struct virt_evidence *ev)
{
	return virt_backdoor_is_vmwares(ev) && ev->backdoor.has_steal_clock;
}

static bool has_messages(const struct virt_evidence *ev)
{
	return virt_backdoor_is_vmwares(ev) && ev->backdoor.has_messages;
}

/* In the leaf, or, also where the leaf is masked, through the backdoor. */
#define VMWARE_STATED(n, r, f)                                              \
 {                                                                          \
  .name = n, .leaf = HYPERVISOR_CPUID_TIMING, .reg = VIRT_##r, .mask = ~0U, \
  .evident = f                                                              \
 }

static struct virt_feature vmware_features[] = {
	VMWARE_STATED(VIRT_FEATURE_TSC_FREQUENCY, EAX, has_backdoor_khz),
	VMWARE_STATED("apic-frequency", EBX, has_apic_khz),
	VIRT_FEATURE_EVIDENT(VMWARE_BACKDOOR, virt_backdoor_is_vmwares),
	VIRT_FEATURE_EVIDENT(VMWARE_STEAL_CLOCK, has_steal_clock),
	VIRT_FEATURE_EVIDENT(VMWARE_HOST_TIME, has_time),
	VIRT_FEATURE_EVIDENT(VMWARE_GUEST_LOG, has_messages),
	VIRT_FEATURE_EVIDENT(VMWARE_SOFT_POWER, has_messages),
	VIRT_HINT_EVIDENT(VIRT_FEATURE_X2APIC, has_x2apic),
	/* Ways to the backdoor beside the port */
	VIRT_FEATURE(VMWARE_VMMCALL, HYPERVISOR_CPUID_TIMING, ECX,
		     VMWARE_FEATURE_VMMCALL),
	VIRT_FEATURE(VMWARE_VMCALL, HYPERVISOR_CPUID_TIMING, ECX,
		     VMWARE_FEATURE_VMCALL),
	VIRT_FEATURES_END,
};

/* Of an unknown machine, which the command line had asked. */
static bool match_backdoor(const struct virt_evidence *ev,
			   struct virt_match *match)
{
	if (!virt_match_smbios(virt_backdoor_is_vmwares(ev), VIRT_MATCH_SMBIOS,
			       match))
		return false;
	match->reason = "backdoor";
	return true;
}

static bool vmware_detect(const struct virt_evidence *ev,
			  struct virt_match *match)
{
	static const char *const signatures[] = { VMWARE_SIGNATURE };
	bool in_smbios =
		str_has_prefix(ev->smbios.system_manufacturer, "VMware");

	return virt_match_signature(ev, signatures, ARRAY_SIZE(signatures),
				    match) ||
	       virt_match_smbios(in_smbios, VIRT_MATCH_SMBIOS, match) ||
	       match_backdoor(ev, match);
}

static u64 backdoor_khz(const struct virt_block *block __unused)
{
	const struct virt_evidence *ev = virt_evidence();

	return has_backdoor_khz(ev) ? ev->backdoor.tsc_hz / HZ_PER_KHZ : 0;
}

static const struct virt_tsc_source vmware_tsc[] = {
	{ virt_timing_leaf_khz, "VMware CPUID timing leaf",
	  VIRT_FEATURE_TSC_FREQUENCY },
	{ backdoor_khz, "VMware backdoor", VIRT_FEATURE_TSC_FREQUENCY },
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
