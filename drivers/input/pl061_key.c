/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The power button of machines that a device tree describes: a key of a
 * "gpio-keys" node, at a pin of a PL061. QEMU's arm64 machine presses it for
 * system_powerdown. Other pins are left as they are.
 */
#include <abi/pl061.h>
#include <drivers/platform.h>
#include <kernel/errno.h>
#include <kernel/fdt.h>
#include <kernel/io.h>
#include <kernel/mm/slab.h>
#include <kernel/power.h>
#include <kernel/printk.h>

/* "linux,code" of the key (Linux's input-event-codes.h). */
#define KEY_POWER 116
/* The flags of a "gpios" entry (devicetree bindings, gpio.txt). */
#define GPIO_ACTIVE_LOW 1U

struct power_key {
	char __iomem *registers;
	u32 pin; /* its bit */
	bool active_low;
	struct irq_action irq;
};

static enum irq_return key_interrupt(void *context)
{
	struct power_key *key = context;

	if (!(mmio_read32(key->registers + PL061_GPIOMIS) & key->pin))
		return IRQ_NONE;
	mmio_write32(key->registers + PL061_GPIOIC, key->pin);
	power_request(POWER_REQUEST_POWEROFF, "the power button");
	return IRQ_HANDLED;
}

static bool is_ours(const struct fdt *fdt, int node, int controller,
		    struct power_key *key)
{
	u32 code, phandle, pin, flags;

	if (!fdt_cell(fdt, node, "linux,code", 0, &code) || code != KEY_POWER ||
	    !fdt_cell(fdt, node, "gpios", 0, &phandle) ||
	    !fdt_cell(fdt, node, "gpios", 1, &pin) ||
	    !fdt_cell(fdt, node, "gpios", 2, &flags) || pin >= PL061_PINS ||
	    fdt_find_phandle(fdt, phandle) != controller)
		return false;
	key->pin = BIT(pin);
	key->active_low = flags & GPIO_ACTIVE_LOW;
	return true;
}

/* A key at one of @controller's pins. */
static bool find_key(const struct fdt *fdt, int controller,
		     struct power_key *key)
{
	int keys = fdt_find_compatible(fdt, FDT_NONE, "gpio-keys");

	if (keys == FDT_NONE)
		return false;
	fdt_for_each_child(fdt, node, keys)
		if (is_ours(fdt, node, controller, key))
			return true;
	return false;
}

static int check(const struct device *dev, const struct power_key *key)
{
	u32 part = mmio_read32(key->registers + PL061_PERIPH_ID0) |
		   mmio_read32(key->registers + PL061_PERIPH_ID1) << 8;

	if ((part & PL061_PART_MASK) == PL061_PART)
		return 0;
	pr_err("%s: identifies itself as part %#x: not used", dev->name,
	       part & PL061_PART_MASK);
	return -ENODEV;
}

/* Set the pin's bit in a register, or clear it. */
static void set_pin(const struct power_key *key, unsigned reg, bool set)
{
	u32 value = mmio_read32(key->registers + reg) & ~key->pin;

	mmio_write32(key->registers + reg, set ? value | key->pin : value);
}

static int listen(struct device *dev, struct power_key *key)
{
	enum irq_trigger trigger;
	int line = platform_line(to_platform_device(dev), 0, &trigger);

	if (line < 0)
		return line;
	set_pin(key, PL061_GPIOIE, false);
	set_pin(key, PL061_GPIODIR, false);
	set_pin(key, PL061_GPIOIS, false);
	set_pin(key, PL061_GPIOIBE, false);
	set_pin(key, PL061_GPIOIEV, !key->active_low);
	mmio_write32(key->registers + PL061_GPIOIC, key->pin);
	key->irq = (struct irq_action){
		.name = dev->name,
		.handler = key_interrupt,
		.context = key,
	};
	line = irq_request((unsigned)line, &key->irq, trigger);
	if (!line)
		set_pin(key, PL061_GPIOIE, true);
	return line;
}

static int key_probe(struct device *dev)
{
	const struct platform_device *pdev = to_platform_device(dev);
	const struct fdt *fdt = fdt_machine();
	struct power_key *key = kzalloc(sizeof(*key));
	int err = -ENOMEM;

	if (!key)
		return err;
	err = -ENODEV;
	if (!fdt || !pdev->fdt_node || !find_key(fdt, pdev->fdt_node, key))
		goto err_free;
	err = -ENOMEM;
	key->registers = platform_map(pdev, 0, 0, PL061_SIZE);
	if (!key->registers)
		goto err_free;
	err = check(dev, key);
	if (!err)
		err = listen(dev, key);
	if (err)
		goto err_unmap;
	device_set_data(dev, key);
	return 0;

err_unmap:
	iounmap(key->registers);
err_free:
	kfree(key);
	return err;
}

static void key_remove(struct device *dev)
{
	struct power_key *key = device_data(dev);

	set_pin(key, PL061_GPIOIE, false);
	irq_free(&key->irq);
	iounmap(key->registers);
	kfree(key);
}

static const char *const key_compatible[] = { "arm,pl061", NULL };

static const struct platform_driver key_driver = {
	.driver = {
		.name = "pl061-key",
		.bus = &platform_bus,
		.probe = key_probe,
		.remove = key_remove,
	},
	.compatible = key_compatible,
};
PLATFORM_DRIVER(pl061_key, key_driver);
