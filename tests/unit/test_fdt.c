/* SPDX-License-Identifier: BSD-2-Clause */
/* Device trees: what they say, and what damaged ones must not do. */
#include "fake_fdt.h"
#include <kernel/errno.h>
#include <kernel/fdt.h>
#include <stdlib.h>

#define GIC_PHANDLE 1
#define ITS_PHANDLE 2

static struct fdt fdt;

/* A small machine with everything that hypervisors' trees have. */
static void make_machine(void)
{
	tree_start();
	tree.reserved[0][0] = 0x48000000;
	tree.reserved[0][1] = 0x10000;
	tree.reservations = 1;
	TREE_CELLS("#address-cells", 2);
	TREE_CELLS("#size-cells", 2);
	TREE_CELLS("interrupt-parent", GIC_PHANDLE);
	tree_property("compatible", "linux,dummy-virt\0other", 23);
	tree_begin("aliases");
	tree_string("serial0", "/soc/serial@1000");
	tree_end();
	tree_begin("chosen");
	tree_string("stdout-path", "serial0:115200n8");
	tree_end();
	tree_begin("memory@40000000");
	tree_string("device_type", "memory");
	TREE_CELLS("reg", 0, 0x40000000, 0, 0x8000000, 1, 0, 0, 0x1000);
	tree_end();
	tree_begin("intc@8000000");
	tree_string("compatible", "arm,gic-v3");
	tree_property("interrupt-controller", "", 0);
	TREE_CELLS("#interrupt-cells", 3);
	TREE_CELLS("#address-cells", 2);
	TREE_CELLS("phandle", GIC_PHANDLE);
	TREE_CELLS("reg", 0, 0x8000000, 0, 0x10000);
	tree_begin("its@8080000");
	TREE_CELLS("phandle", ITS_PHANDLE);
	tree_end();
	tree_end();
	tree_begin("soc");
	TREE_CELLS("#address-cells", 1);
	TREE_CELLS("#size-cells", 1);
	TREE_CELLS("ranges", 0x1000, 0, 0x9000000, 0x1000, 0x2000, 1, 0, 0x100);
	tree_begin("serial@1000");
	tree_string("compatible", "arm,pl011");
	TREE_CELLS("reg", 0x1000, 0x1000, 0x2080, 0x80, 0x2080, 0x81);
	TREE_CELLS("interrupts", 0, 1, 4, 0, 9, 1);
	tree_end();
	tree_begin("off@2000");
	tree_string("compatible", "arm,pl011");
	tree_string("status", "disabled");
	tree_property("label", "abc", 3);
	TREE_CELLS("interrupts-extended", GIC_PHANDLE, 1, 11, 4);
	tree_end();
	tree_end();
	tree_begin("pci@70000000");
	tree_string("compatible", "pci-host-ecam-generic");
	TREE_CELLS("#address-cells", 3);
	TREE_CELLS("#size-cells", 2);
	TREE_CELLS("#interrupt-cells", 1);
	TREE_CELLS("reg", 0, 0x70000000, 0, 0x10000000);
	TREE_CELLS("ranges", 0x02000000, 0, 0x10000000, 0, 0x10000000, 0,
		   0x2eff0000, 0x43000000, 0x80, 0, 0x80, 0, 0x80, 0);
	TREE_CELLS("interrupt-map-mask", 0x1800, 0, 0, 7);
	TREE_CELLS("interrupt-map", 0x0800, 0, 0, 1, GIC_PHANDLE, 0, 0, 0, 3, 4,
		   0x1000, 0, 0, 2, GIC_PHANDLE, 0, 0, 0, 5, 4);
	TREE_CELLS("msi-map", 0, ITS_PHANDLE, 0x100, 0x10000);
	tree_end();
	tree_finish();
}

static int open_machine(void)
{
	make_machine();
	return fdt_open(&fdt, tree.blob, tree.size);
}

TEST(a_tree_opens_and_is_walked_in_order)
{
	static const char *const names[] = {
		"",
		"aliases",
		"chosen",
		"memory@40000000",
		"intc@8000000",
		"its@8080000",
		"soc",
		"serial@1000",
		"off@2000",
		"pci@70000000",
	};
	unsigned n = 0;

	if (!CHECK_EQ(open_machine(), 0))
		return;
	fdt_for_each(&fdt, node) {
		if (!CHECK(n < ARRAY_SIZE(names)))
			return;
		CHECK_STR(fdt_name(&fdt, node), names[n++]);
	}
	CHECK_EQ(n, ARRAY_SIZE(names));
}

