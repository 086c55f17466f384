/* SPDX-License-Identifier: BSD-2-Clause */
/* 16550s of a device tree. */
#include "fake_fdt.h"
#include "../../drivers/console/uart16550.h"
#include <kernel/errno.h>
#include <kernel/fdt.h>
#include <kernel/irq_fdt.h>

static struct fdt fdt;
static struct uart_place place;

const struct fdt *fdt_machine(void)
{
	return &fdt;
}

int uart_place_check(const struct uart_place *at)
{
	return at->address ? 0 : -EINVAL;
}

int uart_add(const struct uart_place *at, const char *options, bool certain)
{
	(void)at;
	(void)options;
	(void)certain;
	return 0;
}

int irq_from_fdt(int node, unsigned index, enum irq_trigger *trigger)
{
	(void)node;
	(void)index;
	*trigger = IRQ_TRIGGER_LEVEL_HIGH;
	return 40;
}

static int parse(const char *compatible, u32 size, u32 shift, u32 width)
{
	tree_start();
	tree_begin("serial@40002000");
	tree_string("compatible", compatible);
	TREE_CELLS("reg", 0, 0x40002000, size);
	TREE_CELLS("reg-shift", shift);
	TREE_CELLS("reg-io-width", width);
	tree_end();
	tree_finish();
	CHECK_EQ(fdt_open(&fdt, tree.blob, tree.size), 0);
	return uart_parse_fdt(&fdt, fdt_find(&fdt, "/serial"), &place);
}

TEST(ports_have_the_strides_and_widths_that_are_stated)
{
	CHECK_EQ(parse("ns16550a", 0x1000, 0, 1), 0);
	CHECK(!place.io);
	CHECK_EQ(place.address, 0x40002000);
	CHECK_EQ(place.stride, 1);
	CHECK_EQ(place.width, 1);
	CHECK_EQ(parse("snps,dw-apb-uart", 0x100, 2, 4), 0);
	CHECK_EQ(place.stride, 4);
	CHECK_EQ(place.width, 4);
}

TEST(ports_that_cannot_be_are_refused)
{
	CHECK_EQ(parse("arm,pl011", 0x1000, 0, 1), -ENODEV);
	CHECK_EQ(parse("ns16550a", 0x1000, 3, 1), -EBADMSG);
	CHECK_EQ(parse("ns16550a", 0x1000, 0, 3), -EBADMSG);
	CHECK_EQ(parse("ns16550a", 0x1000, 1, 4), -EBADMSG);
	CHECK_EQ(parse("ns16550a", 7, 0, 1), -EBADMSG);
	CHECK_EQ(parse("ns16550a", 31, 2, 4), -EBADMSG);
	CHECK_EQ(parse("ns16550a", 32, 2, 4), 0);
}

TEST(the_line_is_that_of_the_port_at_the_address)
{
	enum irq_trigger trigger;

	parse("ns16550a", 0x1000, 0, 1);
	CHECK_EQ(uart_fdt_line(0x40002000, &trigger), 40);
	CHECK_EQ(trigger, IRQ_TRIGGER_LEVEL_HIGH);
	CHECK_EQ(uart_fdt_line(0x40003000, &trigger), -ENOENT);
}
