/* SPDX-License-Identifier: BSD-2-Clause */
/* The serial port that firmware names in the SPCR table. */
#include <kernel/acpi.h>
#include <kernel/byteorder.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/printk.h>
#include "device_memory.h"
#include "uart16550.h"

static bool is_16550(u8 interface_type)
{
	return interface_type == ACPI_SPCR_16550 ||
	       interface_type == ACPI_SPCR_16450 ||
	       interface_type == ACPI_SPCR_16550_GAS;
}

/* Bytes of one access; firmware that leaves it open means the register's. */
static u8 access_bytes(const struct acpi_gas *gas)
{
	switch (gas->access_size) {
	case ACPI_ACCESS_UNDEFINED: return gas->register_bit_width / 8;
	case ACPI_ACCESS_BYTE: return 1;
	case ACPI_ACCESS_WORD: return 2;
	case ACPI_ACCESS_DWORD: return 4;
	default: return 0;
	}
}

int uart_parse_spcr(const struct acpi_sdt_header *header,
		    struct uart_place *place)
{
	const struct acpi_spcr *spcr = (const struct acpi_spcr *)header;
	const struct acpi_gas *gas = &spcr->base_address;

	if (le32_to_cpu(header->length) < ACPI_SPCR_V2_LENGTH)
		return -EBADMSG;
	/* An address of 0 means that there is no console. */
	if (!is_16550(spcr->interface_type) || !le64_to_cpu(gas->address))
		return -ENODEV;
	if (gas->address_space_id != ACPI_SPACE_IO &&
	    gas->address_space_id != ACPI_SPACE_MEMORY)
		return -ENODEV;

	place->io = gas->address_space_id == ACPI_SPACE_IO;
	place->address = le64_to_cpu(gas->address);
	place->width = place->io ? 1 : access_bytes(gas);
	/* Some tables call the registers of 32-bit ports 8 bits wide. */
	place->stride = MAX(place->width, gas->register_bit_width / 8);
	if (place->width != 1 && place->width != 2 && place->width != 4)
		return -EBADMSG;
	if (place->stride != 1 && place->stride != 2 && place->stride != 4)
		return -EBADMSG;
	return uart_place_check(place) ? -EBADMSG : 0;
}

static const char *spcr_options(const struct acpi_sdt_header *header)
{
	const struct acpi_spcr *spcr = (const struct acpi_spcr *)header;

	switch (spcr->configured_baud_rate) {
	case ACPI_SPCR_BAUD_9600: return "9600";
	case ACPI_SPCR_BAUD_19200: return "19200";
	case ACPI_SPCR_BAUD_57600: return "57600";
	case ACPI_SPCR_BAUD_115200: return "115200";
	default: return NULL; /* as firmware left it */
	}
}

static bool is_plausible(const struct uart_place *place)
{
	return place->io ||
	       device_memory_plausible(place->address,
				       (u64)place->stride * UART_REGISTERS);
}

static int uart_spcr_init(void)
{
	const struct acpi_sdt_header *header =
		acpi_find(ACPI_SPCR_SIGNATURE, 0);
	struct uart_place place;
	int ret;

	if (!header)
		return 0;
	ret = uart_parse_spcr(header, &place);
	if (ret == -ENODEV)
		return 0;
	if (ret || !is_plausible(&place)) {
		pr_warn("SPCR: no serial port can be where it says; ignored");
		return 0;
	}
	ret = uart_add(&place, spcr_options(header), false);
	if (ret == -ENODEV)
		pr_notice("SPCR: no serial port answers at %s %#llx",
			  place.io ? "I/O port" : "memory",
			  (unsigned long long)place.address);
	return ret == -ENODEV || ret == -EEXIST ? 0 : ret;
}
initcall(INIT_BUS, uart_spcr_init);