TEST(nodes_know_their_parents_children_and_siblings)
{
	int soc, serial;

	open_machine();
	soc = fdt_find(&fdt, "/soc");
	serial = fdt_find(&fdt, "/soc/serial");
	CHECK_STR(fdt_name(&fdt, serial), "serial@1000");
	CHECK_EQ(fdt_parent(&fdt, serial), soc);
	CHECK_EQ(fdt_parent(&fdt, soc), FDT_ROOT);
	CHECK_EQ(fdt_parent(&fdt, FDT_ROOT), FDT_NONE);
	CHECK_EQ(fdt_first_child(&fdt, soc), serial);
	CHECK_EQ(fdt_first_child(&fdt, serial), FDT_NONE);
	CHECK_STR(fdt_name(&fdt, fdt_next_sibling(&fdt, serial)), "off@2000");
	CHECK_EQ(fdt_next_sibling(&fdt, fdt_find(&fdt, "/pci")), FDT_NONE);
	CHECK_EQ(fdt_find(&fdt, "/soc/serial@2000"), FDT_NONE);
	CHECK_EQ(fdt_find(&fdt, "/so"), FDT_NONE);
	CHECK_EQ(fdt_find(&fdt, "soc"), FDT_NONE);
	CHECK_EQ(fdt_find(&fdt, "/"), FDT_ROOT);
}

TEST(consoles_are_found_by_path_and_by_alias)
{
	int serial;

	open_machine();
	serial = fdt_find(&fdt, "/soc/serial@1000");
	CHECK_EQ(fdt_find_console(&fdt, "serial0"), serial);
	CHECK_EQ(fdt_find_console(&fdt, "serial0:9600"), serial);
	CHECK_EQ(fdt_find_console(&fdt, "/soc/serial@1000:9600"), serial);
	CHECK_EQ(fdt_find_console(&fdt, "serial1"), FDT_NONE);
	CHECK_EQ(fdt_find_console(&fdt, ""), FDT_NONE);
}

TEST(nothing_is_asked_of_no_node)
{
	struct fdt_interrupt irq;
	phys_addr_t address;
	u32 length;
	u64 size;

	open_machine();
	CHECK_STR(fdt_name(&fdt, FDT_NONE), "");
	CHECK(!fdt_property(&fdt, FDT_NONE, "reg", &length));
	CHECK_EQ(fdt_first_child(&fdt, FDT_NONE), FDT_NONE);
	CHECK_EQ(fdt_next_sibling(&fdt, FDT_NONE), FDT_NONE);
	CHECK(!fdt_reg(&fdt, FDT_NONE, 0, &address, &size));
	CHECK_EQ(fdt_interrupt(&fdt, FDT_NONE, 0, &irq), -ENOENT);
}

TEST(properties_are_what_they_are)
{
	int serial, off;
	u32 value;

	open_machine();
	serial = fdt_find(&fdt, "/soc/serial");
	off = fdt_find(&fdt, "/soc/off");
	CHECK(fdt_is_compatible(&fdt, FDT_ROOT, "linux,dummy-virt"));
	CHECK(fdt_is_compatible(&fdt, FDT_ROOT, "other"));
	CHECK(!fdt_is_compatible(&fdt, FDT_ROOT, "linux"));
	CHECK_STR(fdt_string(&fdt, FDT_ROOT, "compatible"), "linux,dummy-virt");
	CHECK(!fdt_string(&fdt, FDT_ROOT, "model"));
	/* One that does not end is none. */
	CHECK(!fdt_string(&fdt, off, "label"));
	CHECK(fdt_cell(&fdt, serial, "interrupts", 5, &value));
	CHECK_EQ(value, 1);
	CHECK(!fdt_cell(&fdt, serial, "interrupts", 6, &value));
	CHECK(fdt_is_available(&fdt, serial));
	CHECK(!fdt_is_available(&fdt, off));
	CHECK_EQ(fdt_find_compatible(&fdt, FDT_NONE, "arm,pl011"), serial);
	CHECK_EQ(fdt_find_compatible(&fdt, serial, "arm,pl011"), FDT_NONE);
	CHECK_STR(fdt_name(&fdt, fdt_find_phandle(&fdt, ITS_PHANDLE)),
		  "its@8080000");
	CHECK_EQ(fdt_find_phandle(&fdt, 0), FDT_NONE);
	CHECK_EQ(fdt_find_phandle(&fdt, 77), FDT_NONE);
}

TEST(addresses_go_through_every_bus)
{
	phys_addr_t address;
	int serial;
	u64 size;

	open_machine();
	CHECK(fdt_reg(&fdt, fdt_find(&fdt, "/memory"), 1, &address, &size));
	CHECK_EQ(address, 0x100000000);
	CHECK_EQ(size, 0x1000);
	CHECK(!fdt_reg(&fdt, fdt_find(&fdt, "/memory"), 2, &address, &size));
	serial = fdt_find(&fdt, "/soc/serial");
	CHECK(fdt_reg(&fdt, serial, 0, &address, &size));
	CHECK_EQ(address, 0x9000000);
	CHECK(fdt_reg(&fdt, serial, 1, &address, &size));
	CHECK_EQ(address, 0x100000080);
	/* One byte longer than what the bus passes on. */
	CHECK(!fdt_reg(&fdt, serial, 2, &address, &size));
	/* A bus without "ranges" passes nothing on. */
	CHECK(!fdt_reg(&fdt, fdt_find(&fdt, "/intc/its"), 0, &address, &size));
}

