/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * QEMU when it emulates the CPU itself (TCG), or when nothing tells which
 * accelerator is behind it. It offers no paravirtual CPU interface; its
 * devices do the work.
 */
#include <abi/qemu/cpuid.h>
#include <kernel/string.h>
#include <kernel/virt/driver.h>

#define HZ_PER_KHZ 1000

/*
 * QEMU answers some commands of VMware's backdoor (-machine vmport=on), with
 * VMware's magic number: that is a device of QEMU's, not VMware. So these are
 * hints: they do not make paravirtualization available.
 */
static bool has_vmport(const struct virt_evidence *ev)
{
	return ev->backdoor.answers && !virt_backdoor_is_vmwares(ev);
}

static bool has_frequency(const struct virt_evidence *ev)
{
	return has_vmport(ev) && ev->backdoor.tsc_hz;
}

static struct virt_feature qemu_features[] = {
	VIRT_HINT_EVIDENT("vmport", has_vmport),
	VIRT_HINT_EVIDENT(VIRT_FEATURE_TSC_FREQUENCY, has_frequency),
	VIRT_FEATURE_DEVICE("fw-cfg"),
	VIRT_FEATURE_DEVICE("fw-cfg-dma"),
	VIRT_FEATURE_DEVICE("pvpanic"),
	VIRT_FEATURE_DEVICE("vmgenid"),
	VIRT_FEATURES_END,
};

static u64 vmport_khz(const struct virt_block *block __unused)
{
	const struct virt_evidence *ev = virt_evidence();

	return has_frequency(ev) ? ev->backdoor.tsc_hz / HZ_PER_KHZ : 0;
}

static const struct virt_tsc_source qemu_tsc[] = {
	{ vmport_khz, "QEMU vmport", VIRT_FEATURE_TSC_FREQUENCY },
	{},
};

static bool qemu_detect(const struct virt_evidence *ev,
			struct virt_match *match)
{
	static const char *const signatures[] = { QEMU_TCG_SIGNATURE };

	return virt_match_signature(ev, signatures, ARRAY_SIZE(signatures),
				    match) ||
	       virt_match_fdt(ev->fdt.fw_cfg, match) ||
	       virt_match_smbios(virt_smbios_is_qemus(&ev->smbios),
				 VIRT_MATCH_SMBIOS, match);
}

static const struct hypervisor qemu = {
	.name = "QEMU",
	.type = HYPERV_TYPE_QEMU,
	/* Between firmware strings, the hypervisor QEMU works for wins. */
	.priority = 20,
	.detect = qemu_detect,
	.features = qemu_features,
	.tsc = qemu_tsc,
};
HYPERVISOR(qemu);
