/* SPDX-License-Identifier: BSD-2-Clause */
/* The power button of a device tree, and trees that only seem to have one. */
#include "fake_fdt.h"
#include <abi/pl061.h>
#include <drivers/platform.h>
#include <kernel/errno.h>
#include <kernel/fdt.h>
#include <kernel/io.h>
#include <kernel/power.h>

#define KEY_POWER 116

const struct bus_type platform_bus;
static struct fdt fdt;
static struct platform_device pdev;
static _Alignas(4) char registers[PL061_SIZE];
static struct irq_action *line;
static bool no_mapping, no_line;
static unsigned mappings, requests;

const struct fdt *fdt_machine(void)
{
	return fdt.structure ? &fdt : NULL;
}

void __iomem *platform_map(const struct platform_device *device, unsigned index,
			   u64 offset, u64 size)
{
	CHECK(device == &pdev && !index && !offset);
	CHECK_EQ(size, PL061_SIZE);
	if (no_mapping)
		return NULL;
	mappings++;
	return (void __iomem *)registers;
}

void iounmap(const volatile void __iomem *mapping)
{
	(void)mapping;
	mappings--;
}

int platform_line(const struct platform_device *device, unsigned index,
		  enum irq_trigger *trigger)
{
	CHECK(device == &pdev && !index);
	*trigger = IRQ_TRIGGER_LEVEL_HIGH;
	return no_line ? -ENOENT : 39;
}

int irq_request(unsigned irq, struct irq_action *action,
		enum irq_trigger trigger)
{
	CHECK_EQ(irq, 39);
	CHECK_EQ(trigger, IRQ_TRIGGER_LEVEL_HIGH);
	line = action;
	return 0;
}

void irq_free(struct irq_action *action)
{
	CHECK(action == line);
	line = NULL;
}

int power_request(enum power_request what, const char *from)
{
	CHECK_EQ(what, POWER_REQUEST_POWEROFF);
	CHECK(from);
	requests++;
	return 0;
}

static u32 get(unsigned reg)
{
	u32 value;

	memcpy(&value, registers + reg, sizeof(value));
	return value;
}

static void set(unsigned reg, u32 value)
{
	memcpy(registers + reg, &value, sizeof(value));
}

static void machine(u32 code, u32 phandle, u32 pin, u32 flags)
{
	tree_start();
	tree_begin("gpio-keys");
	tree_string("compatible", "gpio-keys");
	tree_begin("other");
	TREE_CELLS("linux,code", 30);
	TREE_CELLS("gpios", 7, 1, 0);
	tree_end();
	tree_begin("poweroff");
	TREE_CELLS("linux,code", code);
	TREE_CELLS("gpios", phandle, pin, flags);
	tree_end();
	tree_end();
	tree_begin("pl061@9030000");
	tree_string("compatible", "arm,pl061");
	TREE_CELLS("phandle", 7);
	tree_end();
	tree_finish();
	CHECK_EQ(fdt_open(&fdt, tree.blob, tree.size), 0);
	memset(&pdev, 0, sizeof(pdev));
	pdev.fdt_node = fdt_find(&fdt, "/pl061");
	memset(registers, 0, sizeof(registers));
	set(PL061_PERIPH_ID0, 0x61);
	set(PL061_PERIPH_ID1, 0x10);
	set(PL061_GPIODIR, 0xff);
	set(PL061_GPIOIE, 0x01);
	no_mapping = no_line = false;
	mappings = requests = 0;
	line = NULL;
}

static const struct driver *driver(void)
{
	table_for_each(const struct driver, driver, it)
		return *it;
	return NULL;
}

static void expect_refused(int err)
{
	CHECK_EQ(driver()->probe(&pdev.dev), err);
	CHECK(!mappings && !line);
	CHECK_EQ(get(PL061_GPIOIE), 1);
}

TEST(button_asks_the_machine_to_turn_itself_off)
{
	machine(KEY_POWER, 7, 3, 0);
	CHECK_EQ(driver()->probe(&pdev.dev), 0);
	/* Its pin alone was changed. */
	CHECK_EQ(get(PL061_GPIODIR), 0xf7);
	CHECK_EQ(get(PL061_GPIOIE), 0x09);
	CHECK_EQ(get(PL061_GPIOIEV), 0x08);
	CHECK_EQ(line->handler(line->context), IRQ_NONE);
	set(PL061_GPIOMIS, 0x01);
	CHECK_EQ(line->handler(line->context), IRQ_NONE);
	CHECK_EQ(requests, 0);
	set(PL061_GPIOMIS, 0x08);
	CHECK_EQ(line->handler(line->context), IRQ_HANDLED);
	CHECK_EQ(get(PL061_GPIOIC), 0x08);
	CHECK_EQ(requests, 1);
	driver()->remove(&pdev.dev);
	CHECK(!mappings && !line);
	CHECK_EQ(get(PL061_GPIOIE), 0x01);
}

TEST(button_that_is_pressed_when_low_interrupts_when_it_falls)
{
	machine(KEY_POWER, 7, 0, 1);
	CHECK_EQ(driver()->probe(&pdev.dev), 0);
	CHECK_EQ(get(PL061_GPIOIEV), 0);
	driver()->remove(&pdev.dev);
}

TEST(controller_without_the_button_is_left_alone)
{
	machine(31, 7, 3, 0);
	expect_refused(-ENODEV);
	machine(KEY_POWER, 8, 3, 0);
	expect_refused(-ENODEV);
	machine(KEY_POWER, 0, 3, 0);
	expect_refused(-ENODEV);
	machine(KEY_POWER, 7, 8, 0);
	expect_refused(-ENODEV);
	machine(KEY_POWER, 7, UINT32_MAX, 0);
	expect_refused(-ENODEV);
	machine(KEY_POWER, 7, 3, 0);
	pdev.fdt_node = 0;
	expect_refused(-ENODEV);
}

TEST(what_cannot_be_used_is_given_back)
{
	machine(KEY_POWER, 7, 3, 0);
	set(PL061_PERIPH_ID0, 0x31);
	expect_refused(-ENODEV);
	machine(KEY_POWER, 7, 3, 0);
	no_mapping = true;
	expect_refused(-ENOMEM);
	machine(KEY_POWER, 7, 3, 0);
	no_line = true;
	expect_refused(-ENOENT);
}
