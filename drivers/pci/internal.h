/* SPDX-License-Identifier: BSD-2-Clause */
/* What the PCI core's files share. */
#pragma once

#include <abi/acpi_mcfg.h>
#include <drivers/pci.h>
#include <kernel/fdt.h>

#define PCI_HOSTS_MAX	16
#define PCI_DEVICES_MAX 256

extern const struct bus_type pci_host_bus;

/** True if the configuration mechanism at ports 0xcf8 and 0xcfc answers. */
bool pci_ports_present(void);
extern const struct pci_config_ops pci_ports_ops;
extern const struct pci_config_ops pci_ecam_ops;

/** Make @bus of @host readable; false if it cannot be mapped. */
bool pci_open_bus(struct pci_host *host, u8 bus);

/**
 * Check one entry of an MCFG and fill @host from it. 0, or -EBADMSG after a
 * message that says what is wrong.
 */
int pci_ecam_init(struct pci_host *host, const struct acpi_mcfg_entry *entry);

/**
 * Register the host bridge and every device behind it that can be found.
 * Returns the number of devices, or -errno of device_register().
 */
int pci_scan_host(struct pci_host *host);

/* The registers of a BAR: what they held, and what they read after ones. */
struct pci_raw_bar {
	u32 value;
	u32 mask;
};

/**
 * Decode the BAR that begins at @raw, of which @left registers follow.
 * Returns how many registers it takes, with region->size 0 if there is none,
 * or -EBADMSG if it makes no sense.
 */
int pci_decode_bar(const struct pci_raw_bar *raw, unsigned left,
		   struct pci_region *region);

/** True if no other device is on the bus of @pdev. */
bool pci_is_alone(const struct pci_device *pdev);

/* Device trees (CONFIG_PCI_FDT). */

/** Call @fn for each host bridge of the machine's tree that makes sense. */
void pci_fdt_for_each_host(void (*fn)(const struct fdt *fdt, int node,
				      const struct acpi_mcfg_entry *entry));

/** What firmware would do for the devices that are behind @host now. */
void pci_fdt_assign(struct pci_host *host);
