/* SPDX-License-Identifier: BSD-2-Clause */
/* Writes device trees, node by node. */
#pragma once

#include "unit.h"
#include <abi/fdt/fdt.h>
#include <kernel/byteorder.h>
#include <kernel/string.h>

#define TREE_BYTES 4096

/* Blocks in separate buffers, put together by tree_finish(). */
static struct {
	_Alignas(8) unsigned char structure[TREE_BYTES];
	unsigned char strings[TREE_BYTES];
	_Alignas(8) unsigned char blob[2 * TREE_BYTES];
	u32 structure_size, strings_size, reservations, size;
	u64 reserved[8][2];
} tree;

static void tree_u32(u32 value)
{
	be32 raw = cpu_to_be32(value);

	memcpy(tree.structure + tree.structure_size, &raw, 4);
	tree.structure_size += 4;
}

static void tree_bytes(const void *bytes, u32 size)
{
	memcpy(tree.structure + tree.structure_size, bytes, size);
	tree.structure_size += size;
	while (tree.structure_size % 4)
		tree.structure[tree.structure_size++] = 0;
}

static void tree_begin(const char *name)
{
	tree_u32(FDT_BEGIN_NODE);
	tree_bytes(name, (u32)strlen(name) + 1);
}

static void tree_end(void)
{
	tree_u32(FDT_END_NODE);
}

static void tree_start(void)
{
	memset(&tree, 0, sizeof(tree));
	tree_begin("");
}

static void tree_property(const char *name, const void *value, u32 size)
{
	u32 n = (u32)strlen(name) + 1;

	tree_u32(FDT_PROP);
	tree_u32(size);
	tree_u32(tree.strings_size);
	memcpy(tree.strings + tree.strings_size, name, n);
	tree.strings_size += n;
	tree_bytes(value, size);
}

static void tree_string(const char *name, const char *value)
{
	tree_property(name, value, (u32)strlen(value) + 1);
}

static void tree_cells(const char *name, const u32 *cells, u32 count)
{
	be32 raw[64];

	for (u32 i = 0; i < count; i++)
		raw[i] = cpu_to_be32(cells[i]);
	tree_property(name, raw, count * 4);
}

#define TREE_CELLS(name, ...)                   \
 tree_cells(name, (const u32[]){ __VA_ARGS__ }, \
	    sizeof((const u32[]){ __VA_ARGS__ }) / sizeof(u32))

static void tree_place(u32 at, u32 value)
{
	be32 raw = cpu_to_be32(value);

	memcpy(tree.blob + at, &raw, 4);
}

/* End the root, if there is one, and make the blob. */
static void tree_finish(void)
{
	u32 at = sizeof(struct fdt_header);

	tree_u32(FDT_END_NODE);
	tree_u32(FDT_END);
	memset(tree.blob, 0, sizeof(tree.blob));
	tree_place(0, FDT_MAGIC);
	tree_place(16, at);
	for (u32 i = 0; i < tree.reservations; i++, at += 16) {
		tree_place(at, (u32)(tree.reserved[i][0] >> 32));
		tree_place(at + 4, (u32)tree.reserved[i][0]);
		tree_place(at + 8, (u32)(tree.reserved[i][1] >> 32));
		tree_place(at + 12, (u32)tree.reserved[i][1]);
	}
	at += 16;
	tree_place(8, at);
	tree_place(36, tree.structure_size);
	memcpy(tree.blob + at, tree.structure, tree.structure_size);
	at += tree.structure_size;
	tree_place(12, at);
	tree_place(32, tree.strings_size);
	memcpy(tree.blob + at, tree.strings, tree.strings_size);
	at += tree.strings_size;
	tree_place(4, at);
	tree_place(20, 17);
	tree_place(24, 16);
	tree.size = at;
}
