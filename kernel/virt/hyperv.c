/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Microsoft Hyper-V, and everyone who offers its interface: KVM, Xen,
 * VirtualBox and VMware do.
 */
#include <abi/hyperv/cpuid.h>
#include <abi/hyperv/msr.h>
#include <abi/hyperv/smccc.h>
#include <kernel/string.h>
#include <kernel/virt/driver.h>
#include <kernel/virt/hyperv.h>
#include <kernel/virt/msr.h>

#define HZ_PER_KHZ 1000

/* Two statements: the registers exist, and this partition may read them. */
static bool hyperv_offers_frequency(const struct virt_block *block)
{
	const struct virt_leaf *features;

	if (!block)
		return false;
	features = &block->leaf[HV_CPUID_FEATURES];
	return (features->eax & BIT(HV_ACCESS_FREQUENCY_REGS)) &&
	       (features->edx & BIT(HV_FEATURE_TIMER_FREQUENCIES));
}

static bool hyperv_offers_spin_wait(const struct virt_block *block)
{
	u32 tries;

	if (!block)
		return false;
	tries = block->leaf[HV_CPUID_RECOMMENDATIONS].ebx;
	return tries != HV_SPIN_NEVER && tries != HV_SPIN_NEVER_KVM &&
	       block->leaf[HV_CPUID_FEATURES].eax &
		       BIT(HV_ACCESS_HYPERCALL_REGS);
}

#define HV_REG(name, bit)  VIRT_FEATURE(name, HV_CPUID_FEATURES, EAX, bit)
#define HV_CALL(name, bit) VIRT_FEATURE(name, HV_CPUID_FEATURES, EBX, bit)
#define HV_FEAT(name, bit) VIRT_FEATURE(name, HV_CPUID_FEATURES, EDX, bit)
#define HV_RECOMMEND(name, bit) \
 VIRT_HINT("recommend-" name, HV_CPUID_RECOMMENDATIONS, EAX, bit)
#define HV_HARDWARE(name, bit) \
 VIRT_HINT("hardware-" name, HV_CPUID_HARDWARE, EAX, bit)

