/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Flattened device trees. They come from a loader or a hypervisor and are not
 * trusted: fdt_open() checks the whole blob once (header, nesting, every
 * length, every name), so that what walks it afterwards stays inside, and
 * everything is bounded whatever values properties have.
 *
 * A node is a number: its place in the tree's structure. FDT_NONE is none, and
 * may be given wherever a node is taken: it has no name, properties or
 * children. All functions may be called in any context, also before level
 * MEMORY.
 */
#pragma once

#include <kernel/compiler.h>

#define FDT_NONE      (-1)
#define FDT_ROOT      0
#define FDT_MAX_BYTES (2U << 20) /* what the arm64 boot protocol allows */
#define FDT_DEPTH_MAX 32	 /* nodes above a node */
#define FDT_CELLS_MAX 4		 /* of an address, size or interrupt */

/* A checked tree. The blob is the caller's, must stay, and must not change. */
struct fdt {
	const u8 *structure;
	const char *strings;
	const u8 *reservations;
	u32 structure_size;
	u32 strings_size;
	u32 reservation_count;
	u32 total_size;
};

/**
 * Check the blob of at most @max bytes at @blob and make it usable through
 * @fdt. 0, -EINVAL (not a device tree), -EOPNOTSUPP (of a version that this
 * code does not know) or -EBADMSG (malformed), with *@fdt an empty tree.
 */
int fdt_open(struct fdt *fdt, const void *blob, size_t max);

/** Bytes that the blob claims to have, by its header; 0: it is none. */
u32 fdt_blob_size(const void *header);

/** The @n-th entry of the reservation block; false past the last. */
bool fdt_reservation(const struct fdt *fdt, unsigned n, phys_addr_t *start,
		     u64 *size);

/** Visit all nodes, parents before children: FDT_NONE past the last. */
int fdt_next(const struct fdt *fdt, int node);
int fdt_first_child(const struct fdt *fdt, int node);
int fdt_next_sibling(const struct fdt *fdt, int node);
int fdt_parent(const struct fdt *fdt, int node);

#define fdt_for_each(fdt, node)                                  \
 for (int node = FDT_ROOT; node != FDT_NONE && (fdt)->structure; \
      node = fdt_next(fdt, node))
#define fdt_for_each_child(fdt, node, parent)                    \
 for (int node = fdt_first_child(fdt, parent); node != FDT_NONE; \
      node = fdt_next_sibling(fdt, node))

/** Name with its unit address ("pl011@9000000"); "" for the root. */
const char *fdt_name(const struct fdt *fdt, int node);

/** The node at @path ("/chosen"; unit addresses may be left out). */
int fdt_find(const struct fdt *fdt, const char *path);
/** The same for what /chosen gives: a path or an alias, up to a ":". */
int fdt_find_console(const struct fdt *fdt, const char *path);
/** The node whose phandle is @phandle. */
int fdt_find_phandle(const struct fdt *fdt, u32 phandle);
/**
 * The next node behind @node (FDT_NONE: the first) that is @compatible and not
 * disabled.
 */
int fdt_find_compatible(const struct fdt *fdt, int node,
			const char *compatible);

/** The value of property @name and its length, or NULL. */
const void *fdt_property(const struct fdt *fdt, int node, const char *name,
			 u32 *length);
/** True if @node has property @name. */
bool fdt_has(const struct fdt *fdt, int node, const char *name);
/** Cell @index of a property. False: it has not so many. */
bool fdt_cell(const struct fdt *fdt, int node, const char *name, unsigned index,
	      u32 *value);
/** The first string of a property, or NULL if it has none that ends. */
const char *fdt_string(const struct fdt *fdt, int node, const char *name);
/** True if @compatible is in the node's list. */
bool fdt_is_compatible(const struct fdt *fdt, int node, const char *compatible);
/** False if the node's status is anything but "okay" (or "ok"). */
bool fdt_is_available(const struct fdt *fdt, int node);

/**
 * The @index-th range of "reg", as the CPU sees it: with the #address-cells
 * and #size-cells of its parent, through the "ranges" of all nodes above.
 * False: there is none, it wraps, or a bus above does not pass it on.
 */
bool fdt_reg(const struct fdt *fdt, int node, unsigned index,
	     phys_addr_t *address, u64 *size);

/** The same, for a caller who knows the parent, @bus: a search less. */
bool fdt_reg_on(const struct fdt *fdt, int bus, int node, unsigned index,
		phys_addr_t *address, u64 *size);

/* What "ranges" of a bus forwards. */
struct fdt_range {
	u32 space; /* first cell of a 3-cell (PCI) child address, else 0 */
	u64 bus;   /* address on the bus */
	phys_addr_t cpu; /* the same as the CPU sees it */
	u64 size;
};

/** The @index-th of them. False past the last, or if it is malformed. */
bool fdt_range(const struct fdt *fdt, int node, unsigned index,
	       struct fdt_range *range);

/* An interrupt: its controller's node and what that understands. */
struct fdt_interrupt {
	int controller;
	unsigned cells;
	u32 cell[FDT_CELLS_MAX];
};

/**
 * The @index-th interrupt of @node, by "interrupts-extended", or by
 * "interrupts" and the "interrupt-parent" that holds for it, through any
 * "interrupt-map" on the way. 0, -ENOENT (not so many) or -EBADMSG.
 */
int fdt_interrupt(const struct fdt *fdt, int node, unsigned index,
		  struct fdt_interrupt *irq);

/**
 * The same for INTx pin @pin (1 to 4) of the device at @devfn on bus @bus of
 * the PCI host bridge @node.
 */
int fdt_pci_interrupt(const struct fdt *fdt, int node, u8 bus, u8 devfn, u8 pin,
		      struct fdt_interrupt *irq);

/**
 * Where "msi-map" (or "msi-parent") of @node sends messages of requester
 * @rid: the controller's node, with the number it knows the device by in
 * *@device. FDT_NONE: nowhere.
 */
int fdt_msi_controller(const struct fdt *fdt, int node, u32 rid, u32 *device);

/** The machine's tree, or NULL: it has none. From kernel_main() on. */
const struct fdt *fdt_machine(void);

/**
 * For boot protocols: the machine's tree is at @phys. 0 or -errno of
 * fdt_open(), after a message. What it occupies is put in *@size.
 */
int fdt_machine_open(phys_addr_t phys, u32 *size);

/**
 * From now on the machine's tree is the copy of it at @blob, for good. Nodes
 * keep their numbers; pointers to names and properties lead to the old one. 0,
 * or -errno of fdt_open() after a message: there is none any more.
 */
int fdt_machine_move(const void *blob);
