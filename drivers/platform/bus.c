/* SPDX-License-Identifier: BSD-2-Clause */
/* The bus of devices at fixed addresses. */
#define pr_fmt(fmt) "platform: " fmt

#include <drivers/platform.h>
#include <kernel/errno.h>
#include <kernel/mm/map.h>
#include <kernel/mm/slab.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/vsprintf.h>

static bool is_known_as(const struct platform_device *pdev, const char *name)
{
	return pdev->source ? pdev->source->is(pdev, name)
			    : !strcmp(pdev->id, name);
}

static bool platform_match(const struct device *dev, const struct driver *drv)
{
	const struct platform_driver *driver =
		container_of(drv, struct platform_driver, driver);

	for (const char *const *c = driver->compatible; *c; c++)
		if (is_known_as(to_platform_device(dev), *c))
			return true;
	return false;
}

static void platform_describe(const struct device *dev, char *text)
{
	const struct platform_device *pdev = to_platform_device(dev);
	const char *name = pdev->source ? pdev->source->name(pdev) : pdev->id;
	enum irq_trigger trigger;
	int line = platform_line(pdev, 0, &trigger);

	if (line >= 0)
		snprintf(text, DEVICE_TEXT_MAX, "%s, line %d",
			 name ? name : "?", line);
	else
		snprintf(text, DEVICE_TEXT_MAX, "%s", name ? name : "?");
}

const struct bus_type platform_bus = {
	.name = "platform",
	.match = platform_match,
	.describe = platform_describe,
};

int platform_add(const struct platform_device *found)
{
	struct platform_device *pdev = kmalloc(sizeof(*pdev));
	int ret;

	if (!pdev)
		return -ENOMEM;
	*pdev = *found;
	pdev->dev.bus = &platform_bus;
	ret = device_register(&pdev->dev);
	if (ret) {
		pr_warn("%s cannot be registered: error %d", pdev->dev.name,
			-ret);
		kfree(pdev);
	}
	return ret;
}

int platform_line(const struct platform_device *pdev, unsigned index,
		  enum irq_trigger *trigger)
{
	if (pdev->source)
		return pdev->source->line(pdev, index, trigger);
	*trigger = pdev->trigger;
	return index ? -ENOENT : pdev->line;
}

void __iomem *platform_map(const struct platform_device *pdev, unsigned index,
			   u64 offset, u64 size)
{
	const struct platform_memory *m;

	if (index >= pdev->memories)
		return NULL;
	m = &pdev->memory[index];
	if (!size || offset > m->size || size > m->size - offset)
		return NULL;
	return ioremap(m->start + offset, size);
}
