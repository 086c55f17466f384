/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Checking a flattened device tree, and walking what was checked. A node is
 * the offset of its FDT_BEGIN_NODE token from the first one.
 */
#include <abi/fdt/fdt.h>
#include <kernel/errno.h>
#include <kernel/string.h>
#include "internal.h"

#define TOKEN_BYTES 4U

static u32 load32(const u8 *at)
{
	be32 value;

	memcpy(&value, at, sizeof(value));
	return be32_to_cpu(value);
}

static u64 load64(const u8 *at)
{
	return (u64)load32(at) << 32 | load32(at + 4);
}

/* One token, as it stands at some offset. */
struct token {
	u32 type;
	u32 next;	  /* offset of the one after it */
	const char *name; /* of a node or property */
	const u8 *value;
	u32 length;
};

/* True if @offset to @offset + @size is inside [0, @limit). */
static bool fits(u32 offset, u32 size, u32 limit)
{
	return offset <= limit && size <= limit - offset;
}

static bool read_begin(const struct fdt *fdt, u32 at, struct token *t)
{
	u32 left = fdt->structure_size - at;
	u32 length;

	t->name = (const char *)fdt->structure + at;
	length = (u32)strnlen(t->name, left);
	if (length == left)
		return false;
	t->next = at + ALIGN_UP(length + 1, TOKEN_BYTES);
	return t->next <= fdt->structure_size;
}

static bool read_property(const struct fdt *fdt, u32 at, struct token *t)
{
	u32 name;

	if (!fits(at, sizeof(struct fdt_prop), fdt->structure_size))
		return false;
	t->length = load32(fdt->structure + at);
	name = load32(fdt->structure + at + 4);
	at += sizeof(struct fdt_prop);
	if (!fits(at, t->length, fdt->structure_size) ||
	    name >= fdt->strings_size)
		return false;
	/* The block was checked to end with a terminator. */
	t->name = fdt->strings + name;
	t->value = fdt->structure + at;
	t->next = at + ALIGN_UP(t->length, TOKEN_BYTES);
	return t->next <= fdt->structure_size;
}

/* The token at @at, with FDT_NOPs before it passed over. False: malformed. */
static bool read_token(const struct fdt *fdt, u32 at, struct token *t)
{
	do {
		if (!fits(at, TOKEN_BYTES, fdt->structure_size))
			return false;
		t->type = load32(fdt->structure + at);
		at += TOKEN_BYTES;
	} while (t->type == FDT_NOP);
	t->next = at;
	switch (t->type) {
	case FDT_BEGIN_NODE: return read_begin(fdt, at, t);
	case FDT_PROP: return read_property(fdt, at, t);
	case FDT_END_NODE:
	case FDT_END: return true;
	default: return false;
	}
}

/* One root, all nodes closed, properties only before a node's children. */
static bool structure_is_sound(const struct fdt *fdt)
{
	bool properties = false; /* may come here */
	unsigned depth = 0;
	struct token t;
	u32 at = 0;

	do {
		if (!read_token(fdt, at, &t))
			return false;
		switch (t.type) {
		case FDT_BEGIN_NODE:
			if (depth++ == FDT_DEPTH_MAX)
				return false;
			properties = true;
			break;
		case FDT_PROP:
			if (!properties)
				return false;
			break;
		case FDT_END_NODE:
			if (!depth--)
				return false;
			properties = false;
			break;
		default: return false;
		}
		at = t.next;
	} while (depth);
	return read_token(fdt, at, &t) && t.type == FDT_END;
}

static int find_blocks(struct fdt *fdt, const struct fdt_header *h, u32 total)
{
	const u8 *blob = (const u8 *)h;
	u32 structure = be32_to_cpu(h->off_dt_struct);
	u32 strings = be32_to_cpu(h->off_dt_strings);
	u32 reservations = be32_to_cpu(h->off_mem_rsvmap);

	fdt->total_size = total;
	fdt->structure_size = be32_to_cpu(h->size_dt_struct);
	fdt->strings_size = be32_to_cpu(h->size_dt_strings);
	if (!IS_ALIGNED(structure, TOKEN_BYTES) ||
	    !fits(structure, fdt->structure_size, total) ||
	    !fits(strings, fdt->strings_size, total) || reservations > total)
		return -EBADMSG;
	fdt->structure = blob + structure;
	fdt->strings = (const char *)blob + strings;
	fdt->reservations = blob + reservations;
	if (fdt->strings_size && fdt->strings[fdt->strings_size - 1])
		return -EBADMSG;
	return 0;
}

/* The list must end, with an entry of zeros, inside of the blob. */
static int count_reservations(struct fdt *fdt, const u8 *end)
{
	const u8 *at = fdt->reservations;

	while ((size_t)(end - at) >= sizeof(struct fdt_reserve_entry)) {
		if (!load64(at) && !load64(at + 8))
			return 0;
		fdt->reservation_count++;
		at += sizeof(struct fdt_reserve_entry);
	}
	return -EBADMSG;
}

