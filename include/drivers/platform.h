/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Devices at fixed addresses, on bus "platform": what a device tree describes
 * (nodes with a "compatible" and a "reg" on the root or on a simple bus), what
 * ACPI does (a _HID that a driver knows, and memory or I/O ports in a static
 * _CRS), and what is said on the command line or known otherwise. They are
 * registered at level BUS, named by address and kind: "a000000.virtio_mmio".
 * Ranges beyond PLATFORM_MEMORIES_MAX are left out.
 */
#pragma once

#include <kernel/device.h>
#include <kernel/irq.h>

#define PLATFORM_MEMORIES_MAX 4

struct platform_memory {
	phys_addr_t start;
	u64 size;
};

struct platform_device;

/* What a description can be asked, if it is not just a name and a line. */
struct platform_source {
	bool (*is)(const struct platform_device *pdev, const char *name);
	const char *(*name)(const struct platform_device *pdev);
	int (*line)(const struct platform_device *pdev, unsigned index,
		    enum irq_trigger *trigger);
};

struct platform_device {
	struct device dev;
	const struct platform_source *source; /* NULL: these say all: */
	const char *id;
	int line; /* the only one, or -ENOENT */
	enum irq_trigger trigger;
	int fdt_node; /* of the machine's tree, if that describes it */
	u16 port;     /* the first I/O port ... */
	u16 ports;    /* ... of so many; 0: it has none */
	unsigned memories;
	struct platform_memory memory[PLATFORM_MEMORIES_MAX];
};

extern const struct bus_type platform_bus;

static inline struct platform_device *to_platform_device(
	const struct device *dev)
{
	return container_of(dev, struct platform_device, dev);
}

struct platform_driver {
	struct driver driver;
	/* What it knows, as trees and ACPI call it; ends with NULL. */
	const char *const *compatible;
};

/** Register @object, a `const struct platform_driver`, with a unique @id. */
#define PLATFORM_DRIVER(id, object) DRIVER(id, object.driver)

/**
 * Register a copy of @found, whose name, memory or ports, and source or id
 * (which lives as long) and line are set and all else 0. 0, -ENOMEM, or what
 * device_register() says.
 */
int platform_add(const struct platform_device *found);

/**
 * The line of interrupt @index, for irq_request(), with its trigger in
 * *@trigger; -ENOENT: it has not so many; -EINVAL: it goes nowhere.
 */
int platform_line(const struct platform_device *pdev, unsigned index,
		  enum irq_trigger *trigger);

/**
 * Map @size bytes at @offset of memory @index; iounmap() undoes it. NULL when
 * there are not that many, or no room for the mapping.
 */
void __iomem *platform_map(const struct platform_device *pdev, unsigned index,
			   u64 offset, u64 size);
