/* SPDX-License-Identifier: BSD-2-Clause */
/* The bus of devices at fixed addresses. */
#include <drivers/platform.h>
#include <kernel/irq_fdt.h>
#include <kernel/mm/map.h>
#include <kernel/vsprintf.h>

static bool platform_match(const struct device *dev, const struct driver *drv)
{
	const struct platform_device *pdev = to_platform_device(dev);
	const struct platform_driver *driver =
		container_of(drv, struct platform_driver, driver);

	for (const char *const *c = driver->compatible; *c; c++)
		if (fdt_is_compatible(fdt_machine(), pdev->fdt_node, *c))
			return true;
	return false;
}

static void platform_describe(const struct device *dev, char *text)
{
	const struct platform_device *pdev = to_platform_device(dev);
	const char *name =
		fdt_string(fdt_machine(), pdev->fdt_node, "compatible");
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

int platform_line(const struct platform_device *pdev, unsigned index,
		  enum irq_trigger *trigger)
{
	return irq_from_fdt(pdev->fdt_node, index, trigger);
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
