/* SPDX-License-Identifier: BSD-2-Clause */
/* What the PCI core's files share. */
#pragma once

#include <abi/acpi_mcfg.h>
#include <drivers/pci.h>
#include <kernel/fdt.h>
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
/** Undo it. */
void pci_close_bus(struct pci_host *host, u8 bus);

/**
 * Look again for devices, on all host bridges; see pci_rescan_host(). 0, or
 * -EBUSY: another context is at it.
 */
int pci_rescan(unsigned *added, unsigned *removed);

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

/**
 * Give bridges without bus numbers some of the host's, and register what is
 * behind them. When it is known which root buses there are.
 */
void pci_number_bridges(struct pci_host *host);

/** True if @bus was scanned, or is one that a bridge can lead to. */
bool pci_bus_is_taken(const struct pci_host *host, u8 bus);

/** Devices of the root bus that are host bridges. */
unsigned pci_count_host_bridges(const struct pci_host *host);

/**
 * Look again: take out what does not answer, with all behind it, and register
 * what is new. Adds to *@added and *@removed.
 */
void pci_rescan_host(struct pci_host *host, unsigned *added, unsigned *removed);

/**
 * Only one context at a time changes which devices there are; drivers'
 * functions run meanwhile. False: another one is at it.
 */
bool pci_begin_change(void);
void pci_end_change(void);

/** True if a device is known to be directly behind @bridge. */
bool pci_is_occupied(const struct pci_device *bridge);

/** Take out all that is behind @bridge. Between _begin_ and _end_change(). */
void pci_remove_behind(const struct pci_device *bridge);

/** Nobody refers to the PCI device @dev any more. */
void pci_release(struct device *dev);

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

/* The kinds of windows that a bridge has. */
enum pci_space {
	PCI_SPACE_MEMORY, /* below 4 GiB */
	PCI_SPACE_PREFETCH,
	PCI_SPACE_IO,
};

/** Read one window, as pci_read_windows(). */
void pci_read_window(const struct pci_device *bridge, enum pci_space space,
		     struct pci_window *window);

/** Change it. 0, or -EIO: the bridge does not take it. */
int pci_write_window(const struct pci_device *bridge, enum pci_space space,
		     const struct pci_window *window);

/** True if the prefetchable window can be above 4 GiB. */
bool pci_window_is_wide(const struct pci_device *bridge);

/* Addresses from start to, not included, end. */
struct pci_range {
	u64 start, end;
};

/**
 * Find @size free addresses in @in, aligned to the power of two @align, which
 * nothing uses that is directly behind @bridge (NULL: on a root bus). 0 or
 * -ENOSPC.
 */
int pci_find_gap(const struct pci_device *bridge, enum pci_space space,
		 const struct pci_range *in, u64 size, u64 align, u64 *start);

/**
 * What uses some of [@start, @end) there: where it ends, or 0 for nothing.
 * @except is passed over.
 */
u64 pci_blocker(const struct pci_device *bridge, enum pci_space space,
		const struct pci_range *range, const struct pci_device *except);

/**
 * Give each region of the kinds in @bits (PCI_COMMAND_IO, _MEMORY) an address,
 * if it has none that can be. 0 or -ENOSPC after a message.
 */
int pci_place_regions(struct pci_device *pdev, u16 bits);

/** Write region->start of region @bar into its register. 0 or -EIO. */
int pci_write_bar(const struct pci_device *pdev, unsigned bar);

/** All devices in no order, NULL past the last. */
struct pci_device *pci_next(const struct pci_device *prev);

/** True if no other device is on the bus of @pdev. */
bool pci_is_alone(const struct pci_device *pdev);

/* Device trees (CONFIG_PCI_FDT). */

/** Call @fn for each host bridge of the machine's tree that makes sense. */
void pci_fdt_for_each_host(void (*fn)(const struct fdt *fdt, int node,
				      const struct acpi_mcfg_entry *entry));

/** Tell the devices that are behind @host now the lines of their pins. */
void pci_fdt_set_lines(const struct pci_host *host);
/* One message of MSI-X. */
struct pci_message {
	struct msi_route route;
	bool masked;
};

/*
 * A device's interrupts. Messages have neighbouring lines, whose chip is the
 * capability's; a pin has the line that others may share.
 */
struct pci_irqs {
	struct pci_device *pdev;
	enum pci_irq_kind kind;
	unsigned count;
	unsigned first;		   /* line */
	struct msi_device *sender; /* of messages */
	/* MSI */
	struct pci_msi_info msi;
	struct msi_route route; /* of all, while any is requested */
	struct spinlock lock;	/* of what the messages share */
	u32 started, masked;	/* a bit for each */
	/* MSI-X */
	struct pci_msix_info msix;
	char __iomem *table;
	struct pci_message *message; /* one for each */
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
