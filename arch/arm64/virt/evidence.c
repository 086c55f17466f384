/* SPDX-License-Identifier: BSD-2-Clause */
/* Evidence of a hypervisor on arm64: SMCCC, the device tree, SMBIOS, ACPI. */
#include <kernel/boot_info.h>
#include <kernel/virt/driver.h>

void virt_gather_evidence(struct virt_evidence *ev)
{
	/* A machine without SMBIOS leaves the strings empty. */
	smbios_read(boot_info.efi_system_table, &ev->smbios);
	virt_read_acpi_ids(&ev->acpi);
}
