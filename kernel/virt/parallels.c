/* SPDX-License-Identifier: BSD-2-Clause */
/* Parallels Desktop. What its CPUID leaves offer is not published. */
#include <abi/parallels/cpuid.h>
#include <kernel/string.h>
#include <kernel/virt/driver.h>

static bool parallels_detect(const struct virt_evidence *ev,
			     struct virt_match *match)
{
	static const char *const signatures[] = {
		PARALLELS_SIGNATURE,
		PARALLELS_SIGNATURE_PADDED,
		PARALLELS_SIGNATURE_SWAPPED,
		PARALLELS_SIGNATURE_SWAPPED_1,
	};
	bool in_smbios =
		str_has_prefix(ev->smbios.system_manufacturer, "Parallels") ||
		str_has_prefix(ev->smbios.system_product, "Parallels");

	return virt_match_signature(ev, signatures, ARRAY_SIZE(signatures),
				    match) ||
	       virt_match_smbios(in_smbios, VIRT_MATCH_SMBIOS, match);
}

static const struct hypervisor parallels = {
	.name = "Parallels",
	.type = HYPERV_TYPE_PARALLELS,
	.priority = 50,
	.detect = parallels_detect,
};
HYPERVISOR(parallels);