TEST(ranges_of_a_host_bridge_are_read)
{
	struct fdt_range range;
	int pci;

	open_machine();
	pci = fdt_find(&fdt, "/pci");
	CHECK(fdt_range(&fdt, pci, 0, &range));
	CHECK_EQ(range.space, 0x02000000);
	CHECK_EQ(range.bus, 0x10000000);
	CHECK_EQ(range.cpu, 0x10000000);
	CHECK_EQ(range.size, 0x2eff0000);
	CHECK(fdt_range(&fdt, pci, 1, &range));
	CHECK_EQ(range.space, 0x43000000);
	CHECK_EQ(range.cpu, 0x8000000000);
	CHECK(!fdt_range(&fdt, pci, 2, &range));
	CHECK(!fdt_range(&fdt, FDT_ROOT, 0, &range));
}

TEST(interrupts_are_found_by_parent_list_and_map)
{
	struct fdt_interrupt irq;
	int gic, pci, serial;

	open_machine();
	gic = fdt_find(&fdt, "/intc");
	pci = fdt_find(&fdt, "/pci");
	serial = fdt_find(&fdt, "/soc/serial");
	CHECK_EQ(fdt_interrupt(&fdt, serial, 1, &irq), 0);
	CHECK_EQ(irq.controller, gic);
	CHECK_EQ(irq.cells, 3);
	CHECK_EQ(irq.cell[1], 9);
	CHECK_EQ(fdt_interrupt(&fdt, serial, 2, &irq), -ENOENT);
	CHECK_EQ(fdt_interrupt(&fdt, fdt_find(&fdt, "/soc/off"), 0, &irq), 0);
	CHECK_EQ(irq.cell[1], 11);
	CHECK_EQ(fdt_interrupt(&fdt, gic, 0, &irq), -ENOENT);

	CHECK_EQ(fdt_pci_interrupt(&fdt, pci, 0, 1 << 3, 1, &irq), 0);
	CHECK_EQ(irq.cell[1], 3);
	/* The mask leaves two bits of the slot. */
	CHECK_EQ(fdt_pci_interrupt(&fdt, pci, 5, 6 << 3, 2, &irq), 0);
	CHECK_EQ(irq.cell[1], 5);
	CHECK_EQ(fdt_pci_interrupt(&fdt, pci, 0, 1 << 3, 2, &irq), -ENOENT);
	CHECK_EQ(fdt_pci_interrupt(&fdt, serial, 0, 0, 1, &irq), -ENOENT);
}

TEST(messages_go_where_the_map_says)
{
	u32 device;

	open_machine();
	CHECK_EQ(fdt_msi_controller(&fdt, fdt_find(&fdt, "/pci"), 8, &device),
		 fdt_find_phandle(&fdt, ITS_PHANDLE));
	CHECK_EQ(device, 0x108);
	CHECK_EQ(fdt_msi_controller(&fdt, fdt_find(&fdt, "/pci"), 0x10000,
				    &device),
		 FDT_NONE);
	CHECK_EQ(fdt_msi_controller(&fdt, fdt_find(&fdt, "/soc"), 0, &device),
		 FDT_NONE);
}

TEST(reservations_are_listed)
{
	phys_addr_t start;
	u64 size;

	open_machine();
	CHECK(fdt_reservation(&fdt, 0, &start, &size));
	CHECK_EQ(start, 0x48000000);
	CHECK_EQ(size, 0x10000);
	CHECK(!fdt_reservation(&fdt, 1, &start, &size));
}

TEST(a_map_that_leads_to_itself_ends)
{
	struct fdt_interrupt irq;

	tree_start();
	tree_begin("loop");
	TREE_CELLS("phandle", 9);
	TREE_CELLS("#interrupt-cells", 1);
	TREE_CELLS("#address-cells", 0);
	TREE_CELLS("interrupt-map", 5, 9, 5);
	tree_end();
	tree_begin("device");
	TREE_CELLS("interrupt-parent", 9);
	TREE_CELLS("interrupts", 5);
	tree_end();
	tree_finish();
	CHECK_EQ(fdt_open(&fdt, tree.blob, tree.size), 0);
	CHECK_EQ(fdt_interrupt(&fdt, fdt_find(&fdt, "/device"), 0, &irq),
		 -EBADMSG);
}

