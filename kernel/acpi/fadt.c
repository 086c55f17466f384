/* SPDX-License-Identifier: BSD-2-Clause */
/* The Fixed ACPI Description Table: ACPI 6.5, 5.2.9. */
#include <kernel/acpi.h>
#include <kernel/boot_info.h>
#include <kernel/byteorder.h>
#include <kernel/string.h>

const struct acpi_fadt *acpi_fadt(void)
{
	static struct acpi_fadt copy;
	const struct acpi_sdt_header *table;
	u32 length;

	acpi_init(boot_info.rsdp);
	table = acpi_find(ACPI_FADT_SIGNATURE, 0);
	length = table ? le32_to_cpu(table->length) : 0;
	if (length < ACPI_FADT_V1_LENGTH)
		return NULL;
	memset(&copy, 0, sizeof(copy));
	memcpy(&copy, table, MIN(length, sizeof(copy)));
	return &copy;
}

u16 acpi_fadt_port(le32 block, const struct acpi_gas *extended)
{
	u64 port = le64_to_cpu(extended->address);

	if (!port || port > UINT16_MAX ||
	    extended->address_space_id != ACPI_SPACE_IO)
		port = le32_to_cpu(block);
	return port > UINT16_MAX ? 0 : (u16)port;
}
