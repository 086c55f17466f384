/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which PL011s there are: what earlycon= says, those of the device tree, and
 * the one in the SPCR table. All are consoles as soon as they are known.
 */
#include <kernel/acpi.h>
#include <kernel/boot_info.h>
#include <kernel/byteorder.h>
#include <kernel/earlycon.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/io.h>
#include <kernel/irq_fdt.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/vsprintf.h>
#include "pl011.h"

#define PL011_MAX 4

/* "0x" and 16 digits, and the end of the string. */
#define ADDRESS_TEXT_MAX 19

static struct pl011 ports[PL011_MAX];
static unsigned port_count;
static phys_addr_t early_address;

int pl011_parse_earlycon(const char *text, phys_addr_t *address)
{
	static const char kind[] = "pl011,", width[] = "mmio32,";
	char number[ADDRESS_TEXT_MAX];
	const char *end;
	size_t n;

	if (!str_has_prefix(text, kind))
		return -EINVAL;
	text += strlen(kind);
	if (str_has_prefix(text, width))
		text += strlen(width);
	end = strchr(text, ',');
	n = end ? (size_t)(end - text) : strlen(text);
	if (n >= sizeof(number))
		return -EINVAL;
	memcpy(number, text, n);
	number[n] = '\0';
	if (kstrtou64(number, 0, address))
		return -EINVAL;
	return !*address || *address % 4 || *address > UINT64_MAX - PL011_SIZE
		       ? -EINVAL
		       : 0;
}

static int set_earlycon(const char *value)
{
	return pl011_parse_earlycon(value, &early_address);
}

static const struct earlycon pl011_earlycon = {
	.name = "pl011",
	.set = set_earlycon,
};
EARLYCON(pl011_earlycon);

static struct pl011 *port_at(phys_addr_t address)
{
	for (unsigned i = 0; i < port_count; i++)
		if (ports[i].address == address)
			return &ports[i];
	return NULL;
}

static int add_port(phys_addr_t address, bool minimal)
{
	struct pl011 *uart = &ports[port_count];
	int ret;

	if (port_at(address))
		return 0;
	if (port_count == PL011_MAX)
		return -ENOSPC;
	uart->base = ioremap(address, PL011_SIZE);
	if (!uart->base) {
		pr_warn("no PL011 can be at %#lx: ignored", address);
		return -ENOMEM;
	}
	uart->address = address;
	uart->minimal = minimal;
	snprintf(uart->name, sizeof(uart->name), "ttyAMA%u", port_count++);
	pl011_init(uart);
	ret = console_register(&uart->console);
	pr_info("%s: PL011 at memory %#lx", uart->name, address);
	/* Input works also where console= does not want the output. */
	return ret == -EPERM ? 0 : ret;
}

/* The next PL011 of the device tree behind @node, or FDT_NONE. */
static int next_node(const struct fdt *fdt, int node, bool *minimal)
{
	for (node = fdt_next(fdt, node); node != FDT_NONE;
	     node = fdt_next(fdt, node)) {
		bool full = fdt_is_compatible(fdt, node, "arm,pl011");

		*minimal = fdt_is_compatible(fdt, node, "arm,sbsa-uart");
		if ((full || *minimal) && fdt_is_available(fdt, node))
			return node;
	}
	return FDT_NONE;
}

static int add_fdt_ports(const struct fdt *fdt)
{
	int node = FDT_ROOT, ret = 0;
	bool minimal;

	while ((node = next_node(fdt, node, &minimal)) != FDT_NONE) {
		phys_addr_t address;
		u64 size;

		if (fdt_reg(fdt, node, 0, &address, &size) &&
		    size >= PL011_SIZE && add_port(address, minimal))
			ret = -ENODEV;
	}
	return ret;
}

static int add_spcr_port(void)
{
	const struct acpi_spcr *spcr;
	phys_addr_t address;

	acpi_init(boot_info.rsdp);
	spcr = (const void *)acpi_find(ACPI_SPCR_SIGNATURE, 0);
	if (!spcr || le32_to_cpu(spcr->header.length) < ACPI_SPCR_V2_LENGTH ||
	    spcr->base_address.address_space_id != ACPI_SPACE_MEMORY)
		return 0;
	address = le64_to_cpu(spcr->base_address.address);
	if (!address || address % 4)
		return 0;
	switch (spcr->interface_type) {
	case ACPI_SPCR_PL011: return add_port(address, false);
	case ACPI_SPCR_SBSA_32BIT:
	case ACPI_SPCR_SBSA: return add_port(address, true);
	default: return 0;
	}
}

static int pl011_ports_init(void)
{
	const struct fdt *fdt = fdt_machine();
	int ret = early_address ? add_port(early_address, false) : 0;

	return (fdt ? add_fdt_ports(fdt) : add_spcr_port()) ?: ret;
}
initcall(INIT_EARLYCON, pl011_ports_init);

static void use_interrupt(struct pl011 *uart, int line,
			  enum irq_trigger trigger)
{
	uart->irq = (struct irq_action){
		.name = uart->name,
		.handler = pl011_interrupt,
		.context = uart,
	};
	if (line < 0 || irq_request((unsigned)line, &uart->irq, trigger)) {
		pr_notice("%s: no interrupts: polled", uart->name);
		return;
	}
	uart->console.irq = &uart->irq;
	pl011_enable_interrupts(uart);
	pr_info("%s: interrupts on line %d", uart->name, line);
}

static void use_fdt_interrupts(const struct fdt *fdt)
{
	int node = FDT_ROOT;
	bool minimal;

	while ((node = next_node(fdt, node, &minimal)) != FDT_NONE) {
		enum irq_trigger trigger = IRQ_TRIGGER_DEFAULT;
		struct pl011 *uart;
		phys_addr_t address;
		u64 size;

		if (!fdt_reg(fdt, node, 0, &address, &size))
			continue;
		uart = port_at(address);
		if (uart)
			use_interrupt(uart, irq_from_fdt(node, 0, &trigger),
				      trigger);
	}
}

#define SPCR_INTERRUPT_GIC BIT(3) /* of interrupt_type */

static void use_spcr_interrupt(void)
{
	const struct acpi_spcr *spcr =
		(const void *)acpi_find(ACPI_SPCR_SIGNATURE, 0);
	struct pl011 *uart;

	if (!spcr || le32_to_cpu(spcr->header.length) < ACPI_SPCR_V2_LENGTH)
		return;
	uart = port_at(le64_to_cpu(spcr->base_address.address));
	if (uart && spcr->interrupt_type & SPCR_INTERRUPT_GIC)
		use_interrupt(uart,
			      (int)le32_to_cpu(spcr->global_system_interrupt),
			      IRQ_TRIGGER_DEFAULT);
}

static int pl011_irq_init(void)
{
	const struct fdt *fdt = fdt_machine();

	if (fdt)
		use_fdt_interrupts(fdt);
	else
		use_spcr_interrupt();
	return 0;
}
initcall(INIT_DRIVER, pl011_irq_init);
