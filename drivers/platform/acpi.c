/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which devices ACPI tells of, where no device tree does: those that a driver
 * knows, for there are many that nobody needs to see here.
 */
#define pr_fmt(fmt) "platform: " fmt

#include <drivers/platform.h>
#include <kernel/acpi.h>
#include <kernel/acpi_device.h>
#include <kernel/boot_info.h>
#include <kernel/errno.h>
#include <kernel/fdt.h>
#include <kernel/init.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/vsprintf.h>
#include "scan.h"

static void take_resource(struct platform_device *pdev,
			  const struct acpi_resource *r)
{
	if (r->kind == ACPI_RESOURCE_LINE && pdev->line < 0 &&
	    r->line < IRQ_LINES_MAX) {
		pdev->line = (int)r->line;
		pdev->trigger = r->trigger;
	}
	if (r->kind == ACPI_RESOURCE_MEMORY &&
	    pdev->memories < PLATFORM_MEMORIES_MAX)
		pdev->memory[pdev->memories++] =
			(struct platform_memory){ r->start, r->size };
	if (r->kind == ACPI_RESOURCE_PORTS && IS_ENABLED(CONFIG_HAS_IOPORT) &&
	    !pdev->ports) {
		pdev->port = (u16)r->start;
		pdev->ports = (u16)r->size;
	}
}

bool platform_read_acpi(const struct acpi_device *device,
			struct platform_device *pdev)
{
	struct acpi_resource r;

	if (!(device->status & ACPI_STA_PRESENT))
		return false;
	pdev->line = -ENOENT;
	for (unsigned i = 0; acpi_device_resource(device, i, &r); i++)
		take_resource(pdev, &r);
	if (!pdev->memories && !pdev->ports)
		return false;
	snprintf(pdev->dev.name, sizeof(pdev->dev.name), "%llx.%s",
		 (unsigned long long)(pdev->memories ? pdev->memory[0].start
						     : pdev->port),
		 device->hid);
	return true;
}

/* What drivers call devices that @wanted(name, context) is true for. */
static const char *find_id(bool (*wanted)(const char *name,
					  const void *context),
			   const void *context)
{
	table_for_each(const struct driver, driver, it) {
		const struct platform_driver *drv =
			container_of(*it, struct platform_driver, driver);

		if ((*it)->bus != &platform_bus)
			continue;
		for (const char *const *id = drv->compatible; *id; id++)
			if (wanted(*id, context))
				return *id;
	}
	return NULL;
}

static bool is_same(const char *name, const void *hid)
{
	return !strcmp(name, hid);
}

/* Names with a comma are those of device trees. */
static bool is_mentioned(const char *name, const void *context __unused)
{
	return !strchr(name, ',') && acpi_mentions(name);
}

static void add(const struct acpi_device *device, void *context)
{
	struct platform_device found = { 0 };
	unsigned *count = context;

	found.id = find_id(is_same, device->hid);
	if (!found.id || *count == PLATFORM_DEVICES_MAX ||
	    !platform_read_acpi(device, &found) || platform_add(&found))
		return;
	if (++*count == PLATFORM_DEVICES_MAX)
		pr_warn("all but %u devices ignored", *count);
}

static int platform_acpi_init(void)
{
	unsigned count = 0;

	if (IS_ENABLED(CONFIG_FDT) && fdt_machine())
		return 0;
	acpi_init(boot_info.rsdp);
	/* On most machines there is none, which is cheap to find out. */
	if (!find_id(is_mentioned, NULL))
		return 0;
	acpi_for_each_device(add, &count);
	pr_debug("%u devices in ACPI's tables", count);
	return 0;
}
initcall(INIT_BUS, platform_acpi_init);
