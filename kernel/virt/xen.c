/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Xen: HVM and PVH guests, and guests on arm64. A PV guest sees the outer
 * machine's CPUID.
 */
#include <abi/xen/cpuid.h>
#include <abi/xen/smccc.h>
#include <kernel/string.h>
#include <kernel/virt/driver.h>
#include "xen/internal.h"

/* What CPUID does not tell is asked by hypercalls. */
static bool has_x86_hypercalls(const struct virt_block *block)
{
	return block && block->leaf[XEN_CPUID_HYPERCALL].eax;
}

/* Arm's are an instruction that is always there. */
static bool has_hypercalls(const struct virt_block *block)
{
	return !IS_ENABLED(CONFIG_HAS_XEN_X86) || has_x86_hypercalls(block);
}

#define XEN_OFFERED(n, by)                                \
 {                                                        \
  .name = n, .kind = VIRT_FEATURE_PARAVIRT, .offered = by \
 }
#define XEN_BY_HYPERCALL(n) XEN_OFFERED(n, has_hypercalls)
/* Of these Arm has other means. */
#define XEN_X86(n) XEN_OFFERED(n, has_x86_hypercalls)

static struct virt_feature xen_features[] = {
	VIRT_FEATURE_VALUE(VIRT_FEATURE_TSC_FREQUENCY, XEN_CPUID_TIME, ECX),
	XEN_BY_HYPERCALL(XEN_HYPERCALLS),
	XEN_BY_HYPERCALL(XEN_EVENTS),
	XEN_X86(XEN_CLOCK),
	XEN_X86(XEN_TIMER),
	XEN_BY_HYPERCALL(XEN_STEAL),
	XEN_BY_HYPERCALL(XEN_POLL),
	XEN_X86(XEN_FLUSH),
	XEN_BY_HYPERCALL(XEN_YIELD),
	XEN_BY_HYPERCALL("pv-console"),
	XEN_BY_HYPERCALL("xenstore"),
	XEN_BY_HYPERCALL("grant-table"),
	VIRT_FEATURE("mmu-pt-update-preserve-ad", XEN_CPUID_HYPERCALL, ECX,
		     XEN_FEAT1_MMU_PT_UPDATE_PRESERVE_AD),
	VIRT_FEATURE("apic-access-virt", XEN_CPUID_HVM, EAX,
		     XEN_HVM_APIC_ACCESS_VIRT),
	VIRT_FEATURE("x2apic-virt", XEN_CPUID_HVM, EAX, XEN_HVM_X2APIC_VIRT),
	VIRT_FEATURE(XEN_UPCALL, XEN_CPUID_HVM, EAX, XEN_HVM_UPCALL_VECTOR),
	VIRT_FEATURE("ext-dest-id", XEN_CPUID_HVM, EAX, XEN_HVM_EXT_DEST_ID),
	VIRT_HINT("iommu-mappings", XEN_CPUID_HVM, EAX, XEN_HVM_IOMMU_MAPPINGS),
	VIRT_HINT("vcpu-id", XEN_CPUID_HVM, EAX, XEN_HVM_VCPU_ID_PRESENT),
	VIRT_HINT("domain-id", XEN_CPUID_HVM, EAX, XEN_HVM_DOMID_PRESENT),
	VIRT_HINT("tsc-emulated", XEN_CPUID_TIME, EAX, XEN_TIME_TSC_EMULATED),
	VIRT_HINT("host-tsc-reliable", XEN_CPUID_TIME, EAX,
		  XEN_TIME_HOST_TSC_RELIABLE),
	VIRT_HINT("rdtscp", XEN_CPUID_TIME, EAX, XEN_TIME_RDTSCP),
	VIRT_FEATURES_END,
};

static bool xen_in_smbios(const struct smbios_info *smbios)
{
	return !strcmp(smbios->system_manufacturer, "Xen") ||
	       !strcmp(smbios->system_product, "HVM domU");
}

/* On arm64 the node also lists the version: "xen,xen-4.17", then "xen,xen". */
static bool xen_detect(const struct virt_evidence *ev, struct virt_match *match)
{
	static const char *const signatures[] = { XEN_SIGNATURE };
	static const u32 uid[] = XEN_SMCCC_UID;

	return virt_match_signature(ev, signatures, ARRAY_SIZE(signatures),
				    match) ||
	       virt_match_smccc(ev, uid, match) ||
	       virt_match_fdt(str_has_prefix(ev->fdt.hypervisor, "xen,xen"),
			      match) ||
	       virt_match_smbios(xen_in_smbios(&ev->smbios), VIRT_MATCH_SMBIOS,
				 match);
}

static u64 xen_tsc_khz(const struct virt_block *block)
{
	return block->leaf[XEN_CPUID_TIME].ecx;
}

/* Versions before 4.11 may have no such leaf. */
static u64 clock_khz(const struct virt_block *block __unused)
{
	return xen_clock_khz();
}

static const struct virt_tsc_source xen_tsc[] = {
	{ xen_tsc_khz, "Xen CPUID time leaf", VIRT_FEATURE_TSC_FREQUENCY },
	{ clock_khz, "Xen's clock", XEN_CLOCK },
	{},
};

static const struct hypervisor xen = {
	.name = "Xen",
	.type = HYPERV_TYPE_XEN,
	.priority = 80,
	.detect = xen_detect,
	.features = xen_features,
	.tsc = xen_tsc,
};
HYPERVISOR(xen);
