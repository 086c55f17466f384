/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PCI and PCI Express. Devices are found at level BUS by following bridges
 * from each host bridge; they are of bus "pci" in the device tree, named
 * "0000:00:1f.2", and their drivers are bound at level DRIVER.
 *
 * Devices are not trusted: what they claim in configuration space is checked
 * once here, and what remains is consistent (regions do not wrap, have sizes
 * that are powers of two and fit their registers).
 */
#pragma once

#include <abi/pci.h>
#include <kernel/device.h>
#include <kernel/mm/map.h>

struct pci_host;
struct pci_irqs; /* what pci_irq_vectors_alloc() made */

/*
 * How to reach a host bridge's configuration space. @offset is below the
 * host's config_size and a multiple of @size, which is 1, 2 or 4. What is not
 * there reads as all ones. Any context.
 */
struct pci_config_ops {
	const char *name;
	u32 (*read)(struct pci_host *host, u8 bus, u8 devfn, unsigned offset,
		    unsigned size);
	void (*write)(struct pci_host *host, u8 bus, u8 devfn, unsigned offset,
		      unsigned size, u32 value);
};

#define PCI_BUSES_MAX 256

/* A host bridge: a segment's buses, or some of them. Never goes away. */
struct pci_host {
	struct device dev; /* "pci0000:00" */
	const struct pci_config_ops *ops;
	u16 segment;
	u8 first_bus, last_bus; /* first_bus is the root bus */
	u16 config_size;	/* PCI_CONFIG_SIZE or PCIE_CONFIG_SIZE */
	int fdt_node;		/* of the machine's device tree; 0: not there */
	bool roots_known;	/* no other root bus has these numbers */
	u32 bus_seen[PCI_BUSES_MAX / 32];
	phys_addr_t ecam;		       /* of bus 0, or 0 */
	void __iomem *ecam_bus[PCI_BUSES_MAX]; /* NULL until it is used */
};

enum pci_region_flags {
	PCI_REGION_IO = BIT(0), /* else memory */
	PCI_REGION_64 = BIT(1),
	PCI_REGION_PREFETCH = BIT(2),
	PCI_REGION_1M = BIT(3),
	PCI_REGION_ROM = BIT(4),
};

/* A range that a device decodes. */
struct pci_region {
	u64 start; /* 0: firmware assigned none */
	u64 size;  /* a power of two; 0: there is no such region */
	u8 flags;
};

#define PCI_BARS    6
#define PCI_ROM	    PCI_BARS
#define PCI_REGIONS (PCI_BARS + 1)

/* What a bridge forwards: addresses from base to limit. */
struct pci_window {
	u64 base;
	u64 limit; /* included; below base: forwards nothing */
	bool wide; /* 32 bits of I/O, 64 bits of memory */
};

struct pci_device {
	struct device dev;
	struct pci_host *host;
	struct pci_device *bridge; /* that leads to it; NULL: on a root bus */
	u8 bus, devfn;
	u16 vendor, device;
	u16 subsystem_vendor, subsystem; /* 0: none */
	u16 class;			 /* class << 8 | subclass */
	u8 interface, revision;
	u8 header;    /* PCI_HEADER_TYPE_... */
	u8 interrupt; /* pin, 1 (INTA) to 4, or 0 */
	u16 irq_line; /* that firmware knows the pin by; 0: none */
	u8 express;   /* offset of the PCI Express capability, or 0 */
	u8 port_type; /* enum pcie_port_type if express */
	/* Bridges whose bus numbers are sound; else 0. */
	u8 secondary, subordinate;
	bool known;	       /* not gone; the core's, as what follows */
	bool held;	       /* somebody refers to it */
	bool unnumbered;       /* a bridge that needs bus numbers */
	struct pci_irqs *irqs; /* or NULL */
	bool placed; /* regions that it needs have addresses of their own */
	bool sized;  /* what follows is known: see pci_size_regions() */
	struct pci_region region[PCI_REGIONS];
	struct pci_device *next; /* the core's; outlives what is above */
};

