/* SPDX-License-Identifier: BSD-2-Clause */
/* Power off and reset through ACPI, on a machine that writes down everything.
 */
#include <kernel/acpi.h>
#include <kernel/acpi_power.h>
#include <kernel/boot_info.h>
#include <kernel/io.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include "unit.h"

#define PM1A	0x604
#define PM1B	0x704
#define SMI	0xb2
#define TYPE_A	5
#define TYPE_B	3
#define SLP(t)	((u32)(t) << ACPI_PM1_SLP_TYP_SHIFT)
#define SLP_EN	ACPI_PM1_SLP_EN
#define OTHERS	0x0003	/* bits that must be kept: SCI_EN, BM_RLD */
#define TIMEOUT 2000000 /* microseconds: no wait here is longer */

struct boot_info boot_info;

static struct acpi_fadt fadt;
static bool fadt_present, s5_present, enables;
static u16 pm1a;
static unsigned messages, writes;
static u64 waited;
static struct {
	u16 port;
	u32 value;
} written[8];
static u8 registers[4];

void printk(enum log_level level, unsigned flags, const char *fmt, ...)
{
	(void)level;
	(void)flags;
	(void)fmt;
	messages++;
}

int acpi_init(phys_addr_t rsdp)
{
	(void)rsdp;
	return 0;
}

const struct acpi_sdt_header *acpi_find(const char *signature, unsigned index)
{
	CHECK_EQ(memcmp(signature, "FACP", 4), 0);
	CHECK_EQ(index, 0);
	return fadt_present ? &fadt.header : NULL;
}

int acpi_sleep_type_s5(u8 *type_a, u8 *type_b)
{
	*type_a = TYPE_A;
	*type_b = TYPE_B;
	return s5_present ? 0 : -1;
}

void udelay(u64 us)
{
	waited += us;
}

void __iomem *ioremap(phys_addr_t phys, u64 size)
{
	CHECK_EQ(phys, 0xfee00000);
	CHECK_EQ(size, 1);
	return registers;
}

static void note(u16 port, u32 value)
{
	if (writes < ARRAY_SIZE(written)) {
		written[writes].port = port;
		written[writes].value = value;
	}
	writes++;
	if (port == SMI && enables)
		pm1a |= ACPI_PM1_SCI_EN;
}

u8 inb(u16 port)
{
	(void)port;
	return 0xff;
}

u16 inw(u16 port)
{
	CHECK(port == PM1A || port == PM1B);
	return port == PM1A ? pm1a : OTHERS | SLP(7);
}

u32 inl(u16 port)
{
	(void)port;
	return UINT32_MAX;
}

void outb(u16 port, u8 v)
{
	note(port, v);
}

void outw(u16 port, u16 v)
{
	note(port, v);
}

void outl(u16 port, u32 v)
{
	note(port, v);
}

static void begin(void)
{
	memset(&fadt, 0, sizeof(fadt));
	fadt.header.length = sizeof(fadt);
	fadt.pm1a_cnt_blk = PM1A;
	fadt_present = s5_present = enables = true;
	pm1a = OTHERS | SLP(7);
	messages = writes = 0;
	waited = 0;
	memset(registers, 0, sizeof(registers));
}

static void check_write(unsigned n, u16 port, u32 value)
{
	CHECK(n < writes);
	CHECK_EQ(written[n].port, port);
	CHECK_EQ(written[n].value, value);
}

static struct acpi_gas gas(u8 space, u64 address)
{
	return (struct acpi_gas){ .address_space_id = space,
				  .address = address };
}

TEST(poweroff_sets_both_types_before_either_enable)
{
	begin();
	fadt.pm1b_cnt_blk = PM1B;
	acpi_poweroff();
	CHECK_EQ(writes, 4);
	check_write(0, PM1A, OTHERS | SLP(TYPE_A));
	check_write(1, PM1B, OTHERS | SLP(TYPE_B));
	check_write(2, PM1A, OTHERS | SLP(TYPE_A) | SLP_EN);
	check_write(3, PM1B, OTHERS | SLP(TYPE_B) | SLP_EN);
	CHECK_EQ(messages, 0);
	CHECK(waited && waited < TIMEOUT);
}

TEST(poweroff_takes_the_extended_register_first)
{
	begin();
	fadt.pm1a_cnt_blk = 0x100;
	fadt.x_pm1a_cnt_blk = gas(ACPI_SPACE_IO, PM1A);
	acpi_poweroff();
	CHECK_EQ(writes, 2);
	check_write(1, PM1A, OTHERS | SLP(TYPE_A) | SLP_EN);
	begin();
	fadt.pm1a_cnt_blk = 0;
	fadt.x_pm1a_cnt_blk = gas(ACPI_SPACE_IO, PM1A);
	acpi_poweroff();
	check_write(1, PM1A, OTHERS | SLP(TYPE_A) | SLP_EN);
}

