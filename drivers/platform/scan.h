/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

#include <drivers/platform.h>
#include <kernel/fdt.h>

/**
 * Fill @pdev, which is zeroed, from @node of the machine's tree @fdt, whose
 * parent is @bus. False: it is no device at an address that the CPU can reach.
 */
bool platform_read_node(const struct fdt *fdt, int bus, int node,
			struct platform_device *pdev);
