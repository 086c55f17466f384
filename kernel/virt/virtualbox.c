/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Oracle VirtualBox. What CPUID says depends on its paravirtualization
 * provider, down to KVM's own signature, so its firmware is the best witness:
 * <abi/vbox/cpuid.h> has the shapes.
 */
#include <abi/hypervisor_cpuid.h>
#include <abi/vbox/cpuid.h>
#include <kernel/string.h>
#include <kernel/virt/driver.h>

static struct virt_feature vbox_features[] = {
	VIRT_FEATURE_VALUE(VIRT_FEATURE_TSC_FREQUENCY, HYPERVISOR_CPUID_TIMING,
			   EAX),
	VIRT_FEATURE_VALUE("apic-frequency", HYPERVISOR_CPUID_TIMING, EBX),
	VIRT_FEATURES_END,
};

static bool vbox_in_smbios(const struct smbios_info *smbios)
{
	return !strcmp(smbios->system_product, "VirtualBox") ||
	       !strcmp(smbios->board_product, "VirtualBox") ||
	       !strcmp(smbios->system_manufacturer, "innotek GmbH");
}

/* The provider "minimal" has no signature at all. */
static bool match_nameless(const struct virt_evidence *ev,
			   struct virt_match *match)
{
	static const char none[VIRT_SIGNATURE_BYTES];

	match->block = virt_find_signature(ev, none);
	if (match->block == VIRT_NO_BLOCK)
		return false;
	match->opaque = false;
	match->reason = "SMBIOS, nameless CPUID block";
	return true;
}

static bool vbox_detect(const struct virt_evidence *ev,
			struct virt_match *match)
{
	static const char *const signatures[] = { VBOX_SIGNATURE };
	bool signed_block = virt_match_signature(ev, signatures,
						 ARRAY_SIZE(signatures), match);

	if (!vbox_in_smbios(&ev->smbios))
		return signed_block;
	if (signed_block)
		match->reason = "SMBIOS, CPUID signature";
	else if (!match_nameless(ev, match))
		virt_match_smbios(true, VIRT_MATCH_IMPERSONATOR, match);
	match->strength = VIRT_MATCH_IMPERSONATOR;
	return true;
}

static const struct virt_tsc_source virtualbox_tsc[] = {
	{ virt_timing_leaf_khz, "VirtualBox CPUID timing leaf",
	  VIRT_FEATURE_TSC_FREQUENCY },
	{},
};

static const struct hypervisor virtualbox = {
	.name = "VirtualBox",
	.type = HYPERV_TYPE_VIRTUALBOX,
	.priority = 60,
	.detect = vbox_detect,
	.features = vbox_features,
	.tsc = virtualbox_tsc,
};
HYPERVISOR(virtualbox);
