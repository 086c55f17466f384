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
	VIRT_FEATURE_DEVICE("vmmdev"),
	VIRT_FEATURE_DEVICE("vmmdev-events"),
	VIRT_FEATURE_DEVICE("host-time"),
	VIRT_FEATURE_DEVICE("heartbeat"),
	VIRT_FEATURE_DEVICE("free-pointer"),
	VIRT_FEATURE_DEVICE("hgcm"),
	VIRT_FEATURES_END,
};

static bool vbox_in_smbios(const struct smbios_info *smbios)
{
	return !strcmp(smbios->system_product, "VirtualBox") ||
	       !strcmp(smbios->board_product, "VirtualBox") ||
	       !strcmp(smbios->system_manufacturer, "innotek GmbH");
}

static bool vbox_in_acpi(const struct virt_acpi_ids *acpi)
{
	return !strcmp(acpi->oem_id, "VBOX") &&
	       str_has_prefix(acpi->oem_table_id, "VBOX");
}

/* Firmware that says it, and what that is called with what CPUID says. */
struct witness {
	const char *alone;
	const char *with_signature;
	const char *with_nameless_block;
};

/*
 * The strings of both are settings of the machine's owner; few change the
 * first, and hardly anybody both. The device that every one of these machines
 * has on PCI would be a third, but is found too late.
 */
static const struct witness *find_witness(const struct virt_evidence *ev)
{
	static const struct witness smbios = {
		"SMBIOS",
		"SMBIOS, CPUID signature",
		"SMBIOS, nameless CPUID block",
	};
	static const struct witness acpi = {
		"ACPI",
		"ACPI, CPUID signature",
		"ACPI, nameless CPUID block",
	};

	if (vbox_in_smbios(&ev->smbios))
		return &smbios;
	return vbox_in_acpi(&ev->acpi) ? &acpi : NULL;
}

/* The provider "minimal" has no signature at all. */
static bool match_nameless(const struct virt_evidence *ev,
			   struct virt_match *match)
{
	static const char none[VIRT_SIGNATURE_BYTES];

	match->block = virt_find_signature(ev, none);
	match->opaque = false;
	return match->block != VIRT_NO_BLOCK;
}

static bool vbox_detect(const struct virt_evidence *ev,
			struct virt_match *match)
{
	static const char *const signatures[] = { VBOX_SIGNATURE };
	bool signed_block = virt_match_signature(ev, signatures,
						 ARRAY_SIZE(signatures), match);
	const struct witness *witness = find_witness(ev);

	if (!witness)
		return signed_block;
	if (signed_block)
		match->reason = witness->with_signature;
	else if (match_nameless(ev, match))
		match->reason = witness->with_nameless_block;
	else
		match->reason = witness->alone;
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