static struct virt_feature hyperv_features[] = {
	{ .name = VIRT_FEATURE_TSC_FREQUENCY,
	  .kind = VIRT_FEATURE_PARAVIRT,
	  .offered = hyperv_offers_frequency },
	{ .name = VIRT_FEATURE_APIC_FREQUENCY,
	  .kind = VIRT_FEATURE_PARAVIRT,
	  .offered = hyperv_offers_frequency },
	{ .name = HV_SPIN_WAIT,
	  .kind = VIRT_FEATURE_PARAVIRT,
	  .offered = hyperv_offers_spin_wait },
	/* The privilege is the same; what it is for is another thing. */
	HV_REG(HV_EOI_ASSIST, HV_ACCESS_INTR_CTRL_REGS),
	HV_REG(HV_INVARIANT_TSC, HV_ACCESS_TSC_INVARIANT_CONTROLS),
	VIRT_FEATURE(HV_CLUSTER_IPI, HV_CPUID_RECOMMENDATIONS, EAX,
		     HV_RECOMMEND_CLUSTER_IPI),
	VIRT_FEATURE(HV_REMOTE_FLUSH, HV_CPUID_RECOMMENDATIONS, EAX,
		     HV_RECOMMEND_REMOTE_FLUSH),
	VIRT_HINT("ex-processor-masks", HV_CPUID_RECOMMENDATIONS, EAX,
		  HV_RECOMMEND_EX_PROCESSOR_MASKS),
	HV_REG(HV_RUN_TIME, HV_ACCESS_VP_RUN_TIME_REG),
	HV_REG(HV_REFERENCE_COUNTER, HV_ACCESS_PARTITION_REFERENCE_COUNTER),
	HV_REG(HV_SYNIC, HV_ACCESS_SYNIC_REGS),
	HV_REG(HV_STIMERS, HV_ACCESS_SYNTHETIC_TIMER_REGS),
	HV_REG(HV_APIC_REGISTERS, HV_ACCESS_INTR_CTRL_REGS),
	HV_REG(HV_HYPERCALLS, HV_ACCESS_HYPERCALL_REGS),
	HV_REG(HV_VP_INDEX, HV_ACCESS_VP_INDEX),
	HV_REG(HV_RESET, HV_ACCESS_RESET_REG),
	HV_REG("statistics-registers", HV_ACCESS_STATS_REG),
	HV_REG(HV_REFERENCE_TSC, HV_ACCESS_PARTITION_REFERENCE_TSC),
	HV_REG(HV_GUEST_IDLE, HV_ACCESS_GUEST_IDLE_REG),
	HV_REG("frequency-registers", HV_ACCESS_FREQUENCY_REGS),
	HV_REG("debug-registers", HV_ACCESS_DEBUG_REGS),
	HV_REG(HV_REENLIGHTENMENT, HV_ACCESS_REENLIGHTENMENT_CONTROLS),
	HV_CALL("create-partitions", HV_CREATE_PARTITIONS),
	HV_CALL("partition-id", HV_ACCESS_PARTITION_ID),
	HV_CALL("memory-pool", HV_ACCESS_MEMORY_POOL),
	HV_CALL("post-messages", HV_POST_MESSAGES),
	HV_CALL("signal-events", HV_SIGNAL_EVENTS),
	HV_CALL("create-port", HV_CREATE_PORT),
	HV_CALL("connect-port", HV_CONNECT_PORT),
	HV_CALL("statistics-pages", HV_ACCESS_STATS),
	HV_CALL("debugging", HV_DEBUGGING),
	HV_CALL("cpu-management", HV_CPU_MANAGEMENT),
	HV_CALL("vsm", HV_ACCESS_VSM),
	HV_CALL("vp-registers", HV_ACCESS_VP_REGISTERS),
	HV_CALL("extended-hypercalls", HV_ENABLE_EXTENDED_HYPERCALLS),
	HV_CALL("start-virtual-processor", HV_START_VIRTUAL_PROCESSOR),
	HV_FEAT("guest-debugging", HV_FEATURE_GUEST_DEBUGGING),
	HV_FEAT("performance-monitor", HV_FEATURE_PERFORMANCE_MONITOR),
	HV_FEAT("cpu-partitioning", HV_FEATURE_CPU_PARTITIONING),
	HV_FEAT("xmm-hypercall-input", HV_FEATURE_XMM_HYPERCALL_INPUT),
	HV_FEAT("guest-idle", HV_FEATURE_GUEST_IDLE),
	HV_FEAT("sleep-state", HV_FEATURE_SLEEP_STATE),
	HV_FEAT("numa-distances", HV_FEATURE_NUMA_DISTANCES),
	HV_FEAT("timer-frequencies", HV_FEATURE_TIMER_FREQUENCIES),
	HV_FEAT("synthetic-machine-check", HV_FEATURE_SYNTHETIC_MACHINE_CHECK),
	HV_FEAT(HV_CRASH, HV_FEATURE_GUEST_CRASH_REGS),
	HV_FEAT("debug-msrs", HV_FEATURE_DEBUG_REGS),
	HV_FEAT("npiep", HV_FEATURE_NPIEP),
	HV_FEAT("disable-hypervisor", HV_FEATURE_DISABLE_HYPERVISOR),
	HV_FEAT("extended-gva-flush", HV_FEATURE_EXTENDED_GVA_FLUSH),
	HV_FEAT("xmm-hypercall-output", HV_FEATURE_XMM_HYPERCALL_OUTPUT),
	HV_FEAT("sint-polling", HV_FEATURE_SINT_POLLING),
	HV_FEAT("hypercall-msr-lock", HV_FEATURE_HYPERCALL_LOCK),
	HV_FEAT(HV_DIRECT_TIMERS, HV_FEATURE_DIRECT_TIMERS),
	HV_RECOMMEND("hypercall-switch", HV_RECOMMEND_HYPERCALL_SWITCH),
	HV_RECOMMEND("local-flush", HV_RECOMMEND_LOCAL_FLUSH),
	HV_RECOMMEND("apic-registers", HV_RECOMMEND_APIC_REGS),
	HV_RECOMMEND("reset-register", HV_RECOMMEND_RESET_REG),
	HV_RECOMMEND("relaxed-timing", HV_RECOMMEND_RELAXED_TIMING),
	HV_RECOMMEND("dma-remapping", HV_RECOMMEND_DMA_REMAPPING),
	HV_RECOMMEND("interrupt-remapping", HV_RECOMMEND_INTERRUPT_REMAPPING),
	HV_RECOMMEND("x2apic", HV_RECOMMEND_X2APIC),
	HV_RECOMMEND("no-auto-eoi", HV_RECOMMEND_NO_AUTO_EOI),
	HV_RECOMMEND("int-for-mbec", HV_RECOMMEND_INT_FOR_MBEC),
	HV_RECOMMEND("enlightened-vmcs", HV_RECOMMEND_ENLIGHTENED_VMCS),
	HV_RECOMMEND("synced-timeline", HV_RECOMMEND_SYNCED_TIMELINE),
	HV_RECOMMEND("direct-local-flush", HV_RECOMMEND_DIRECT_LOCAL_FLUSH),
	VIRT_HINT("nested", HV_CPUID_RECOMMENDATIONS, EAX, HV_NESTED),
	VIRT_HINT("no-nonarch-core-sharing", HV_CPUID_RECOMMENDATIONS, EAX,
		  HV_NO_NONARCH_CORE_SHARING),
	HV_HARDWARE("apic-overlay", HV_HARDWARE_APIC_OVERLAY),
	HV_HARDWARE("msr-bitmaps", HV_HARDWARE_MSR_BITMAPS),
	HV_HARDWARE("performance-counters", HV_HARDWARE_PERFORMANCE_COUNTERS),
	HV_HARDWARE("slat", HV_HARDWARE_SLAT),
	HV_HARDWARE("dma-remapping", HV_HARDWARE_DMA_REMAPPING),
	HV_HARDWARE("interrupt-remapping", HV_HARDWARE_INTERRUPT_REMAPPING),
	HV_HARDWARE("memory-patrol", HV_HARDWARE_MEMORY_PATROL),
	HV_HARDWARE("dma-protection", HV_HARDWARE_DMA_PROTECTION),
	HV_HARDWARE("hpet-requested", HV_HARDWARE_HPET_REQUESTED),
	HV_HARDWARE("volatile-timers", HV_HARDWARE_VOLATILE_TIMERS),
	VIRT_FEATURES_END,
};

