/* SPDX-License-Identifier: BSD-2-Clause */
/* QEMU's fw_cfg: finding the device once, its directory and its files. */
#define pr_fmt(fmt) "fw_cfg: " fmt

#include <kernel/byteorder.h>
#include <kernel/ctype.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/mutex.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/virt/feature.h>
#include "fw_cfg.h"

/* Entries that are read at a time, onto the stack. */
#define ENTRIES_AT_A_TIME 8

static struct mutex lock;
static bool present;
static bool looked;   /* at level BUS all of the machine can be seen */
static bool bad_told; /* what is wrong with the directory is said once */

/* Under the lock. */
static bool look(void)
{
	const struct fw_cfg_bus *bus;

	if (present || looked)
		return present;
	bus = fw_cfg_locate();
	looked = true;
	if (!bus)
		return false;
	if (fw_cfg_open(bus)) {
		pr_warn("it does not say what it is: not used");
		fw_cfg_leave();
		return false;
	}
	return present = true;
}

bool fw_cfg_present(void)
{
	bool found;

	mutex_lock(&lock);
	found = look();
	mutex_unlock(&lock);
	return found;
}

bool fw_cfg_has_dma(void)
{
	return fw_cfg_present() && fw_cfg_uses_dma();
}

static int read_item(u16 item, u32 offset, void *buffer, u32 size)
{
	int ret = -ENODEV;

	mutex_lock(&lock);
	if (look())
		ret = fw_cfg_read_item(item, offset, buffer, size);
	mutex_unlock(&lock);
	return ret;
}

static bool is_name(const char *name)
{
	size_t length = strnlen(name, FW_CFG_NAME_SIZE);

	for (size_t i = 0; i < length; i++)
		if (!is_print(name[i]) || is_space(name[i]))
			return false;
	return length && length < FW_CFG_NAME_SIZE;
}

static bool take(const struct fw_cfg_dir_entry *entry, struct fw_cfg_file *file)
{
	file->size = be32_to_cpu(entry->size);
	file->select = be16_to_cpu(entry->select);
	if (!is_name(entry->name) || file->select < FW_CFG_FILE_FIRST ||
	    file->select > FW_CFG_FILE_LAST)
		return false;
	strscpy(file->name, entry->name, sizeof(file->name));
	return true;
}

static void tell_bad(u32 count, unsigned bad)
{
	if (bad_told || (!bad && count <= FW_CFG_FILES_MAX))
		return;
	bad_told = true;
	if (count > FW_CFG_FILES_MAX)
		pr_warn("%u files: only the first %u are looked at", count,
			FW_CFG_FILES_MAX);
	if (bad)
		pr_warn("%u files without a name or a number: ignored", bad);
}

/* Entry @first and those behind it, @n of them. True: go on. */
static int visit(u32 first, u32 n, unsigned *bad,
		 bool (*fn)(const struct fw_cfg_file *file, void *context),
		 void *context)
{
	struct fw_cfg_dir_entry entries[ENTRIES_AT_A_TIME];
	struct fw_cfg_file file;
	u32 offset = sizeof(be32) + first * (u32)sizeof(entries[0]);
	int ret = read_item(FW_CFG_FILE_DIR, offset, entries,
			    n * (u32)sizeof(entries[0]));

	if (ret)
		return ret;
	for (u32 i = 0; i < n; i++) {
		if (!take(&entries[i], &file))
			++*bad;
		else if (!fn(&file, context))
			return false;
	}
	return true;
}

int fw_cfg_for_each(bool (*fn)(const struct fw_cfg_file *file, void *context),
		    void *context)
{
	unsigned bad = 0;
	be32 stated;
	u32 count, believed;
	int ret = read_item(FW_CFG_FILE_DIR, 0, &stated, sizeof(stated));

	if (ret)
		return ret;
	count = be32_to_cpu(stated);
	believed = MIN(count, (u32)FW_CFG_FILES_MAX);
	for (u32 i = 0; i < believed; i += ENTRIES_AT_A_TIME) {
		u32 n = MIN(believed - i, (u32)ENTRIES_AT_A_TIME);

		ret = visit(i, n, &bad, fn, context);
		if (ret <= 0)
			break;
	}
	tell_bad(count, bad);
	return MIN(ret, 0);
}

struct search {
	const char *name;
	struct fw_cfg_file *file;
	bool found;
};

static bool is_it(const struct fw_cfg_file *file, void *context)
{
	struct search *search = context;

	if (strcmp(file->name, search->name))
		return true;
	*search->file = *file;
	search->found = true;
	return false;
}

int fw_cfg_find(const char *name, struct fw_cfg_file *file)
{
	struct search search = { .name = name, .file = file };
	int ret = fw_cfg_for_each(is_it, &search);

	if (ret)
		return ret;
	return search.found ? 0 : -ENOENT;
}

long fw_cfg_read(const struct fw_cfg_file *file, u32 offset, void *buffer,
		 u32 size)
{
	int ret;

	if (offset >= file->size)
		return 0;
	size = MIN(size, file->size - offset);
	ret = read_item(file->select, offset, buffer, size);
	return ret ? ret : (long)size;
}

/* What could not be reached before the boot's levels can be now. */
static int fw_cfg_init(void)
{
	looked = false;
	if (!fw_cfg_present())
		return 0;
	pr_debug("found, %s", fw_cfg_uses_dma() ? "with DMA" : "without DMA");
	virt_feature_add_state(HYPERV_TYPE_QEMU, "fw-cfg",
			       VIRT_OFFERED | VIRT_ENABLED);
	if (fw_cfg_uses_dma())
		virt_feature_add_state(HYPERV_TYPE_QEMU, "fw-cfg-dma",
				       VIRT_OFFERED | VIRT_ENABLED);
	return 0;
}
initcall(INIT_BUS, fw_cfg_init);
