/* SPDX-License-Identifier: BSD-2-Clause */
/* The 16550s of a device tree: "ns16550a" and its older names. */
#include <kernel/errno.h>
#include <kernel/fdt.h>
#include <kernel/init.h>
#include <kernel/irq_fdt.h>
#include "uart16550.h"

static bool is_16550(const struct fdt *fdt, int node)
{
	return fdt_is_available(fdt, node) &&
	       (fdt_is_compatible(fdt, node, "ns16550a") ||
		fdt_is_compatible(fdt, node, "ns16550") ||
		fdt_is_compatible(fdt, node, "snps,dw-apb-uart"));
}

int uart_parse_fdt(const struct fdt *fdt, int node, struct uart_place *place)
{
	u32 shift = 0, width = 1, offset = 0;
	u64 size;

	if (!is_16550(fdt, node) ||
	    !fdt_reg(fdt, node, 0, &place->address, &size))
		return -ENODEV;
	fdt_cell(fdt, node, "reg-shift", 0, &shift);
	fdt_cell(fdt, node, "reg-io-width", 0, &width);
	fdt_cell(fdt, node, "reg-offset", 0, &offset);
	if (shift > 2 || (width != 1 && width != 2 && width != 4) ||
	    width > 1U << shift || offset > size)
		return -EBADMSG;
	place->io = false;
	place->address += offset;
	place->stride = (u8)(1U << shift);
	place->width = (u8)width;
	if (size - offset < (u64)place->stride * UART_REGISTERS)
		return -EBADMSG;
	return uart_place_check(place) ? -EBADMSG : 0;
}

/* Before level MEMORY where device registers can be mapped by then. */
static int uart_fdt_init(void)
{
	const struct fdt *fdt = fdt_machine();
	struct uart_place place;
	int ret = 0, added;

	if (!fdt)
		return 0;
	fdt_for_each(fdt, node) {
		if (uart_parse_fdt(fdt, node, &place))
			continue;
		/* The divisor that was set is for a clock that others know. */
		added = uart_add(&place, NULL, false);
		if (added && added != -ENODEV && added != -EEXIST)
			ret = added;
	}
	return ret;
}
initcall(INIT_EARLYCON, uart_fdt_init);

int uart_fdt_line(phys_addr_t address, enum irq_trigger *trigger)
{
	const struct fdt *fdt = fdt_machine();
	struct uart_place place;

	if (!fdt)
		return -ENOENT;
	fdt_for_each(fdt, node)
		if (!uart_parse_fdt(fdt, node, &place) &&
		    place.address == address)
			return irq_from_fdt(node, 0, trigger);
	return -ENOENT;
}
