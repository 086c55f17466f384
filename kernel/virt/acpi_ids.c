/* SPDX-License-Identifier: BSD-2-Clause */
/* Who says they wrote the ACPI tables: evidence for people to read. */
#include <kernel/acpi.h>
#include <kernel/boot_info.h>
#include <kernel/byteorder.h>
#include <kernel/string.h>
#include <kernel/virt/driver.h>

/* Copy @size - 1 bytes of a padded field, printable, without its padding. */
static void copy_id(char *to, const char *from, size_t size)
{
	size_t used = 0;

	for (size_t i = 0; i < size - 1 && from[i]; i++) {
		to[i] = from[i] >= ' ' && from[i] <= '~' ? from[i] : '?';
		if (to[i] != ' ')
			used = i + 1;
	}
	to[used] = '\0';
}

static void read_fadt(struct virt_acpi_ids *ids)
{
	const struct acpi_fadt *fadt =
		(const void *)acpi_find(ACPI_FADT_SIGNATURE, 0);

	if (fadt && le32_to_cpu(fadt->header.length) >= sizeof(*fadt))
		copy_id(ids->hypervisor_vendor,
			fadt->hypervisor_vendor_identity,
			sizeof(ids->hypervisor_vendor));
}

void virt_read_acpi_ids(struct virt_acpi_ids *ids)
{
	const struct acpi_sdt_header *root;

	memset(ids, 0, sizeof(*ids));
	if (acpi_init(boot_info.rsdp))
		return;
	root = acpi_root();
	if (root) {
		copy_id(ids->oem_id, root->oem_id, sizeof(ids->oem_id));
		copy_id(ids->oem_table_id, root->oem_table_id,
			sizeof(ids->oem_table_id));
	}
	read_fadt(ids);
}
