/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

#include <drivers/platform.h>
#include <kernel/acpi_device.h>
#include <kernel/fdt.h>

/* More than any machine has, in a description that makes sense. */
#define PLATFORM_DEVICES_MAX 256

/**
 * Fill @pdev, which is zeroed, from @node of the machine's tree @fdt, whose
 * parent is @bus. False: it is no device at an address that the CPU can reach.
 */
bool platform_read_node(const struct fdt *fdt, int bus, int node,
			struct platform_device *pdev);

/** The same from ACPI's @device, but for its id. False: it is no such. */
bool platform_read_acpi(const struct acpi_device *device,
			struct platform_device *pdev);
