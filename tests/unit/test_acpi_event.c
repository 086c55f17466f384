/* SPDX-License-Identifier: BSD-2-Clause */
/* General-purpose events: which bit of which port, and who is called. */
#include "unit.h"
#include "host.h"
#include <stdlib.h>
#include <kernel/acpi.h>
#include <kernel/acpi_event.h>
#include <kernel/byteorder.h>
#include <kernel/errno.h>
#include <kernel/io.h>
#include <kernel/irq.h>
#include <kernel/string.h>
#include "../../kernel/acpi/internal.h"

#define GPE0 0x620
#define GPE1 0xafe0

static u8 ports[0x10000];
static struct acpi_fadt fadt;
static const struct acpi_fadt *fadt_there;
static bool has_irq, mode_ok;
static struct irq_action *action;
static unsigned line, called[2];

const struct acpi_fadt *acpi_fadt(void)
{
	return fadt_there;
}

u16 acpi_fadt_port(le32 block, const struct acpi_gas *extended)
{
	(void)extended;
	return (u16)le32_to_cpu(block);
}

bool acpi_enable_mode(const struct acpi_fadt *f, u16 pm1a)
{
	(void)f;
	CHECK_EQ(pm1a, 0x604);
	return mode_ok;
}

bool irq_available(void)
{
	return has_irq;
}

int irq_from_isa(unsigned irq)
{
	return irq == 9 ? 20 : -ENODEV;
}

int irq_request(unsigned irq, struct irq_action *a, enum irq_trigger trigger)
{
	CHECK_EQ(trigger, IRQ_TRIGGER_DEFAULT);
	line = irq;
	a->active = true;
	action = a;
	return 0;
}

u8 inb(u16 port)
{
	return ports[port];
}

static bool is_status(u16 port)
{
	return (port >= GPE0 && port < GPE0 + 8) ||
	       (port >= GPE1 && port < GPE1 + 2);
}

void outb(u16 port, u8 value)
{
	if (is_status(port))
		ports[port] &= (u8)~value;
	else
		ports[port] = value;
}

static void first(void)
{
	called[0]++;
}

static void second(void)
{
	called[1]++;
}

static void begin(void)
{
	fadt = (struct acpi_fadt){
		.sci_int = cpu_to_le16(9),
		.pm1a_cnt_blk = cpu_to_le32(0x604),
		.gpe0_blk = cpu_to_le32(GPE0),
		.gpe0_blk_len = 16,
		.gpe1_blk = cpu_to_le32(GPE1),
		.gpe1_blk_len = 4,
		.gpe1_base = 64,
	};
	fadt_there = &fadt;
	has_irq = mode_ok = true;
}

/* Before the others: nothing of these is remembered. */
TEST(where_there_is_no_such_hardware_there_are_no_events)
{
	begin();
	fadt_there = NULL;
	CHECK_EQ(acpi_event_request(5, first), -ENODEV);
	begin();
	has_irq = false;
	CHECK_EQ(acpi_event_request(5, first), -ENODEV);
	begin();
	mode_ok = false;
	CHECK_EQ(acpi_event_request(5, first), -ENODEV);
	begin();
	fadt.flags = cpu_to_le32(ACPI_FADT_HW_REDUCED_ACPI);
	CHECK_EQ(acpi_event_request(5, first), -ENODEV);
	begin();
	fadt.sci_int = cpu_to_le16(10);
	CHECK_EQ(acpi_event_request(5, first), -ENODEV);
	begin();
	fadt.gpe0_blk = cpu_to_le32(0);
	CHECK_EQ(acpi_event_request(5, first), -ENODEV);
	begin();
	fadt.gpe0_blk = cpu_to_le32(0xfff8);
	CHECK_EQ(acpi_event_request(5, first), -ENODEV);
	begin(); /* between the blocks, and behind them */
	fadt.gpe0_blk_len = 9;
	CHECK_EQ(acpi_event_request(32, first), -ENODEV);
	CHECK_EQ(acpi_event_request(80, first), -ENODEV);
	CHECK_EQ(acpi_event_request(UINT32_MAX, first), -ENODEV);
	CHECK(!action);
}

TEST(an_event_calls_the_one_who_asked)
{
	begin();
	ports[GPE0] = 0xff;
	ports[GPE0 + 8] = 0x80;
	CHECK_EQ(acpi_event_request(5, first), 0);
	CHECK_EQ(line, 20);
	/* Only its own bits change; what was before is forgotten. */
	CHECK_EQ(ports[GPE0], 0xdf);
	CHECK_EQ(ports[GPE0 + 8], 0xa0);
	CHECK_EQ(action->handler(action->context), IRQ_NONE);
	CHECK_EQ(acpi_event_request(5, second), -EBUSY);
	CHECK_EQ(acpi_event_request(65, second), 0);
	CHECK_EQ(ports[GPE1 + 2], 0x02);
	ports[GPE0] |= 0x20;
	CHECK_EQ(action->handler(action->context), IRQ_HANDLED);
	CHECK_EQ(called[0], 1);
	CHECK_EQ(called[1], 0);
	CHECK_EQ(ports[GPE0], 0xdf);
	ports[GPE0] |= 0x20;
	ports[GPE1] = 0x02;
	CHECK_EQ(action->handler(action->context), IRQ_HANDLED);
	CHECK_EQ(called[0], 2);
	CHECK_EQ(called[1], 1);
	CHECK_EQ(action->handler(action->context), IRQ_NONE);
}

TEST(no_more_events_than_there_is_room_for)
{
	begin();
	CHECK_EQ(acpi_event_request(1, first), 0);
	CHECK_EQ(acpi_event_request(2, first), 0);
	CHECK_EQ(acpi_event_request(3, first), -ENOSPC);
}