static inline unsigned pci_slot(const struct pci_device *pdev)
{
	return pdev->devfn >> 3;
}

static inline unsigned pci_function(const struct pci_device *pdev)
{
	return pdev->devfn & 7;
}

extern const struct bus_type pci_bus;

static inline struct pci_device *to_pci_device(const struct device *dev)
{
	return container_of(dev, struct pci_device, dev);
}

#define PCI_ANY 0xffff

struct pci_id {
	u16 vendor, device;    /* PCI_ANY matches all */
	u16 class, class_mask; /* class & mask must be equal; mask 0: any */
};

/* A driver of PCI devices. */
struct pci_driver {
	struct driver driver;
	const struct pci_id *ids; /* ends with vendor 0 */
};

/** Register @object, a `const struct pci_driver`, with a unique @id. */
#define PCI_DRIVER(id, object) DRIVER(id, object.driver)

/**
 * Read configuration space. All ones when @offset is no multiple of the size
 * or beyond the device's space, or the device is gone. Any context.
 */
u8 pci_read8(const struct pci_device *pdev, unsigned offset);
u16 pci_read16(const struct pci_device *pdev, unsigned offset);
u32 pci_read32(const struct pci_device *pdev, unsigned offset);
/** The other way; nothing happens where a read gives all ones. */
void pci_write8(const struct pci_device *pdev, unsigned offset, u8 value);
void pci_write16(const struct pci_device *pdev, unsigned offset, u16 value);
void pci_write32(const struct pci_device *pdev, unsigned offset, u32 value);

/** True while @pdev answers. */
bool pci_present(const struct pci_device *pdev);

/**
 * Offset of the first capability @id whose @size bytes lie within
 * configuration space, or 0. Bounded whatever the list says.
 */
unsigned pci_find_capability(const struct pci_device *pdev, u8 id,
			     unsigned size);

/**
 * Step through the capabilities: the offset after @offset (0: the first), or
 * 0 at the end or where the list leaves the room for it. *@budget, which
 * begins as PCI_CAPABILITIES_MAX, bounds the steps.
 */
unsigned pci_next_capability(const struct pci_device *pdev, unsigned offset,
			     unsigned *budget);

/** The same for extended ones; *@budget begins as PCIE_CAPABILITIES_MAX. */
unsigned pcie_next_capability(const struct pci_device *pdev, unsigned offset,
			      unsigned *budget);
/** Offset of extended capability @id, or 0. */
unsigned pcie_find_capability(const struct pci_device *pdev, u16 id);

struct pci_msi_info {
	u8 offset;     /* of the capability */
	u8 vectors;    /* 1, 2, 4, ... 32 */
	u8 used;       /* of them, if enabled */
	bool wide;     /* 64-bit addresses */
	bool maskable; /* has mask bits */
	bool enabled;
};

/** What @pdev's MSI capability offers. 0, -ENOENT or -EBADMSG. */
int pci_msi_info(const struct pci_device *pdev, struct pci_msi_info *info);

struct pci_msix_info {
	u8 offset;    /* of the capability */
	u8 table_bar; /* which region the table is in ... */
	u8 pba_bar;
	bool enabled, masked;
	u16 vectors;	  /* 1 to 2048 */
	u32 table_offset; /* ... and where: wholly inside */
	u32 pba_offset;
};

/**
 * What @pdev's MSI-X capability offers. 0, -ENOENT, or -EBADMSG when the
 * table or the pending bits are not inside a memory region of the device (whose
 * regions must be known: see pci_size_regions()).
 */
int pci_msix_info(const struct pci_device *pdev, struct pci_msix_info *info);

enum pci_irq_kind {
	PCI_IRQ_MSIX = BIT(0),
	PCI_IRQ_MSI = BIT(1),
	PCI_IRQ_INTX = BIT(2), /* a pin */
	PCI_IRQ_MESSAGES = PCI_IRQ_MSIX | PCI_IRQ_MSI,
	PCI_IRQ_ANY = PCI_IRQ_MESSAGES | PCI_IRQ_INTX,
};

