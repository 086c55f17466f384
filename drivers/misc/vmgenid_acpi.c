/* SPDX-License-Identifier: BSD-2-Clause */
/* vmgenid where ACPI tells of it. */
#include <kernel/acpi.h>
#include <kernel/acpi_device.h>
#include <kernel/acpi_event.h>
#include <kernel/boot_info.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/printk.h>
#include <kernel/random.h>
#include <kernel/string.h>
#include "vmgenid.h"

static const char *const names[] = {
	VMGENID_CID,
	VMGENID_CID_UPPER,
	VMGENID_HID,
};

static bool is_counter(const struct acpi_device *device)
{
	for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(device->cid, names[i]) ||
		    !strcmp(device->hid, names[i]))
			return true;
	return false;
}

/* What its ADDR says, or would if it was run. */
static bool find_address(const struct acpi_device *device, phys_addr_t *address)
{
	*address = device->address;
	if (device->has_address)
		return true;
	/* 0 is what firmware leaves that does not know the device. */
	if (strcmp(device->hid, VMGENID_QEMU_HID) ||
	    acpi_find_integer(VMGENID_QEMU_BASE, address) || !*address)
		return false;
	*address += VMGENID_QEMU_OFFSET;
	return true;
}

/* Of the device that is used; "": there is none. */
static char name[sizeof(((struct acpi_device *)NULL)->name)];

static void look_at(const struct acpi_device *device, void *context)
{
	phys_addr_t address;

	(void)context;
	if (is_counter(device) && device->status & ACPI_STA_PRESENT &&
	    find_address(device, &address) && !vmgenid_add("vmgenid", address))
		strscpy(name, device->name, sizeof(name));
}

static int vmgenid_acpi_init(void)
{
	if (acpi_init(boot_info.rsdp))
		return 0;
	for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
		if (!acpi_mentions(names[i]))
			continue;
		acpi_for_each_device(look_at, NULL);
		break;
	}
	return 0;
}
initcall(INIT_DRIVER, vmgenid_acpi_init);

/* Without it a change is noticed with the next draw. */
static int vmgenid_event_init(void)
{
	int event = *name ? acpi_event_that_notifies(name) : -ENOENT;

	if (event >= 0 &&
	    !acpi_event_request((unsigned)event, random_look_for_copy))
		pr_debug("vmgenid: notified by event %#x", event);
	return 0;
}
initcall(INIT_SERVICE, vmgenid_event_init);
