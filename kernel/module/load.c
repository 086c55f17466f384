/* SPDX-License-Identifier: BSD-2-Clause */
/* From a file in the initrd to a module in memory, and back. */
#define pr_fmt(fmt) "module: " fmt

#include <generated/module_version.h>
#include <kernel/atomic.h>
#include <kernel/byteorder.h>
#include <kernel/cpu.h>
#include <kernel/device.h>
#include <kernel/errno.h>
#include <kernel/mm/map.h>
#include <kernel/mm/slab.h>
#include <kernel/param.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include "internal.h"

/* Those whose code may run, for module_of_text(). */
static struct module_file *files;

static void list_file(struct module_file *file)
{
	file->next = files;
	/* Release: what is in @file is before the pointer that leads to it. */
	atomic_store_release(&files, file);
}

static void unlist_file(const struct module_file *file)
{
	struct module_file **link = &files;

	while (*link && *link != file)
		link = &(*link)->next;
	if (*link)
		atomic_write(link, file->next);
}

const char *module_of_text(uintptr_t addr, size_t *offset, size_t *size)
{
	const struct module_file *file = atomic_load_acquire(&files);

	for (; file; file = file->next) {
		*offset = addr - (uintptr_t)file->memory;
		*size = file->start[MODULE_RODATA];
		if (addr >= (uintptr_t)file->memory && *offset < *size)
			return file->name;
	}
	return NULL;
}

/* True if [@p, @p + @size) is in the loaded module, from @part on. */
static bool in_memory(const struct module_file *file, const void *p,
		      size_t size, enum module_part part)
{
	uintptr_t start = (uintptr_t)file->memory + file->start[part];
	uintptr_t end = (uintptr_t)file->memory + file->start[MODULE_PARTS];
	uintptr_t at = (uintptr_t)p;

	return at >= start && at <= end && size <= end - at;
}

/* Another kernel's structures may have other members. */
static int check_info(const struct module_image *image)
{
	const char *version = module_info(image, "version", 0);
	const char *name = module_info(image, "name", 0);

	if (!version || strcmp(version, MODULE_VERSION))
		return module_refuse(image, "built for %s, this kernel is %s",
				     version ? version : "no kernel",
				     MODULE_VERSION);
	if (!name || strcmp(name, image->name))
		return module_refuse(image, "it is module %s",
				     name ? name : "without a name");
	return module_info(image, "depends", 0)
		       ? 0
		       : module_refuse(image, "it does not say what it needs");
}

static bool resolve(void *context, const char *name, u64 *value)
{
	const char *depends = context;

	if (module_kernel_symbol(name, value))
		return true;
	table_for_each(struct module, module, it) {
		const struct module_file *file = (*it)->file;

		if (!file || !module_list_has(depends, (*it)->name))
			continue;
		for (unsigned i = 0; i < file->export_count; i++) {
			if (strcmp(file->exports[i].name, name))
				continue;
			*value = file->exports[i].value;
			return true;
		}
	}
	return false;
}

static int link_image(struct module_file *file,
		      const struct module_image *image)
{
	char *depends = (char *)module_info(image, "depends", 0);
	u32 size = image->start[MODULE_PARTS];

	memcpy(file->start, image->start, sizeof(file->start));
	file->memory = vmalloc_module(size);
	if (!file->memory) {
		pr_err("%s: no memory for %u bytes", image->name, size);
		return -ENOMEM;
	}
	return module_link(image, file->memory, (uintptr_t)file->memory,
			   resolve, depends);
}

/* From here on nothing of it is writable and executable, or was at once. */
static int protect(const struct module_file *file)
{
	const u32 *start = file->start;
	int ret = memory_protect(file->memory + start[MODULE_TEXT],
				 start[MODULE_RODATA] - start[MODULE_TEXT],
				 MEMORY_EXECUTE);

	if (!ret)
		ret = memory_protect(file->memory + start[MODULE_RODATA],
				     start[MODULE_DATA] - start[MODULE_RODATA],
				     MEMORY_READ);
	return ret;
}

