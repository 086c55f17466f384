/* SPDX-License-Identifier: BSD-2-Clause */
#define pr_fmt(fmt) "acpi: " fmt

#include <kernel/acpi.h>
#include <kernel/acpi_power.h>
#include <kernel/byteorder.h>
#include <kernel/io.h>
#include <kernel/printk.h>
#include <kernel/time.h>
#include "internal.h"

/* How long firmware may take for the switch to ACPI mode, and for S5. */
#define ACPI_ENABLE_TIMEOUT_US 300000
#define ACPI_S5_TIMEOUT_US     500000
#define ACPI_RESET_TIMEOUT_US  50000
#define ACPI_POLL_US	       100

/* Write @value to an 8-bit register; false if it is in no space we know. */
static bool gas_write8(const struct acpi_gas *gas, u8 value)
{
	u64 address = le64_to_cpu(gas->address);
	void __iomem *p;

	if (!address)
		return false;
	switch (gas->address_space_id) {
	case ACPI_SPACE_IO:
		if (!IS_ENABLED(CONFIG_HAS_IOPORT) || address > UINT16_MAX)
			return false;
		outb((u16)address, value);
		return true;
	case ACPI_SPACE_MEMORY:
		p = ioremap(address, 1);
		if (p)
			mmio_write8(p, value);
		return p;
	default: return false;
	}
}

bool acpi_enable_mode(const struct acpi_fadt *f, u16 pm1a)
{
	u32 smi = le32_to_cpu(f->smi_cmd);

	if (!IS_ENABLED(CONFIG_HAS_IOPORT) || inw(pm1a) & ACPI_PM1_SCI_EN ||
	    !smi || smi > UINT16_MAX || !f->acpi_enable)
		return true;
	outb((u16)smi, f->acpi_enable);
	for (unsigned us = 0; us < ACPI_ENABLE_TIMEOUT_US; us += ACPI_POLL_US) {
		if (inw(pm1a) & ACPI_PM1_SCI_EN)
			return true;
		udelay(ACPI_POLL_US);
	}
	pr_warn("firmware did not enable ACPI mode");
	return false;
}

static void write_pm1(u16 port, u8 type, u16 enable)
{
	u16 value;

	if (!port)
		return;
	value = inw(port) & ~ACPI_PM1_SLP_TYP_MASK;
	value |= (u16)(type << ACPI_PM1_SLP_TYP_SHIFT);
	outw(port, value | enable);
}

/* The registers of 4.8.3.2. Returns false if there are none. */
static bool enter_s5_fixed(const struct acpi_fadt *f, u8 type_a, u8 type_b)
{
	u16 pm1a, pm1b;

	if (!IS_ENABLED(CONFIG_HAS_IOPORT))
		return false;
	pm1a = acpi_fadt_port(f->pm1a_cnt_blk, &f->x_pm1a_cnt_blk);
	pm1b = acpi_fadt_port(f->pm1b_cnt_blk, &f->x_pm1b_cnt_blk);
	if (!pm1a)
		return false;
	acpi_enable_mode(f, pm1a);
	/* Half of the machine must not leave before the other knows whereto. */
	write_pm1(pm1a, type_a, 0);
	write_pm1(pm1b, type_b, 0);
	write_pm1(pm1a, type_a, ACPI_PM1_SLP_EN);
	write_pm1(pm1b, type_b, ACPI_PM1_SLP_EN);
	return true;
}

/* The register of 4.8.3.7. Returns false if there is none. */
static bool enter_s5_reduced(const struct acpi_fadt *f, u8 type)
{
	u8 value = (u8)(type << ACPI_SLEEP_CONTROL_SLP_TYP_SHIFT);

	return gas_write8(&f->sleep_control_reg,
			  value | ACPI_SLEEP_CONTROL_SLP_EN);
}

void acpi_poweroff(void)
{
	const struct acpi_fadt *f = acpi_fadt();
	u8 type_a, type_b;
	bool asked;

	if (!f)
		return;
	if (acpi_sleep_type_s5(&type_a, &type_b)) {
		pr_warn("firmware describes no sleep state S5");
		return;
	}
	if (le32_to_cpu(f->flags) & ACPI_FADT_HW_REDUCED_ACPI)
		asked = enter_s5_reduced(f, type_a);
	else
		asked = enter_s5_fixed(f, type_a, type_b);
	if (asked)
		udelay(ACPI_S5_TIMEOUT_US);
	else
		pr_warn("firmware names no register to enter S5 by");
}

void acpi_reset(void)
{
	const struct acpi_fadt *f = acpi_fadt();

	if (f && le32_to_cpu(f->flags) & ACPI_FADT_RESET_REG_SUP &&
	    gas_write8(&f->reset_reg, f->reset_value))
		udelay(ACPI_RESET_TIMEOUT_US);
}
