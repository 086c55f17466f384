/* SPDX-License-Identifier: BSD-2-Clause */
/* KVM, under whatever virtual machine monitor. */
#include <abi/hypervisor_cpuid.h>
#include <abi/kvm/cpuid.h>
#include <abi/kvm/smccc.h>
#include <kernel/string.h>
#include <kernel/virt/driver.h>
#include "kvm/internal.h"

#define KVM_HINT(name, bit) VIRT_HINT(name, KVM_CPUID_FEATURES, EAX, bit)
#define KVM_PV(name, bit)   VIRT_FEATURE(name, KVM_CPUID_FEATURES, EAX, bit)
/* On arm64: one of KVM's own calls. */
#define KVM_CALL(name, func) \
 VIRT_FEATURE_SMCCC(name, VIRT_SMCCC_KVM + KVM_SMCCC_FUNC_##func)
#define KVM_CALL_HINT(name, func) \
 VIRT_HINT_SMCCC(name, VIRT_SMCCC_KVM + KVM_SMCCC_FUNC_##func)

static struct virt_feature kvm_features[] = {
	/* QEMU's -cpu vmware-cpuid-freq */
	VIRT_FEATURE_VALUE(VIRT_FEATURE_TSC_FREQUENCY, HYPERVISOR_CPUID_TIMING,
			   EAX),
	VIRT_FEATURE_VALUE(VIRT_FEATURE_APIC_FREQUENCY, HYPERVISOR_CPUID_TIMING,
			   EBX),
	KVM_PV("clocksource", KVM_FEATURE_CLOCKSOURCE),
	KVM_PV("clocksource2", KVM_FEATURE_CLOCKSOURCE2),
	KVM_PV("async-pf", KVM_FEATURE_ASYNC_PF),
	/* By CPUID and a register, or by the calls of Arm's standard. */
	{ .name = "steal-time",
	  .kind = VIRT_FEATURE_PARAVIRT,
	  .leaf = KVM_CPUID_FEATURES,
	  .reg = VIRT_EAX,
	  .mask = BIT(KVM_FEATURE_STEAL_TIME),
	  .smccc = 1 + VIRT_SMCCC_STOLEN_TIME },
	KVM_PV("pv-eoi", KVM_FEATURE_PV_EOI),
	KVM_PV("pv-unhalt", KVM_FEATURE_PV_UNHALT),
	KVM_PV("pv-tlb-flush", KVM_FEATURE_PV_TLB_FLUSH),
	KVM_PV("pv-send-ipi", KVM_FEATURE_PV_SEND_IPI),
	KVM_PV("poll-control", KVM_FEATURE_POLL_CONTROL),
	KVM_PV("pv-sched-yield", KVM_FEATURE_PV_SCHED_YIELD),
	KVM_PV("async-pf-int", KVM_FEATURE_ASYNC_PF_INT),
	KVM_PV(VIRT_FEATURE_EXTENDED_IDS, KVM_FEATURE_MSI_EXT_DEST_ID),
	KVM_PV("migration-control", KVM_FEATURE_MIGRATION_CONTROL),
	KVM_CALL("ptp", PTP),
	/* Nothing for this kernel to use: it has no delays of I/O, ... */
	KVM_HINT("nop-io-delay", KVM_FEATURE_NOP_IO_DELAY),
	/* ... knows no interface that KVM removed in 2011, ... */
	KVM_HINT("mmu-op", KVM_FEATURE_MMU_OP),
	/* ... is no hypervisor, ... */
	KVM_HINT("async-pf-vmexit", KVM_FEATURE_ASYNC_PF_VMEXIT),
	/* ... has no memory that is encrypted or kept from its host, ... */
	KVM_HINT("hc-map-gpa-range", KVM_FEATURE_HC_MAP_GPA_RANGE),
	KVM_CALL_HINT("hyp-meminfo", HYP_MEMINFO),
	KVM_CALL_HINT("mem-share", MEM_SHARE),
	KVM_CALL_HINT("mem-unshare", MEM_UNSHARE),
	KVM_CALL_HINT("mem-relinquish", MEM_RELINQUISH),
	KVM_CALL_HINT("mmio-guard", MMIO_GUARD),
	/* ... has no workarounds for the CPUs of other hosts, ... */
	KVM_CALL_HINT("discover-impl-ver", DISCOVER_IMPL_VER),
	KVM_CALL_HINT("discover-impl-cpus", DISCOVER_IMPL_CPUS),
	/* ... idles by WFI, never sleeps as a whole, and starts cold. */
	VIRT_HINT_SMCCC("psci-cpu-suspend", VIRT_SMCCC_CPU_SUSPEND),
	VIRT_HINT_SMCCC("psci-system-suspend", VIRT_SMCCC_SYSTEM_SUSPEND),
	VIRT_HINT_SMCCC("psci-system-reset2", VIRT_SMCCC_SYSTEM_RESET2),
	VIRT_HINT_SMCCC("psci-mem-protect", VIRT_SMCCC_MEM_PROTECT),
	VIRT_HINT("clocksource-stable", KVM_CPUID_FEATURES, EAX,
		  KVM_FEATURE_CLOCKSOURCE_STABLE_BIT),
	VIRT_HINT("hint-realtime", KVM_CPUID_FEATURES, EDX, KVM_HINTS_REALTIME),
	VIRT_FEATURES_END,
};

/*
 * Makers whose virtual machines are KVM's. Not "Amazon EC2", which is also on
 * machines without hypervisor.
 */
static bool kvm_in_smbios(const struct smbios_info *smbios)
{
	return !strcmp(smbios->system_product, "KVM") ||
	       !strcmp(smbios->system_product, "RHEV Hypervisor") ||
	       !strcmp(smbios->system_product, "Google Compute Engine") ||
	       !strcmp(smbios->system_manufacturer, "oVirt") ||
	       !strcmp(smbios->system_manufacturer, "KubeVirt");
}

static bool kvm_detect(const struct virt_evidence *ev, struct virt_match *match)
{
	static const char *const signatures[] = {
		KVM_SIGNATURE,
		KVM_SIGNATURE_LINUX,
	};

	static const u32 uid[] = KVM_SMCCC_UID;

	return virt_match_signature(ev, signatures, ARRAY_SIZE(signatures),
				    match) ||
	       virt_match_smccc(ev, uid, match) ||
	       virt_match_fdt(!strcmp(ev->fdt.hypervisor, "linux,kvm"),
			      match) ||
	       virt_match_smbios(kvm_in_smbios(&ev->smbios), VIRT_MATCH_SMBIOS,
				 match);
}

static u64 clock_khz(const struct virt_block *block __unused)
{
	return kvm_clock_khz();
}

static const struct virt_tsc_source kvm_tsc[] = {
	{ virt_timing_leaf_khz, "KVM CPUID timing leaf",
	  VIRT_FEATURE_TSC_FREQUENCY },
	{ clock_khz, "kvmclock", KVM_CLOCK },
	{},
};

static const struct virt_tsc_source kvm_apic[] = {
	{ virt_timing_leaf_apic_khz, "KVM CPUID timing leaf",
	  VIRT_FEATURE_APIC_FREQUENCY },
	{},
};

static const struct hypervisor kvm = {
	.name = "KVM",
	.type = HYPERV_TYPE_KVM,
	/* Above Xen, whose interface QEMU can offer on KVM beside KVM's. */
	.priority = 90,
	.detect = kvm_detect,
	.features = kvm_features,
	.tsc = kvm_tsc,
	.apic = kvm_apic,
};
HYPERVISOR(kvm);