static void make_deep(unsigned depth)
{
	tree_start();
	for (unsigned i = 1; i < depth; i++)
		tree_begin("n");
	for (unsigned i = 1; i < depth; i++)
		tree_end();
	tree_finish();
}

TEST(depth_is_bounded)
{
	make_deep(FDT_DEPTH_MAX);
	CHECK_EQ(fdt_open(&fdt, tree.blob, tree.size), 0);
	make_deep(FDT_DEPTH_MAX + 1);
	CHECK_EQ(fdt_open(&fdt, tree.blob, tree.size), -EBADMSG);
	CHECK(!fdt.structure);
	CHECK_EQ(fdt_next(&fdt, FDT_ROOT), FDT_NONE);
	CHECK_EQ(fdt_find(&fdt, "/"), FDT_NONE);
}

TEST(other_versions_and_other_data_are_refused)
{
	make_machine();
	tree_place(20, 16);
	CHECK_EQ(fdt_open(&fdt, tree.blob, tree.size), -EOPNOTSUPP);
	make_machine();
	tree_place(24, 18);
	CHECK_EQ(fdt_open(&fdt, tree.blob, tree.size), -EOPNOTSUPP);
	make_machine();
	tree_place(0, 0xedfe0dd0);
	CHECK_EQ(fdt_open(&fdt, tree.blob, tree.size), -EINVAL);
	CHECK_EQ(fdt_blob_size(tree.blob), 0);
	make_machine();
	CHECK_EQ(fdt_blob_size(tree.blob), tree.size);
	CHECK_EQ(fdt_open(&fdt, tree.blob, 39), -EINVAL);
	CHECK_EQ(fdt_open(&fdt, tree.blob + 2, tree.size), -EINVAL);
}

/* Ask everything of every node; what is asked for is bounded and inside. */
static void use_all(const struct fdt *t)
{
	struct fdt_interrupt irq;
	struct fdt_range range;
	phys_addr_t address;
	u32 value;
	u64 size;

	fdt_for_each(t, node) {
		fdt_parent(t, node);
		fdt_next_sibling(t, node);
		fdt_first_child(t, node);
		fdt_is_available(t, node);
		fdt_is_compatible(t, node, "arm,pl011");
		fdt_string(t, node, "compatible");
		for (unsigned i = 0; i < 4; i++) {
			fdt_cell(t, node, "reg", i, &value);
			fdt_reg(t, node, i, &address, &size);
			fdt_range(t, node, i, &range);
			fdt_interrupt(t, node, i, &irq);
			fdt_pci_interrupt(t, node, 0, (u8)(i << 3), 1, &irq);
		}
		fdt_msi_controller(t, node, 8, &value);
	}
	fdt_find_console(t, "serial0");
	fdt_find_phandle(t, GIC_PHANDLE);
	for (unsigned i = 0; fdt_reservation(t, i, &address, &size); i++)
		value = (u32)size;
}

/* In memory of exactly that size, so that a byte too far is found. */
static void try_blob(const unsigned char *blob, u32 size)
{
	unsigned char *copy = malloc(MAX(size, 1U));

	memcpy(copy, blob, size);
	if (!fdt_open(&fdt, copy, size))
		use_all(&fdt);
	free(copy);
}

TEST(every_truncation_is_refused)
{
	make_machine();
	for (u32 size = 0; size < tree.size; size++) {
		CHECK(fdt_open(&fdt, tree.blob, size) != 0);
		try_blob(tree.blob, size);
	}
}

TEST(a_tree_that_says_it_is_shorter_stays_inside)
{
	make_machine();
	for (u32 size = 40; size < tree.size; size++) {
		tree_place(4, size);
		CHECK(fdt_open(&fdt, tree.blob, tree.size) != 0);
		try_blob(tree.blob, size);
	}
}

TEST(blocks_that_are_cut_stay_inside)
{
	u32 full;

	make_machine();
	full = tree.structure_size;
	for (u32 size = 0; size < full; size += 4) {
		tree_place(36, size);
		CHECK(fdt_open(&fdt, tree.blob, tree.size) != 0);
		try_blob(tree.blob, tree.size);
	}
	make_machine();
	full = tree.strings_size;
	for (u32 size = 0; size < full; size++) {
		tree_place(32, size);
		try_blob(tree.blob, tree.size);
	}
}

TEST(any_damaged_byte_does_no_harm)
{
	static const unsigned char values[] = { 0, 1, 3, 9, 0x7f, 0x80, 0xff };

	make_machine();
	for (u32 at = 0; at < tree.size; at++) {
		unsigned char before = tree.blob[at];

		for (unsigned i = 0; i < ARRAY_SIZE(values); i++) {
			tree.blob[at] = values[i];
			try_blob(tree.blob, tree.size);
		}
		tree.blob[at] = before;
	}
}