TEST(poweroff_falls_back_where_the_extended_register_is_no_port)
{
	begin();
	fadt.x_pm1a_cnt_blk = gas(ACPI_SPACE_IO, 0x10000);
	acpi_poweroff();
	check_write(1, PM1A, OTHERS | SLP(TYPE_A) | SLP_EN);
	begin();
	fadt.x_pm1a_cnt_blk = gas(ACPI_SPACE_MEMORY, 0x1000);
	acpi_poweroff();
	check_write(1, PM1A, OTHERS | SLP(TYPE_A) | SLP_EN);
}

TEST(poweroff_of_an_old_fadt_does_not_read_past_it)
{
	begin();
	fadt.header.length = ACPI_FADT_V1_LENGTH;
	fadt.x_pm1a_cnt_blk = gas(ACPI_SPACE_IO, 0x100);
	acpi_poweroff();
	CHECK_EQ(writes, 2);
	check_write(1, PM1A, OTHERS | SLP(TYPE_A) | SLP_EN);
}

TEST(poweroff_without_register_touches_no_port)
{
	begin();
	fadt.pm1a_cnt_blk = 0;
	fadt.smi_cmd = SMI;
	fadt.acpi_enable = 0xf1;
	acpi_poweroff();
	CHECK_EQ(writes, 0);
	CHECK_EQ(messages, 1);
	CHECK_EQ(waited, 0);
	begin();
	fadt.pm1a_cnt_blk = 0x10000;
	acpi_poweroff();
	CHECK_EQ(writes, 0);
	CHECK_EQ(messages, 1);
}

TEST(poweroff_without_fadt_or_s5_does_nothing)
{
	begin();
	fadt_present = false;
	acpi_poweroff();
	CHECK_EQ(writes, 0);
	begin();
	s5_present = false;
	acpi_poweroff();
	CHECK_EQ(writes, 0);
	CHECK_EQ(messages, 1);
}

TEST(poweroff_enables_acpi_where_firmware_has_not)
{
	begin();
	pm1a = 0;
	fadt.smi_cmd = SMI;
	fadt.acpi_enable = 0xf1;
	acpi_poweroff();
	check_write(0, SMI, 0xf1);
	check_write(2, PM1A, ACPI_PM1_SCI_EN | SLP(TYPE_A) | SLP_EN);
	CHECK_EQ(messages, 0);
}

TEST(poweroff_does_not_wait_for_ever_for_firmware)
{
	begin();
	pm1a = 0;
	enables = false;
	fadt.smi_cmd = SMI;
	fadt.acpi_enable = 0xf1;
	acpi_poweroff();
	check_write(2, PM1A, SLP(TYPE_A) | SLP_EN);
	CHECK_EQ(messages, 1);
	CHECK(waited < TIMEOUT);
}

TEST(poweroff_of_reduced_hardware)
{
	begin();
	fadt.flags = ACPI_FADT_HW_REDUCED_ACPI;
	fadt.sleep_control_reg = gas(ACPI_SPACE_IO, 0x600);
	acpi_poweroff();
	CHECK_EQ(writes, 1);
	check_write(0, 0x600, TYPE_A << 2 | ACPI_SLEEP_CONTROL_SLP_EN);
	begin();
	fadt.flags = ACPI_FADT_HW_REDUCED_ACPI;
	fadt.sleep_control_reg = gas(ACPI_SPACE_MEMORY, 0xfee00000);
	acpi_poweroff();
	CHECK_EQ(writes, 0);
	CHECK_EQ(registers[0], TYPE_A << 2 | ACPI_SLEEP_CONTROL_SLP_EN);
	CHECK_EQ(registers[1], 0);
}

TEST(poweroff_of_reduced_hardware_without_register)
{
	begin();
	fadt.flags = ACPI_FADT_HW_REDUCED_ACPI;
	acpi_poweroff();
	CHECK_EQ(writes, 0);
	CHECK_EQ(messages, 1);
}

TEST(reset_writes_the_register_if_there_is_one)
{
	begin();
	fadt.reset_reg = gas(ACPI_SPACE_IO, 0xcf9);
	fadt.reset_value = 6;
	acpi_reset();
	CHECK_EQ(writes, 0);
	fadt.flags = ACPI_FADT_RESET_REG_SUP;
	acpi_reset();
	CHECK_EQ(writes, 1);
	check_write(0, 0xcf9, 6);
}
