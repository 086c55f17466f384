/* SPDX-License-Identifier: BSD-2-Clause */
/* Which devices the device tree has. */
#define pr_fmt(fmt) "platform: " fmt

#include <kernel/dma.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/irq_fdt.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/vsprintf.h>
#include "scan.h"

/* Nodes of other kinds have children that are no devices of this bus. */
static bool is_bus(const struct fdt *fdt, int node)
{
	return node == FDT_ROOT || fdt_is_compatible(fdt, node, "simple-bus");
}

/* "virtio_mmio@a000000" is named a000000.virtio_mmio. */
static void set_name(struct platform_device *pdev, const char *node)
{
	const char *at = strchr(node, '@');
	int n = (int)(at ? (size_t)(at - node) : strlen(node));

	snprintf(pdev->dev.name, sizeof(pdev->dev.name), "%lx.%.*s",
		 pdev->memory[0].start, n, node);
}

static bool node_is(const struct platform_device *pdev, const char *name)
{
	return fdt_is_compatible(fdt_machine(), pdev->fdt_node, name);
}

static const char *node_name(const struct platform_device *pdev)
{
	return fdt_string(fdt_machine(), pdev->fdt_node, "compatible");
}

static int node_line(const struct platform_device *pdev, unsigned index,
		     enum irq_trigger *trigger)
{
	return irq_from_fdt(pdev->fdt_node, index, trigger);
}

static const struct platform_source device_tree = {
	.is = node_is,
	.name = node_name,
	.line = node_line,
};

bool platform_read_node(const struct fdt *fdt, int bus, int node,
			struct platform_device *pdev)
{
	if (!fdt_has(fdt, node, "compatible") || !fdt_is_available(fdt, node))
		return false;
	pdev->source = &device_tree;
	pdev->fdt_node = node;
	while (pdev->memories < PLATFORM_MEMORIES_MAX) {
		struct platform_memory *m = &pdev->memory[pdev->memories];

		if (!fdt_reg_on(fdt, bus, node, pdev->memories, &m->start,
				&m->size) ||
		    !m->size)
			break;
		pdev->memories++;
	}
	if (pdev->memories)
		set_name(pdev, fdt_name(fdt, node));
	return pdev->memories;
}

/* 1 if it was added, 0 if not, -ENOMEM. */
static int add(const struct fdt *fdt, int bus, int node)
{
	struct platform_device found = { 0 };
	int ret;

	if (!platform_read_node(fdt, bus, node, &found))
		return 0;
	found.dev.dma_pool = dma_pool_for_node(node);
	ret = platform_add(&found);
	return ret == -ENOMEM ? ret : !ret;
}

static int platform_init(void)
{
	const struct fdt *fdt = fdt_machine();
	unsigned count = 0;

	if (!fdt)
		return 0;
	fdt_for_each(fdt, bus) {
		if (!is_bus(fdt, bus))
			continue;
		fdt_for_each_child(fdt, node, bus) {
			int ret = is_bus(fdt, node) ? 0 : add(fdt, bus, node);

			if (ret < 0)
				return ret;
			count += (unsigned)ret;
			if (count == PLATFORM_DEVICES_MAX) {
				pr_warn("all but %u devices ignored", count);
				return 0;
			}
		}
	}
	pr_debug("%u devices in the device tree", count);
	return 0;
}
initcall(INIT_BUS, platform_init);