/* The maker alone is also on laptops. */
static bool hyperv_in_smbios(const struct smbios_info *smbios)
{
	return !strcmp(smbios->system_manufacturer, "Microsoft Corporation") &&
	       !strcmp(smbios->system_product, "Virtual Machine");
}

/* The interface counts; the signature is for people (TLFS, discovery). */
static bool match_interface(const struct virt_evidence *ev,
			    struct virt_match *match)
{
	for (unsigned i = 0; i < ev->block_count; i++) {
		if (!virt_block_is_hyperv(&ev->block[i]))
			continue;
		match->block = (int)i;
		match->opaque = false;
		match->strength = VIRT_MATCH_IMITABLE;
		match->reason = "CPUID interface Hv#1";
		return true;
	}
	return false;
}

static bool match_signature(const struct virt_evidence *ev,
			    struct virt_match *match)
{
	match->block = virt_find_signature(ev, HV_SIGNATURE);
	if (match->block == VIRT_NO_BLOCK)
		return false;
	match->opaque = true;
	match->strength = VIRT_MATCH_IMITABLE;
	match->reason = "CPUID signature without interface Hv#1";
	return true;
}

/* No leaves on arm64, nor where CPUID is hidden. */
static bool match_acpi(const struct virt_evidence *ev, struct virt_match *match)
{
	if (!virt_match_smbios(!strcmp(ev->acpi.hypervisor_vendor,
				       HV_ACPI_VENDOR),
			       VIRT_MATCH_SMBIOS, match))
		return false;
	match->reason = "ACPI hypervisor vendor";
	return true;
}

static bool hyperv_detect(const struct virt_evidence *ev,
			  struct virt_match *match)
{
	static const u32 uid[] = HV_SMCCC_UID;

	return match_interface(ev, match) || match_signature(ev, match) ||
	       virt_match_smccc(ev, uid, match) || match_acpi(ev, match) ||
	       virt_match_smbios(hyperv_in_smbios(&ev->smbios),
				 VIRT_MATCH_SMBIOS, match);
}

static u64 read_khz(const struct virt_block *block, u32 msr)
{
	u64 hz;

	if (!hyperv_offers_frequency(block) || virt_rdmsr(msr, &hz))
		return 0;
	return hz / HZ_PER_KHZ;
}

static u64 hyperv_tsc_khz(const struct virt_block *block)
{
	return read_khz(block, HV_X64_MSR_TSC_FREQUENCY);
}

static u64 hyperv_apic_khz(const struct virt_block *block)
{
	return read_khz(block, HV_X64_MSR_APIC_FREQUENCY);
}

static const struct virt_tsc_source hyperv_tsc[] = {
	{ hyperv_tsc_khz, "Hyper-V TSC frequency register",
	  VIRT_FEATURE_TSC_FREQUENCY },
	{},
};

static const struct virt_tsc_source hyperv_apic[] = {
	{ hyperv_apic_khz, "Hyper-V APIC frequency register",
	  VIRT_FEATURE_APIC_FREQUENCY },
	{},
};

static const struct hypervisor hyperv = {
	.name = "Hyper-V",
	.type = HYPERV_TYPE_HYPERV,
	.priority = 10,
	.detect = hyperv_detect,
	.features = hyperv_features,
	.tsc = hyperv_tsc,
	.apic = hyperv_apic,
};
HYPERVISOR(hyperv);
