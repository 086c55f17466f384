/* SPDX-License-Identifier: BSD-2-Clause */
/* bhyve, of FreeBSD and illumos. */
#include <abi/bhyve/cpuid.h>
#include <kernel/string.h>
#include <kernel/virt/driver.h>

static struct virt_feature bhyve_features[] = {
	VIRT_FEATURE(VIRT_FEATURE_EXTENDED_IDS, BHYVE_CPUID_FEATURES, EAX,
		     BHYVE_FEATURE_EXT_DEST_ID),
	VIRT_FEATURES_END,
};

static bool bhyve_in_smbios(const struct smbios_info *smbios)
{
	return !strcmp(smbios->system_product, "BHYVE") ||
	       !strcmp(smbios->bios_vendor, "BHYVE");
}

static bool bhyve_detect(const struct virt_evidence *ev,
			 struct virt_match *match)
{
	static const char *const signatures[] = { BHYVE_SIGNATURE };

	return virt_match_signature(ev, signatures, ARRAY_SIZE(signatures),
				    match) ||
	       virt_match_smbios(bhyve_in_smbios(&ev->smbios),
				 VIRT_MATCH_SMBIOS, match);
}

static const struct hypervisor bhyve = {
	.name = "bhyve",
	.type = HYPERV_TYPE_BHYVE,
	.priority = 40,
	.detect = bhyve_detect,
	.features = bhyve_features,
};
HYPERVISOR(bhyve);
