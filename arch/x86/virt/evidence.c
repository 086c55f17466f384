/* SPDX-License-Identifier: BSD-2-Clause */
/* Evidence of a hypervisor on a PC: CPUID, SMBIOS and ACPI. */
#include <asm/cpuid.h>
#include <kernel/boot_info.h>
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

void virt_gather_evidence(struct virt_evidence *ev)
{
	virt_scan_cpuid(ev, cpuid_instruction);
	/* A machine without SMBIOS leaves the strings empty. */
	smbios_read(boot_info.efi_system_table, &ev->smbios);
	virt_read_acpi_ids(&ev->acpi);
	if (IS_ENABLED(CONFIG_VMWARE_PARAVIRT))
		vmware_gather_backdoor(ev);
}
