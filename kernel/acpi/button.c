/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The power button of ACPI's fixed hardware: ACPI 6.5, 4.8.2.2.1.1. Hypervisors
 * press it to ask a guest to turn itself off (QEMU's system_powerdown,
 * VirtualBox's acpipowerbutton). Machines whose button is a device of the
 * namespace need AML to be run for it: they have none here.
 */
#define pr_fmt(fmt) "acpi: " fmt

#include <kernel/acpi.h>
#include <kernel/byteorder.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/io.h>
#include <kernel/irq.h>
#include <kernel/power.h>
#include <kernel/printk.h>
#include "internal.h"

/* PC's IRQs, of which the MADT tells where they arrive. */
#define ISA_IRQS 16

/* Each has half of the button's bits; 0: there is no such block. */
static struct {
	u16 status[2], enable[2];
	struct irq_action irq;
} button;

static bool is_pressed(void)
{
	bool pressed = false;

	for (unsigned i = 0; i < ARRAY_SIZE(button.status); i++) {
		if (!button.status[i] ||
		    !(inw(button.status[i]) & ACPI_PM1_PWRBTN))
			continue;
		outw(button.status[i], ACPI_PM1_PWRBTN);
		pressed = true;
	}
	return pressed;
}

static enum irq_return button_interrupt(void *context)
{
	(void)context;
	if (!is_pressed())
		return IRQ_NONE;
	power_request(POWER_REQUEST_POWEROFF, "the power button");
	return IRQ_HANDLED;
}

static void find_block(unsigned i, const struct acpi_fadt *f, le32 block,
		       const struct acpi_gas *extended)
{
	u16 port = acpi_fadt_port(block, extended);

	if (f->pm1_evt_len < ACPI_PM1_EVT_LEN_MIN ||
	    port > UINT16_MAX - f->pm1_evt_len)
		port = 0;
	button.status[i] = port;
	button.enable[i] = port ? (u16)(port + f->pm1_evt_len / 2) : 0;
}

/*
 * Events of the other kind share the line, and only AML knows what they mean:
 * those that firmware has left enabled would interrupt for ever.
 */
static void silence_block(le32 block, const struct acpi_gas *extended,
			  u8 length)
{
	u16 port = acpi_fadt_port(block, extended);

	if (port > UINT16_MAX - length)
		return;
	for (unsigned i = length / 2; port && i < length; i++)
		outb((u16)(port + i), 0);
}

/* Before anybody asks for one of them: <kernel/acpi_event.h>. */
static int silence_events(void)
{
	const struct acpi_fadt *f = acpi_fadt();

	if (!f || le32_to_cpu(f->flags) & ACPI_FADT_HW_REDUCED_ACPI)
		return 0;
	silence_block(f->gpe0_blk, &f->x_gpe0_blk, f->gpe0_blk_len);
	silence_block(f->gpe1_blk, &f->x_gpe1_blk, f->gpe1_blk_len);
	return 0;
}
initcall(INIT_BUS, silence_events);

static void enable_button(bool enable)
{
	for (unsigned i = 0; i < ARRAY_SIZE(button.enable); i++)
		if (button.enable[i])
			outw(button.enable[i], enable ? ACPI_PM1_PWRBTN : 0);
}

static int take_line(const struct acpi_fadt *f)
{
	unsigned sci = le16_to_cpu(f->sci_int);
	int irq = sci < ISA_IRQS ? irq_from_isa(sci) : (int)sci;

	button.irq = (struct irq_action){
		.name = "acpi",
		.handler = button_interrupt,
	};
	return irq < 0 ? irq
		       : irq_request((unsigned)irq, &button.irq,
				     IRQ_TRIGGER_DEFAULT);
}

static bool has_button(const struct acpi_fadt *f)
{
	u32 flags = f ? le32_to_cpu(f->flags) : 0;

	return f &&
	       !(flags & (ACPI_FADT_HW_REDUCED_ACPI | ACPI_FADT_PWR_BUTTON));
}

static int button_init(void)
{
	const struct acpi_fadt *f = acpi_fadt();
	u16 control;

	if (!irq_available() || !has_button(f))
		return 0;
	control = acpi_fadt_port(f->pm1a_cnt_blk, &f->x_pm1a_cnt_blk);
	find_block(0, f, f->pm1a_evt_blk, &f->x_pm1a_evt_blk);
	find_block(1, f, f->pm1b_evt_blk, &f->x_pm1b_evt_blk);
	if (!control || !button.status[0] || !acpi_enable_mode(f, control))
		return 0;
	/* What was pressed before there was a kernel was not meant for it. */
	enable_button(false);
	is_pressed();
	if (take_line(f)) {
		pr_info("no interrupt for the power button");
		return 0;
	}
	enable_button(true);
	return 0;
}
initcall(INIT_SERVICE, button_init);
