/* SPDX-License-Identifier: BSD-2-Clause */
/* What properties mean: strings, cells, and how nodes are found. */
#include <kernel/string.h>
#include "internal.h"

bool fdt_has(const struct fdt *fdt, int node, const char *name)
{
	u32 length;

	return fdt_property(fdt, node, name, &length);
}

bool fdt_cell(const struct fdt *fdt, int node, const char *name, unsigned index,
	      u32 *value)
{
	u32 length;
	const be32 *cells = fdt_property(fdt, node, name, &length);

	if (!cells || index >= length / sizeof(*cells))
		return false;
	*value = be32_to_cpu(cells[index]);
	return true;
}

u32 fdt_cells(const struct fdt *fdt, int node, const char *name, u32 otherwise)
{
	u32 value;

	return fdt_cell(fdt, node, name, 0, &value) ? value : otherwise;
}

u64 fdt_number(const be32 *at, u32 cells)
{
	u64 value = 0;

	for (u32 i = 0; i < cells; i++)
		value = value << 32 | be32_to_cpu(at[i]);
	return value;
}

const char *fdt_string(const struct fdt *fdt, int node, const char *name)
{
	u32 length;
	const char *text = fdt_property(fdt, node, name, &length);

	return text && strnlen(text, length) < length ? text : NULL;
}

bool fdt_is_compatible(const struct fdt *fdt, int node, const char *compatible)
{
	u32 length;
	const char *list = fdt_property(fdt, node, "compatible", &length);

	while (list && length) {
		size_t n = strnlen(list, length);

		if (n == length)
			return false;
		if (!strcmp(list, compatible))
			return true;
		list += n + 1;
		length -= (u32)n + 1;
	}
	return false;
}

bool fdt_is_available(const struct fdt *fdt, int node)
{
	const char *status = fdt_string(fdt, node, "status");

	if (!status)
		return !fdt_has(fdt, node, "status");
	return !strcmp(status, "okay") || !strcmp(status, "ok");
}

int fdt_find_compatible(const struct fdt *fdt, int node, const char *compatible)
{
	node = node == FDT_NONE ? fdt_next(fdt, FDT_ROOT) : fdt_next(fdt, node);
	for (; node != FDT_NONE; node = fdt_next(fdt, node))
		if (fdt_is_compatible(fdt, node, compatible) &&
		    fdt_is_available(fdt, node))
			return node;
	return FDT_NONE;
}

int fdt_find_phandle(const struct fdt *fdt, u32 phandle)
{
	u32 value;

	/* Neither 0 nor ~0 is one: 2.3.3. */
	if (!phandle || phandle == UINT32_MAX)
		return FDT_NONE;
	fdt_for_each(fdt, node)
		if (fdt_cell(fdt, node, "phandle", 0, &value) &&
		    value == phandle)
			return node;
	return FDT_NONE;
}

/* True if @name is the @n bytes at @part, or those with a unit address. */
static bool name_matches(const char *name, const char *part, size_t n)
{
	return !strncmp(name, part, n) && (!name[n] || name[n] == '@');
}

static int find_child(const struct fdt *fdt, int parent, const char *part,
		      size_t n)
{
	fdt_for_each_child(fdt, node, parent)
		if (name_matches(fdt_name(fdt, node), part, n))
			return node;
	return FDT_NONE;
}

/* Follow @path from @node; it ends at its terminator or a ":". */
static int follow(const struct fdt *fdt, int node, const char *path)
{
	while (node != FDT_NONE && *path && *path != ':') {
		size_t n = 0;

		while (path[n] && path[n] != '/' && path[n] != ':')
			n++;
		if (n)
			node = find_child(fdt, node, path, n);
		path += n + (path[n] == '/');
	}
	return node;
}

int fdt_find(const struct fdt *fdt, const char *path)
{
	return fdt->structure && *path == '/' ? follow(fdt, FDT_ROOT, path)
					      : FDT_NONE;
}

#define ALIAS_MAX 32 /* 3.3: 1 to 31 characters */

int fdt_find_console(const struct fdt *fdt, const char *path)
{
	char alias[ALIAS_MAX];
	size_t n = 0;

	if (*path == '/')
		return fdt_find(fdt, path);
	while (path[n] && path[n] != ':' && n < ALIAS_MAX - 1) {
		alias[n] = path[n];
		n++;
	}
	alias[n] = '\0';
	path = fdt_string(fdt, fdt_find(fdt, "/aliases"), alias);
	return path ? fdt_find(fdt, path) : FDT_NONE;
}
