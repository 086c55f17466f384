/* SPDX-License-Identifier: BSD-2-Clause */
/* What there is to load and to link with: the initrd, the kernel's exports. */
#define pr_fmt(fmt) "module: " fmt

#include <kernel/errno.h>
#include <kernel/initrd.h>
#include <kernel/mm/slab.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/vsprintf.h>
#include "internal.h"

#define PATH_BYTES (sizeof(MODULE_DIRECTORY MODULE_SUFFIX) + MODULE_NAME_MAX)

int module_get_image(const char *name, struct module_image **image)
{
	char path[PATH_BYTES];
	struct cpio_entry entry;
	size_t size;
	const void *initrd = initrd_map(&size);
	int ret;

	if (!initrd)
		return -ENOENT;
	snprintf(path, sizeof(path), MODULE_DIRECTORY "%s" MODULE_SUFFIX, name);
	ret = cpio_find(initrd, size, path, &entry);
	if (ret == -EBADMSG)
		pr_err("the initrd is malformed before %s", path);
	if (ret)
		return ret;
	*image = kzalloc(sizeof(**image));
	if (!*image)
		return -ENOMEM;
	(*image)->name = name;
	(*image)->bytes = entry.data;
	(*image)->size = entry.size;
	ret = module_image_check(*image);
	if (ret)
		module_put_image(*image);
	return ret;
}

void module_put_image(struct module_image *image)
{
	kfree(image);
}

/* The module's name in the path of its file, or false. */
static bool name_in(const char *path, char name[MODULE_NAME_MAX])
{
	size_t length = strlen(path), suffix = strlen(MODULE_SUFFIX);
	const char *file = path + strlen(MODULE_DIRECTORY);

	if (!str_has_prefix(path, MODULE_DIRECTORY) ||
	    length <= strlen(MODULE_DIRECTORY) + suffix ||
	    strcmp(path + length - suffix, MODULE_SUFFIX) || strchr(file, '/'))
		return false;
	length -= strlen(MODULE_DIRECTORY) + suffix;
	if (length >= MODULE_NAME_MAX)
		return false;
	strscpy(name, file, length + 1);
	return true;
}

bool module_in_initrd(unsigned n, char name[MODULE_NAME_MAX])
{
	struct cpio_reader reader = { 0 };
	struct cpio_entry entry;

	reader.bytes = initrd_map(&reader.size);
	while (reader.bytes && cpio_next(&reader, &entry) > 0)
		if (entry.is_file && name_in(entry.name, name) && !n--)
			return true;
	return false;
}

/* From scripts/modules.py; sorted by name. */
extern const u32 export_count;
extern const s32 export_places[]; /* relative to the element */
extern const u32 export_name_offsets[];
extern const char export_names[];

bool module_kernel_symbol(const char *name, u64 *value)
{
	u32 low = 0, high = export_count;

	while (low < high) {
		u32 mid = low + (high - low) / 2;
		int order =
			strcmp(name, export_names + export_name_offsets[mid]);

		if (order == 0) {
			const s32 *place = &export_places[mid];

			*value = (u64)(uintptr_t)place + (u64)(s64)*place;
			return true;
		}
		if (order < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return false;
}