/**
 * Interrupts for @pdev's driver: @min to @max of one of @kinds, the best that
 * the device has and the machine can deliver. MSI-X gives any number up to
 * the device's; MSI a power of two, all to one CPU; the pin one. They are
 * numbered from 0 as the device numbers them, and none interrupts before
 * irq_request(). Returns how many, or -EINVAL (@min is 0 or above @max),
 * -EBUSY (it has some already), -ENOSPC (none of @kinds has that many) or
 * -ENOMEM.
 *
 * After pci_enable() with PCI_COMMAND_MEMORY for MSI-X, whose table is in a
 * memory region, and with _MASTER for both kinds of messages. The pin's line
 * is what firmware wrote into the device (see docs/architecture.md).
 */
int pci_irq_vectors_alloc(struct pci_device *pdev, unsigned min, unsigned max,
			  unsigned kinds);

/** The line of interrupt @index, for irq_request(); -ENOENT: none. */
int pci_irq_vector(const struct pci_device *pdev, unsigned index);

/** Which kind it is; 0: none. */
enum pci_irq_kind pci_irq_kind(const struct pci_device *pdev);

/**
 * Give the interrupts back, none of which is requested any more. Before
 * pci_disable(). Does nothing if there are none.
 */
void pci_irq_vectors_free(struct pci_device *pdev);

/**
 * Find out what @pdev decodes, if that is not known yet. It costs a device
 * more than all else that is read of it, and it decodes nothing meanwhile:
 * so this is not done for every device at boot. Host bridges are left alone,
 * and have no regions. Any context but interrupt handlers.
 */
void pci_size_regions(struct pci_device *pdev);

/**
 * A driver's first step: know the regions, see to it that they have addresses
 * that reach the device, and set @bits (PCI_COMMAND_IO, _MEMORY, _MASTER) in
 * the command register. A region that firmware left without an address, or
 * gave one that cannot be, gets another one. 0; -ENODEV when the device is
 * gone or does not take the bits; -ENOSPC, after a message, when there is no
 * room for a region.
 */
int pci_enable(struct pci_device *pdev, u16 bits);
/** And its last one: clear @bits. */
void pci_disable(const struct pci_device *pdev, u16 bits);

/**
 * Reset @pdev: by a function-level reset, else by a reset of its bus (on an
 * Express link a hot reset) if it is alone there and no bridge. What firmware
 * set up in its header is kept. Takes 0.1 s, at most 1.3 s. The caller is its
 * driver, or it has none. 0; -ENODEV when it is gone, -EOPNOTSUPP when it
 * cannot be reset, -ETIMEDOUT when it does not come back. Interrupts that
 * were requested work again afterwards.
 */
int pci_reset(struct pci_device *pdev);

/**
 * Map @size bytes at @offset of memory region @bar; iounmap() undoes it. NULL
 * when it has none, no address, or not that many bytes, or when there is no
 * room for the mapping.
 * The device must decode memory: pci_enable() comes first.
 */
void __iomem *pci_map_region(const struct pci_device *pdev, unsigned bar,
			     u64 offset, u64 size);

/**
 * Read the windows of a bridge: memory, prefetchable memory, I/O. One that
 * is closed or not there has limit < base.
 */
void pci_read_windows(const struct pci_device *bridge,
		      struct pci_window *memory, struct pci_window *prefetch,
		      struct pci_window *io);

/**
 * Names from Debian's pci.ids, or NULL: not among those built in
 * (CONFIG_PCI_NAMES). pci_class_name() takes class << 8 | subclass.
 */
const char *pci_vendor_name(u16 vendor);
const char *pci_device_name(u16 vendor, u16 device);
const char *pci_subsystem_name(u16 vendor, u16 subsystem);
const char *pci_class_name(u16 class);
const char *pci_interface_name(u16 class, u8 interface);
