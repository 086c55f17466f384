/* SPDX-License-Identifier: BSD-2-Clause */
/* vmgenid where a device tree tells of it, with an interrupt at each change. */
#include <drivers/platform.h>
#include <kernel/errno.h>
#include <kernel/printk.h>
#include <kernel/random.h>
#include "vmgenid.h"

/* It cannot be told which of those that share an edge it was: look. */
static enum irq_return vmgenid_interrupt(void *context)
{
	(void)context;
	random_look_for_copy();
	return IRQ_HANDLED;
}

static struct irq_action action = {
	.name = "vmgenid",
	.handler = vmgenid_interrupt,
};

static void request_line(const struct platform_device *pdev)
{
	enum irq_trigger trigger;
	int line = platform_line(pdev, 0, &trigger);

	/* Without one it is noticed with the next draw. */
	if (line < 0 || irq_request((unsigned)line, &action, trigger))
		pr_debug("%s: no interrupt", pdev->dev.name);
}

static int vmgenid_probe(struct device *dev)
{
	const struct platform_device *pdev = to_platform_device(dev);
	int ret;

	if (pdev->memory[0].size < VMGENID_SIZE)
		return -EINVAL;
	ret = vmgenid_add(dev->name, pdev->memory[0].start);
	if (!ret)
		request_line(pdev);
	return ret;
}

static void vmgenid_driver_remove(struct device *dev)
{
	(void)dev;
	if (action.active)
		irq_free(&action);
	vmgenid_remove();
}

static const char *const compatible[] = { VMGENID_COMPATIBLE, NULL };

static const struct platform_driver vmgenid_driver = {
	.driver = {
		.name = "vmgenid",
		.bus = &platform_bus,
		.probe = vmgenid_probe,
		.remove = vmgenid_driver_remove,
	},
	.compatible = compatible,
};
PLATFORM_DRIVER(vmgenid, vmgenid_driver);
