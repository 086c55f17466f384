/* SPDX-License-Identifier: BSD-2-Clause */
/* Which modules in the initrd are loaded at boot. */
#define pr_fmt(fmt) "module: " fmt

#include <kernel/initrd.h>
#include <kernel/param.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include "internal.h"

static const char *wanted = "auto";
param_string("modules", wanted,
	     "modules to load at boot: auto, all, none, or name[,name...]");

static void load_all(void)
{
	char name[MODULE_NAME_MAX];

	for (unsigned n = 0; module_in_initrd(n, name); n++)
		module_load(name, NULL);
}

/* The modules in @list, of @size bytes, separated by @separator. */
static void load_list(const char *list, size_t size, char separator)
{
	const char *end = list + size;

	while (list < end) {
		const char *stop =
			memchr(list, separator, (size_t)(end - list));
		size_t length = (size_t)((stop ? stop : end) - list);
		char name[MODULE_NAME_MAX] = "";

		memcpy(name, list, MIN(length, sizeof(name) - 1));
		if (length >= sizeof(name))
			pr_err("there is no module %s...", name);
		else if (length)
			module_load(name, NULL);
		list += length + 1;
	}
}

/* The build has put a list of those with MODULE_AUTOMATIC() beside them. */
static void load_automatic(void)
{
	struct cpio_entry list;
	size_t size;
	const void *initrd = initrd_map(&size);

	if (initrd && !cpio_find(initrd, size, MODULE_AUTOMATIC_LIST, &list))
		load_list((const char *)list.data, list.size, '\n');
}

static bool is_in_initrd(const char *name)
{
	char other[MODULE_NAME_MAX];

	for (unsigned n = 0; module_in_initrd(n, other); n++)
		if (!strcmp(name, other))
			return true;
	return false;
}

/* Parameters of modules that are nowhere: a name was mistyped. */
static void report_params(void)
{
	const char *word;

	for (unsigned n = 0; (word = param_unknown(n)); n++) {
		size_t length = param_module_length(word);
		char name[MODULE_NAME_MAX];

		if (!length)
			continue;
		strscpy(name, word, MIN(length + 1, sizeof(name)));
		if (!module_find(name) && !is_in_initrd(name))
			pr_notice("Unknown parameter \"%s\": there is no "
				  "module %s",
				  word, name);
	}
}

static int load_boot_modules(void)
{
	if (!strcmp(wanted, "auto"))
		load_automatic();
	else if (!strcmp(wanted, "all"))
		load_all();
	else if (strcmp(wanted, "none"))
		load_list(wanted, strlen(wanted), ',');
	report_params();
	return 0;
}
initcall(INIT_DRIVER, load_boot_modules);