u32 fdt_blob_size(const void *header)
{
	const struct fdt_header *h = header;

	return be32_to_cpu(h->magic) == FDT_MAGIC ? be32_to_cpu(h->totalsize)
						  : 0;
}

int fdt_open(struct fdt *fdt, const void *blob, size_t max)
{
	const struct fdt_header *h = blob;
	u32 total;
	int ret;

	memset(fdt, 0, sizeof(*fdt));
	if (max < sizeof(*h) || !IS_ALIGNED((uintptr_t)blob, TOKEN_BYTES) ||
	    be32_to_cpu(h->magic) != FDT_MAGIC)
		return -EINVAL;
	total = be32_to_cpu(h->totalsize);
	if (total < sizeof(*h) || total > MIN(max, (size_t)FDT_MAX_BYTES))
		return -EBADMSG;
	if (be32_to_cpu(h->version) < FDT_VERSION ||
	    be32_to_cpu(h->last_comp_version) > FDT_VERSION)
		return -EOPNOTSUPP;
	ret = find_blocks(fdt, h, total);
	if (!ret)
		ret = count_reservations(fdt, (const u8 *)blob + total);
	if (!ret && !structure_is_sound(fdt))
		ret = -EBADMSG;
	if (ret)
		memset(fdt, 0, sizeof(*fdt));
	return ret;
}

bool fdt_reservation(const struct fdt *fdt, unsigned n, phys_addr_t *start,
		     u64 *size)
{
	const u8 *at;

	if (n >= fdt->reservation_count)
		return false;
	at = fdt->reservations + n * sizeof(struct fdt_reserve_entry);
	*start = load64(at);
	*size = load64(at + 8);
	return true;
}

/*
 * Step from @at, which is inside of a node, to the next node at @depth 0 (its
 * next child), below it, or out of it.
 */
static int next_node(const struct fdt *fdt, u32 at, bool below)
{
	unsigned depth = 0;
	struct token t;

	/* Ends: the structure was checked, and each token is behind the last.
	 */
	while (read_token(fdt, at, &t) && t.type != FDT_END) {
		if (t.type == FDT_END_NODE) {
			if (!depth && !below)
				return FDT_NONE;
			depth -= depth > 0;
		} else if (t.type == FDT_BEGIN_NODE) {
			/* Any FDT_NOPs belong to the node behind them. */
			if (!depth || below)
				return (int)at;
			depth++;
		}
		at = t.next;
	}
	return FDT_NONE;
}

/* Where a node's contents begin. False for FDT_NONE and for what is no node. */
static bool node_contents(const struct fdt *fdt, int node, u32 *at)
{
	struct token t;

	if (node < 0 || !fdt->structure || !read_token(fdt, (u32)node, &t) ||
	    t.type != FDT_BEGIN_NODE)
		return false;
	*at = t.next;
	return true;
}

int fdt_next(const struct fdt *fdt, int node)
{
	u32 at;

	return node_contents(fdt, node, &at) ? next_node(fdt, at, true)
					     : FDT_NONE;
}

int fdt_first_child(const struct fdt *fdt, int node)
{
	u32 at;

	return node_contents(fdt, node, &at) ? next_node(fdt, at, false)
					     : FDT_NONE;
}

/* Where a node ends, behind its FDT_END_NODE. */
static u32 node_end(const struct fdt *fdt, u32 at)
{
	unsigned depth = 1;
	struct token t;

	while (depth && read_token(fdt, at, &t)) {
		depth += t.type == FDT_BEGIN_NODE;
		depth -= t.type == FDT_END_NODE;
		at = t.next;
	}
	return at;
}

int fdt_next_sibling(const struct fdt *fdt, int node)
{
	u32 at;

	if (node == FDT_ROOT || !node_contents(fdt, node, &at))
		return FDT_NONE;
	return next_node(fdt, node_end(fdt, at), false);
}

int fdt_parent(const struct fdt *fdt, int node)
{
	int parent = FDT_NONE, at = FDT_ROOT;
	u32 contents;

	/* Down from the root: into the child that the node lies in. */
	while (at != FDT_NONE && at < node) {
		if (!node_contents(fdt, at, &contents))
			return FDT_NONE;
		if ((u32)node >= node_end(fdt, contents)) {
			at = fdt_next_sibling(fdt, at);
			continue;
		}
		parent = at;
		at = fdt_first_child(fdt, at);
	}
	return at == node ? parent : FDT_NONE;
}

const char *fdt_name(const struct fdt *fdt, int node)
{
	struct token t;

	if (node < 0 || !fdt->structure || !read_token(fdt, (u32)node, &t) ||
	    t.type != FDT_BEGIN_NODE)
		return "";
	return t.name;
}

const void *fdt_property(const struct fdt *fdt, int node, const char *name,
			 u32 *length)
{
	struct token t;
	u32 at;

	if (!node_contents(fdt, node, &at))
		return NULL;
	while (read_token(fdt, at, &t) && t.type == FDT_PROP) {
		if (!strcmp(t.name, name)) {
			*length = t.length;
			return t.value;
		}
		at = t.next;
	}
	return NULL;
}
