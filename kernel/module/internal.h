/* SPDX-License-Identifier: BSD-2-Clause */
/* What the module core's files share. */
#pragma once

#include <kernel/module.h>
#include "image.h"

/* Where modules are in the initrd, and how their files are called. */
#define MODULE_DIRECTORY "modules/"
#define MODULE_SUFFIX	 ".ko"
/* Those to load at boot: names, one a line. */
#define MODULE_AUTOMATIC_LIST MODULE_DIRECTORY "automatic"

/* Modules that depend on each other, in a row. */
#define MODULE_DEPTH_MAX 8

/* How long to wait for those who are just looking at a module's entries. */
#define MODULE_LEAVE_TIMEOUT_MS 1000

struct module_export {
	const char *name;
	u64 value;
};

/* A module that was loaded. In use by one modprobe at a time. */
struct module_file {
	struct module_file *next;
	char name[MODULE_NAME_MAX];
	u8 *memory;		       /* vmalloc_module() */
	u32 start[MODULE_PARTS + 1];   /* as in the image */
	struct module_export *exports; /* with their names, or NULL */
	unsigned export_count;
	char *params; /* that modprobe was given: values may be used later */
	struct table_segment segments[OPEN_TABLES_MAX]; /* as open_tables */
};

/** The module @name (held by nobody), "-" being "_", or NULL. */
struct module *module_find(const char *name);

/** True if @names, separated by spaces, has the first @length bytes of @name.
 */
bool module_list_has(const char *names, const char *name);

/**
 * Start @module, and before it those that it depends on, loading them if they
 * are in the initrd. 0 or -errno after a message (but none for -ENODEV).
 */
int module_start(struct module *module, unsigned depth);

/** As module_load(), for who has the right to do it. */
int module_load_locked(const char *name, char *const *params, unsigned depth);

/** Have every module in @names live. 0, or -errno after a message. */
int module_load_all(const char *names, unsigned depth);

/** Stop @module. 0, -EBUSY or -EOPNOTSUPP, after a message. */
int module_stop(struct module *module);

/** Set "parameter=value" words of a module that was not loaded just now. */
int module_set_params(const struct module *module, char *const *params);

/* Without CONFIG_MODULES there are no files, and load.c is not built. */

/** Load module @name from the initrd and start it. As module_load(). */
int module_load_file(const char *name, char *const *params, unsigned depth);

/** Free a loaded module, which is stopped, or was not started. */
void module_free(struct module_file *file);

/** Add what @file has to the open tables; take it away again. 0 or -EBUSY. */
void module_add_tables(struct module_file *file);
int module_remove_tables(struct module_file *file);

/**
 * Find module @name in the initrd and check its file. 0 (module_put_image()
 * gives the memory back), -ENOENT without a message, or -errno after one.
 */
int module_get_image(const char *name, struct module_image **image);
void module_put_image(struct module_image *image);

/** The @n-th module in the initrd: its name without suffix, or false. */
bool module_in_initrd(unsigned n, char name[MODULE_NAME_MAX]);

/** What the kernel's part that modules may use has of this name. */
bool module_kernel_symbol(const char *name, u64 *value);
