/* SPDX-License-Identifier: BSD-2-Clause */
/* Which devices ACPI tells of, where no device tree does. */
#define pr_fmt(fmt) "platform: " fmt

#include <drivers/platform.h>
#include <kernel/acpi.h>
#include <kernel/acpi_device.h>
#include <kernel/boot_info.h>
#include <kernel/errno.h>
#include <kernel/fdt.h>
#include <kernel/init.h>
#include <kernel/mm/slab.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/vsprintf.h>
#include "scan.h"

/* What they have is for the devices on their bus. */
static bool is_host_bridge(const char *hid)
{
	return !strcmp(hid, "PNP0A03") || !strcmp(hid, "PNP0A08");
}

bool platform_read_acpi(const struct acpi_device *device,
			struct platform_device *pdev)
{
	struct acpi_resource r;

	if (!device->hid[0] || is_host_bridge(device->hid) ||
	    !(device->status & ACPI_STA_PRESENT))
		return false;
	pdev->line = -ENOENT;
	for (unsigned i = 0; acpi_device_resource(device, i, &r); i++) {
		if (r.kind == ACPI_RESOURCE_LINE && pdev->line < 0 &&
		    r.line < IRQ_LINES_MAX) {
			pdev->line = (int)r.line;
			pdev->trigger = r.trigger;
		}
		if (r.kind == ACPI_RESOURCE_MEMORY &&
		    pdev->memories < PLATFORM_MEMORIES_MAX)
			pdev->memory[pdev->memories++] =
				(struct platform_memory){ r.start, r.size };
	}
	if (pdev->memories)
		snprintf(pdev->dev.name, sizeof(pdev->dev.name), "%llx.%s",
			 (unsigned long long)pdev->memory[0].start,
			 device->hid);
	return pdev->memories;
}

static void add(const struct acpi_device *device, void *context)
{
	struct platform_device found = { 0 };
	unsigned *count = context;
	char *id;

	if (*count == PLATFORM_DEVICES_MAX ||
	    !platform_read_acpi(device, &found))
		return;
	id = kmalloc(ACPI_HID_MAX);
	if (!id)
		return;
	strscpy(id, device->hid, ACPI_HID_MAX);
	found.id = id;
	if (platform_add(&found))
		kfree(id);
	else if (++*count == PLATFORM_DEVICES_MAX)
		pr_warn("all but %u devices ignored", *count);
}

static int platform_acpi_init(void)
{
	unsigned count = 0;

	if (IS_ENABLED(CONFIG_FDT) && fdt_machine())
		return 0;
	acpi_init(boot_info.rsdp);
	acpi_for_each_device(add, &count);
	pr_debug("%u devices in ACPI's tables", count);
	return 0;
}
initcall(INIT_BUS, platform_acpi_init);
