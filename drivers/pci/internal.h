/* SPDX-License-Identifier: BSD-2-Clause */
/* What the PCI core's files share. */
#pragma once

#include <abi/acpi_mcfg.h>
#include <drivers/pci.h>
#include <kernel/irq.h>
#include <kernel/msi.h>
#include <kernel/spinlock.h>

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

/*
 * A device's interrupts. Messages have neighbouring lines, whose chip is the
 * capability's; a pin has the line that others may share.
 */
struct pci_irqs {
	struct pci_device *pdev;
	enum pci_irq_kind kind;
	unsigned count;
	unsigned first; /* line */
	/* MSI */
	struct pci_msi_info msi;
	struct msi_route route; /* of all, while any is requested */
	struct spinlock lock;	/* of what the messages share */
	u32 started, masked;	/* a bit for each */
	/* MSI-X */
	struct pci_msix_info msix;
	char __iomem *table;
	struct msi_route *routes; /* one for each */
};

/* Fill @irqs, whose kind is theirs, for @count messages; undo it. */
int pci_msi_init(struct pci_irqs *irqs, unsigned count);
void pci_msi_exit(struct pci_irqs *irqs);
int pci_msix_init(struct pci_irqs *irqs, unsigned count);
void pci_msix_exit(struct pci_irqs *irqs);

/** After a reset: write again what the device has forgotten. */
void pci_restore_irqs(struct pci_device *pdev);
void pci_msi_restore(struct pci_irqs *irqs);
void pci_msix_restore(struct pci_irqs *irqs);
