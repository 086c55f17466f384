/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * QEMU when it emulates the CPU itself (TCG), or when nothing tells which
 * accelerator is behind it. It offers no paravirtual CPU interface; its
 * devices do the work.
 */
#include <abi/qemu/cpuid.h>
#include <kernel/string.h>
#include <kernel/virt/driver.h>

static struct virt_feature qemu_features[] = {
	VIRT_FEATURE_DEVICE("fw-cfg"),
	VIRT_FEATURE_DEVICE("fw-cfg-dma"),
	VIRT_FEATURE_DEVICE("pvpanic"),
	VIRT_FEATURE_DEVICE("vmgenid"),
	VIRT_FEATURES_END,
};

static bool qemu_in_smbios(const struct smbios_info *smbios)
{
	return !strcmp(smbios->system_manufacturer, "QEMU") ||
	       str_has_prefix(smbios->system_product, "Standard PC (");
}

static bool qemu_detect(const struct virt_evidence *ev,
			struct virt_match *match)
{
	static const char *const signatures[] = { QEMU_TCG_SIGNATURE };

	return virt_match_signature(ev, signatures, ARRAY_SIZE(signatures),
				    match) ||
	       virt_match_fdt(ev->fdt.fw_cfg, match) ||
	       virt_match_smbios(qemu_in_smbios(&ev->smbios), VIRT_MATCH_SMBIOS,
				 match);
}

static const struct hypervisor qemu = {
	.name = "QEMU",
	.type = HYPERV_TYPE_QEMU,
	/* Between firmware strings, the hypervisor QEMU works for wins. */
	.priority = 20,
	.detect = qemu_detect,
	.features = qemu_features,
};
HYPERVISOR(qemu);
