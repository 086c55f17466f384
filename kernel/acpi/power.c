/* SPDX-License-Identifier: BSD-2-Clause */
#define pr_fmt(fmt) "acpi: " fmt

#include <kernel/acpi.h>
#include <kernel/acpi_power.h>
#include <kernel/boot_info.h>
#include <kernel/byteorder.h>
#include <kernel/io.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/time.h>

/* How long firmware may take for the switch to ACPI mode, and for S5. */
#define ACPI_ENABLE_TIMEOUT_US 300000
#define ACPI_S5_TIMEOUT_US     500000
#define ACPI_RESET_TIMEOUT_US  50000
#define ACPI_POLL_US	       100

/* A copy of the FADT, what is beyond its end being 0; NULL: there is none. */
static const struct acpi_fadt *fadt(void)
{
	static struct acpi_fadt copy;
	const struct acpi_sdt_header *table;

	acpi_init(boot_info.rsdp);
	table = acpi_find(ACPI_FADT_SIGNATURE, 0);
	if (!table || le32_to_cpu(table->length) < ACPI_FADT_V1_LENGTH)
		return NULL;
	memset(&copy, 0, sizeof(copy));
	memcpy(&copy, table, MIN(le32_to_cpu(table->length), sizeof(copy)));
	return &copy;
}

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

/* Firmware may own the registers until it is asked to hand them over. */
static void enable_acpi(const struct acpi_fadt *f)
{
	u16 pm1a = (u16)le32_to_cpu(f->pm1a_cnt_blk);
	u32 smi = le32_to_cpu(f->smi_cmd);

	if (inw(pm1a) & ACPI_PM1_SCI_EN || !smi || smi > UINT16_MAX ||
	    !f->acpi_enable)
		return;
	outb((u16)smi, f->acpi_enable);
	for (unsigned us = 0; us < ACPI_ENABLE_TIMEOUT_US; us += ACPI_POLL_US) {
		if (inw(pm1a) & ACPI_PM1_SCI_EN)
			return;
		udelay(ACPI_POLL_US);
	}
	pr_warn("firmware did not enable ACPI mode");
}

static void write_pm1(u32 port, u8 type)
{
	u16 value;

	if (!port || port > UINT16_MAX)
		return;
	value = inw((u16)port) & ~ACPI_PM1_SLP_TYP_MASK;
	value |= (u16)(type << ACPI_PM1_SLP_TYP_SHIFT);
	outw((u16)port, value | ACPI_PM1_SLP_EN);
}

void acpi_poweroff(void)
{
	const struct acpi_fadt *f = fadt();
	u8 type_a, type_b;

	if (!f)
		return;
	if (acpi_sleep_type_s5(&type_a, &type_b)) {
		pr_warn("firmware describes no sleep state S5");
		return;
	}
	if (le32_to_cpu(f->flags) & ACPI_FADT_HW_REDUCED_ACPI) {
		u8 value = (u8)(type_a << ACPI_SLEEP_CONTROL_SLP_TYP_SHIFT);

		gas_write8(&f->sleep_control_reg,
			   value | ACPI_SLEEP_CONTROL_SLP_EN);
	} else if (IS_ENABLED(CONFIG_HAS_IOPORT)) {
		enable_acpi(f);
		write_pm1(le32_to_cpu(f->pm1a_cnt_blk), type_a);
		write_pm1(le32_to_cpu(f->pm1b_cnt_blk), type_b);
	}
	udelay(ACPI_S5_TIMEOUT_US);
}

void acpi_reset(void)
{
	const struct acpi_fadt *f = fadt();

	if (f && le32_to_cpu(f->flags) & ACPI_FADT_RESET_REG_SUP &&
	    gas_write8(&f->reset_reg, f->reset_value))
		udelay(ACPI_RESET_TIMEOUT_US);
}
