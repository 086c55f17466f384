/* SPDX-License-Identifier: BSD-2-Clause */
/* Evidence of a hypervisor on arm64: SMCCC, the device tree, SMBIOS, ACPI. */
#include <kernel/boot_info.h>
#include <kernel/fdt.h>
#include <kernel/virt/arm64.h>
#include <kernel/virt/driver.h>

/* Whoever makes the tree up may put in anything. */
static void copy_name(char *to, const char *from)
{
	unsigned n = 0;

	for (; from && from[n] && n < VIRT_FDT_NAME_MAX - 1; n++)
		to[n] = from[n] >= ' ' && from[n] <= '~' ? from[n] : '?';
	to[n] = '\0';
}

static void read_fdt(const struct fdt *fdt, struct virt_fdt_ids *ids)
{
	copy_name(ids->machine, fdt_string(fdt, FDT_ROOT, "compatible"));
	copy_name(ids->hypervisor,
		  fdt_string(fdt, fdt_find(fdt, "/hypervisor"), "compatible"));
	ids->fw_cfg = fdt_find_compatible(fdt, FDT_NONE, "qemu,fw-cfg-mmio") !=
		      FDT_NONE;
}

void virt_gather_evidence(struct virt_evidence *ev)
{
	ev->looked_at = "SMCCC, device tree, SMBIOS";
	virt_scan_smccc(&ev->smccc);
	if (fdt_machine())
		read_fdt(fdt_machine(), &ev->fdt);
	/* A machine without SMBIOS leaves the strings empty. */
	smbios_read(boot_info.efi_system_table, &ev->smbios);
	virt_read_acpi_ids(&ev->acpi);
}

bool virt_may_be_qemu(void)
{
	return false;
}
