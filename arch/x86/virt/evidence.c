/* SPDX-License-Identifier: BSD-2-Clause */
/* Evidence of a hypervisor on a PC: CPUID, SMBIOS and ACPI. */
#include <abi/hypervisor_cpuid.h>
#include <abi/kvm/cpuid.h>
#include <abi/qemu/cpuid.h>
#include <asm/cpuid.h>
#include <kernel/boot_info.h>
#include <kernel/string.h>
#include <kernel/virt/driver.h>
#include <kernel/virt/vmware.h>

static void cpuid_instruction(u32 leaf, u32 subleaf, struct virt_leaf *out)
{
	struct cpuid_regs regs;

	cpuid(leaf, subleaf, &regs);
	*out = (struct virt_leaf){
		.eax = regs.eax,
		.ebx = regs.ebx,
		.ecx = regs.ecx,
		.edx = regs.edx,
	};
}

static bool is_signature(u32 base, const char *signature)
{
	struct cpuid_regs r;

	cpuid(base, 0, &r);
	return !memcmp(&r.ebx, signature, 4) &&
	       !memcmp(&r.ecx, signature + 4, 4) &&
	       !memcmp(&r.edx, signature + 8, 4);
}

bool virt_may_be_qemu(void)
{
	/* KVM's is the second one where Hyper-V's is offered as well. */
	const u32 second = VIRT_CPUID_FIRST + VIRT_CPUID_STRIDE;
	struct cpuid_regs r;

	cpuid(1, 0, &r);
	return r.ecx & CPUID_FEATURES_ECX_HYPERVISOR &&
	       (is_signature(VIRT_CPUID_FIRST, QEMU_TCG_SIGNATURE) ||
		is_signature(VIRT_CPUID_FIRST, KVM_SIGNATURE) ||
		is_signature(second, KVM_SIGNATURE));
}

void virt_gather_evidence(struct virt_evidence *ev)
{
	virt_scan_cpuid(ev, cpuid_instruction);
	/* A machine without SMBIOS leaves the strings empty. */
	smbios_read(boot_info.efi_system_table, &ev->smbios);
	virt_read_acpi_ids(&ev->acpi);
	if (IS_ENABLED(CONFIG_VMWARE_PARAVIRT))
		vmware_gather_backdoor(ev);
}