/* The entries that @image has for open table @n, in memory. */
static int find_segment(struct module_file *file,
			const struct module_image *image, size_t n)
{
	struct table_segment *segment = &file->segments[n];
	char name[MODULE_NAME_MAX] = ".table.";
	unsigned i;

	strscpy(name + strlen(name), open_tables[n].name,
		sizeof(name) - strlen(name));
	i = module_find_section(image, name);
	if (!i)
		return 0;
	segment->start = (const void *const *)(file->memory + image->place[i]);
	segment->end = segment->start +
		       le64_to_cpu(image->sections[i].size) / sizeof(void *);
	for (const void *const *it = segment->start; it < segment->end; it++)
		if (!in_memory(file, *it, sizeof(void *), MODULE_RODATA))
			return module_refuse(image, "table %s is damaged",
					     open_tables[n].name);
	return 0;
}

/* The one entry of its table of modules, or NULL after a message. */
static struct module *find_module(const struct module_file *file,
				  const struct module_image *image)
{
	struct module *module = NULL;
	size_t length = strlen(image->name) + 1;

	for (size_t n = 0; n < open_table_count; n++) {
		const struct table_segment *s = &file->segments[n];

		if (open_tables[n].table == &__table_module &&
		    s->end - s->start == 1)
			module = (struct module *)*s->start;
	}
	if (!module || (uintptr_t)module % sizeof(void *) ||
	    !in_memory(file, module, sizeof(*module), MODULE_DATA) ||
	    !in_memory(file, module->name, length, MODULE_RODATA) ||
	    memcmp(module->name, image->name, length)) {
		module_refuse(image, "it has no MODULE(%s)", image->name);
		return NULL;
	}
	return module;
}

void module_add_tables(struct module_file *file)
{
	for (size_t n = 0; n < open_table_count; n++)
		table_add(open_tables[n].table, &file->segments[n]);
}

/* False if somebody uses one of them for too long: those before are gone. */
static bool remove_table(struct module_file *file, size_t n, u64 deadline)
{
	while (!table_try_remove(open_tables[n].table, &file->segments[n])) {
		if (time_ns() > deadline)
			return false;
		cpu_relax();
	}
	return true;
}

int module_remove_tables(struct module_file *file)
{
	u64 deadline = time_ns() + MODULE_LEAVE_TIMEOUT_MS * NSEC_PER_MSEC;
	size_t n = 0;

	while (n < open_table_count && remove_table(file, n, deadline))
		n++;
	if (n == open_table_count)
		return 0;
	while (n-- > 0)
		table_add(open_tables[n].table, &file->segments[n]);
	return -EBUSY;
}

static bool is_exported(const struct module_image *image,
			const struct elf64_symbol *symbol)
{
	u32 shndx = le16_to_cpu(symbol->shndx);

	return ELF_SYMBOL_BIND(symbol->info) == ELF_BIND_GLOBAL &&
	       shndx != ELF_SHN_UNDEF && shndx < image->section_count &&
	       image->place[shndx] != MODULE_NOT_LOADED;
}

static const char *name_of(const struct module_image *image,
			   const struct elf64_symbol *symbol)
{
	return image->strings + le32_to_cpu(symbol->name);
}

static void count_exports(const struct module_image *image, unsigned *count,
			  size_t *bytes)
{
	*count = 0;
	*bytes = 0;
	for (u32 i = 1; i < image->symbol_count; i++) {
		if (!is_exported(image, &image->symbols[i]))
			continue;
		++*count;
		*bytes += sizeof(struct module_export) +
			  strlen(name_of(image, &image->symbols[i])) + 1;
	}
}

