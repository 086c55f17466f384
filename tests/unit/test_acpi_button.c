/* SPDX-License-Identifier: BSD-2-Clause */
/* ACPI's power button, on machines that have it, and that only say so. */
#include <kernel/acpi.h>
#include <kernel/boot_info.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/io.h>
#include <kernel/irq.h>
#include <kernel/power.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include "../../kernel/acpi/internal.h"
#include "unit.h"

#define EVENT	0x600
#define CONTROL 0x604
#define GPE	0xafe0

struct boot_info boot_info;

static struct acpi_fadt fadt;
static bool fadt_present, mode_refused, irqs_missing;
static u16 ports[0x10000 / 2]; /* of 16 bits */
static u8 gpe[16];
static struct irq_action *line;
static unsigned line_number, requests;
static int line_error;

void printk(enum log_level level, unsigned flags, const char *fmt, ...)
{
	(void)level;
	(void)flags;
	(void)fmt;
}

const struct acpi_fadt *acpi_fadt(void)
{
	return fadt_present ? &fadt : NULL;
}

u16 acpi_fadt_port(le32 block, const struct acpi_gas *extended)
{
	(void)extended;
	return (u16)(__force u32)block;
}

bool acpi_enable_mode(const struct acpi_fadt *f, u16 pm1a)
{
	CHECK(f == &fadt);
	CHECK_EQ(pm1a, CONTROL);
	return !mode_refused;
}

bool irq_available(void)
{
	return !irqs_missing;
}

int irq_from_isa(unsigned irq)
{
	return irq == 9 ? 20 : -ENODEV;
}

int irq_request(unsigned irq, struct irq_action *action,
		enum irq_trigger trigger)
{
	CHECK_EQ(trigger, IRQ_TRIGGER_DEFAULT);
	if (line_error)
		return line_error;
	line_number = irq;
	line = action;
	return 0;
}

int power_request(enum power_request what, const char *from)
{
	CHECK_EQ(what, POWER_REQUEST_POWEROFF);
	CHECK(from);
	requests++;
	return requests > 1 ? -EBUSY : 0;
}

u16 inw(u16 port)
{
	return ports[port / 2];
}

/* What is written to a status register clears it. */
void outw(u16 port, u16 value)
{
	if (port == EVENT)
		ports[port / 2] &= (u16)~value;
	else
		ports[port / 2] = value;
}

void outb(u16 port, u8 value)
{
	CHECK(port >= GPE && port < GPE + sizeof(gpe));
	gpe[port - GPE] = value;
}

static void machine(void)
{
	memset(&fadt, 0, sizeof(fadt));
	fadt.pm1a_evt_blk = (__force le32)EVENT;
	fadt.pm1a_cnt_blk = (__force le32)CONTROL;
	fadt.pm1_evt_len = 4;
	fadt.sci_int = (__force le16)9;
	fadt.gpe0_blk = (__force le32)GPE;
	fadt.gpe0_blk_len = 4;
	fadt_present = true;
	mode_refused = irqs_missing = false;
	memset(ports, 0, sizeof(ports));
	memset(gpe, 0xff, sizeof(gpe));
	line = NULL;
	line_error = 0;
	requests = 0;
}

static int init(void)
{
	int err = 0;

	/* In order of their levels. */
	table_for_each(const struct initcall, init, it)
		err |= (*it)->fn();
	return err;
}

static u16 enabled(void)
{
	return ports[(EVENT + 2) / 2];
}

static enum irq_return press(void)
{
	ports[EVENT / 2] |= ACPI_PM1_PWRBTN | 1;
	return line->handler(line->context);
}

TEST(button_asks_the_machine_to_turn_itself_off)
{
	machine();
	ports[EVENT / 2] = ACPI_PM1_PWRBTN;
	CHECK_EQ(init(), 0);
	CHECK_EQ(line_number, 20);
	CHECK_EQ(enabled(), ACPI_PM1_PWRBTN);
	/* It was pressed before there was a kernel. */
	CHECK_EQ(ports[EVENT / 2] | requests, 0);
	CHECK_EQ(line->handler(line->context), IRQ_NONE);
	CHECK_EQ(press(), IRQ_HANDLED);
	CHECK_EQ(requests, 1);
	/* Others' bits are left to others. */
	CHECK_EQ(ports[EVENT / 2], 1);
	CHECK_EQ(press(), IRQ_HANDLED);
	CHECK_EQ(requests, 2);
}

TEST(general_events_are_silenced_and_their_status_left)
{
	machine();
	CHECK_EQ(init(), 0);
	CHECK_EQ(gpe[0] & gpe[1], 0xff);
	CHECK_EQ(gpe[2] | gpe[3], 0);
	CHECK_EQ(gpe[4], 0xff);

	/* Also where the button is none of fixed hardware. */
	machine();
	fadt.flags = (__force le32)ACPI_FADT_PWR_BUTTON;
	CHECK_EQ(init(), 0);
	CHECK_EQ(gpe[2] | gpe[3], 0);
	machine();
	fadt.flags = (__force le32)ACPI_FADT_HW_REDUCED_ACPI;
	CHECK_EQ(init(), 0);
	CHECK_EQ(gpe[2] & gpe[3], 0xff);
}

TEST(line_beyond_the_pc_s_is_a_global_one)
{
	machine();
	fadt.sci_int = (__force le16)21;
	CHECK_EQ(init(), 0);
	CHECK_EQ(line_number, 21);
}

static void expect_none(void)
{
	CHECK_EQ(init(), 0);
	CHECK(!line && !enabled());
}

TEST(machine_without_the_fixed_button_is_left_alone)
{
	machine();
	fadt_present = false;
	expect_none();
	machine();
	fadt.flags = (__force le32)ACPI_FADT_PWR_BUTTON;
	expect_none();
	machine();
	fadt.flags = (__force le32)ACPI_FADT_HW_REDUCED_ACPI;
	expect_none();
	machine();
	irqs_missing = true;
	expect_none();
}

TEST(tables_that_make_no_sense_are_no_button)
{
	machine();
	fadt.pm1_evt_len = 3;
	expect_none();
	machine();
	fadt.pm1a_evt_blk = (__force le32)0xfffe;
	expect_none();
	machine();
	fadt.pm1a_evt_blk = 0;
	expect_none();
	machine();
	fadt.pm1a_cnt_blk = 0;
	expect_none();
	machine();
	mode_refused = true;
	expect_none();
}

TEST(button_without_a_line_stays_disabled)
{
	machine();
	line_error = -EBUSY;
	expect_none();
	machine();
	fadt.sci_int = (__force le16)3;
	expect_none();
}
