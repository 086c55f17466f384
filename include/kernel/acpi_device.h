/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Devices of the ACPI namespace, as far as it says something without being
 * run: AML is walked, not interpreted. A Device is seen if it is not inside a
 * method or a condition, and of it those objects that are constants.
 */
#pragma once

#include <abi/acpi.h>
#include <kernel/irq.h>

#define ACPI_HID_MAX 17 /* with its terminator: policy */

struct acpi_device {
	char name[ACPI_AML_NAME_SIZE + 1]; /* the last segment, "PCI0" */
	char hid[ACPI_HID_MAX];		   /* "LNRO0005", "PNP0A03"; "": none */
	char cid[ACPI_HID_MAX];		   /* _CID, if it is one and no list */
	bool has_address;    /* ADDR, a package of two integers: */
	u64 address;	     /* the low and the high 32 bits */
	u64 status;	     /* _STA; all ones if it has none, or a method */
	const u8 *resources; /* _CRS, a template: see below */
	u32 resources_size;  /* 0: none, or a method */
};

/**
 * Call @fn for each Device of the DSDT and the SSDTs, children before their
 * parents. Whatever is malformed ends the part of the table that it is in. In
 * threads and the boot, after acpi_init().
 */
void acpi_for_each_device(void (*fn)(const struct acpi_device *device,
				     void *context),
			  void *context);

/**
 * True if @text is somewhere in these tables, as the _HID of a Device is. It
 * costs less than to walk them.
 */
bool acpi_mentions(const char *text);

/**
 * The integer that a table names @name, of four characters, wherever that is.
 * 0, or -ENOENT.
 */
int acpi_find_integer(const char *name, u64 *value);

enum acpi_resource_kind {
	ACPI_RESOURCE_MEMORY,
	ACPI_RESOURCE_PORTS,
	ACPI_RESOURCE_LINE,
};

struct acpi_resource {
	enum acpi_resource_kind kind;
	phys_addr_t start; /* memory or I/O ports; they do not wrap ... */
	u64 size;	   /* ... and are not 0 */
	u32 line;	   /* a global system interrupt */
	enum irq_trigger trigger;
};

/**
 * The @index-th resource of @device that is memory or I/O ports at a fixed
 * address or an interrupt. False past the last, or where the template makes no
 * sense.
 */
bool acpi_device_resource(const struct acpi_device *device, unsigned index,
			  struct acpi_resource *resource);