static int copy_exports(struct module_file *file,
			const struct module_image *image)
{
	struct module_export *e;
	unsigned count;
	size_t bytes;
	char *name;

	count_exports(image, &count, &bytes);
	if (!count)
		return 0;
	e = kmalloc(bytes);
	if (!e)
		return -ENOMEM;
	file->exports = e;
	file->export_count = count;
	name = (char *)(e + count);
	for (u32 i = 1; i < image->symbol_count; i++) {
		const struct elf64_symbol *symbol = &image->symbols[i];
		u32 shndx = le16_to_cpu(symbol->shndx);
		size_t length;

		if (!is_exported(image, symbol))
			continue;
		length = strlen(name_of(image, symbol)) + 1;
		memcpy(name, name_of(image, symbol), length);
		e->name = name;
		e->value = (uintptr_t)file->memory + image->place[shndx] +
			   le64_to_cpu(symbol->value);
		name += length;
		e++;
	}
	return 0;
}

void module_free(struct module_file *file)
{
	if (!file)
		return;
	unlist_file(file);
	kfree(file->params);
	kfree(file->exports);
	vfree(file->memory);
	kfree(file);
}

/* All that can be refused, and the memory: nobody knows of it yet. */
static int prepare(const struct module_image *image, unsigned depth,
		   struct module_file *file)
{
	int ret = check_info(image);

	if (!ret)
		ret = module_load_all(module_info(image, "depends", 0),
				      depth + 1);
	if (!ret)
		ret = link_image(file, image);
	for (size_t n = 0; n < open_table_count && !ret; n++)
		ret = find_segment(file, image, n);
	if (!ret)
		ret = copy_exports(file, image);
	if (!ret)
		ret = protect(file);
	return ret;
}

/* Keep "module.parameter=value" for each of @params, and set them. */
static int set_new_params(const struct module *module, char *const *params)
{
	size_t prefix = strlen(module->name) + 1, bytes = 0;
	char *at;

	for (char *const *p = params; p && *p; p++)
		bytes += prefix + strlen(*p) + 1;
	if (!bytes)
		return 0;
	at = module->file->params = kmalloc(bytes);
	if (!at)
		return -ENOMEM;
	for (char *const *p = params; *p; p++) {
		size_t length = strlen(*p) + 1;
		int ret;

		memcpy(at, module->name, prefix - 1);
		at[prefix - 1] = '.';
		memcpy(at + prefix, *p, length);
		ret = param_parse_one(at);
		if (ret == -ENOENT)
			pr_err("there is no parameter %s", at);
		if (ret)
			return -EINVAL;
		at += prefix + length;
	}
	return 0;
}

/* What the command line said of it when nobody knew its parameters. */
static void set_boot_params(const struct module *module)
{
	const char *word;

	for (unsigned n = 0; (word = param_unknown(n)); n++) {
		size_t length = param_module_length(word);
		char name[MODULE_NAME_MAX];

		if (!length || length >= sizeof(name))
			continue;
		strscpy(name, word, length + 1);
		/* It is a word of the boot's own copy of the line. */
		if (module_find(name) == module &&
		    param_parse_one((char *)word) == -ENOENT)
			pr_warn("there is no parameter %s: ignored", word);
	}
}

static int publish(struct module *module, char *const *params, unsigned depth)
{
	int ret;

	module_add_tables(module->file);
	set_boot_params(module);
	ret = set_new_params(module, params);
	return ret ? ret : module_start(module, depth);
}

int module_load_file(const char *name, char *const *params, unsigned depth)
{
	struct module_image *image;
	struct module_file *file;
	struct module *module;
	int ret = module_get_image(name, &image);

	if (ret)
		return ret;
	file = kzalloc(sizeof(*file));
	ret = file ? prepare(image, depth, file) : -ENOMEM;
	module = ret ? NULL : find_module(file, image);
	module_put_image(image);
	if (!module)
		goto err_free_file;
	strscpy(file->name, name, sizeof(file->name));
	module->file = file;
	list_file(file);
	ret = publish(module, params, depth);
	if (!ret)
		return 0;
	/*
	 * While it started, another CPU may have found a device for it. Nobody
	 * keeps what was there for moments only.
	 */
	if (device_unbind_module(module) || module_remove_tables(file)) {
		pr_err("%s stays, stopped: somebody looks at it", name);
		return ret;
	}
err_free_file:
	module_free(file);
	return ret ? ret : -EBADMSG;
}
