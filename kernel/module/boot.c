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

static bool is_automatic(const char *name)
{
	struct module_image *image;
	bool automatic;

	if (module_find(name) || module_get_image(name, &image))
		return false;
	automatic = module_info(image, "automatic", 0) != NULL;
	module_put_image(image);
	return automatic;
}

static void load_from_initrd(bool all)
{
	char name[MODULE_NAME_MAX];

	for (unsigned n = 0; module_in_initrd(n, name); n++)
		if (all || is_automatic(name))
			module_load(name, NULL);
}

static void load_list(const char *list)
{
	while (*list) {
		const char *comma = strchr(list, ',');
		size_t length = comma ? (size_t)(comma - list) : strlen(list);
		char name[MODULE_NAME_MAX];

		strscpy(name, list, MIN(length + 1, sizeof(name)));
		if (length >= sizeof(name))
			pr_err("there is no module %s...", name);
		else if (length)
			module_load(name, NULL);
		list += length + (comma != NULL);
	}
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
	if (!strcmp(wanted, "auto") || !strcmp(wanted, "all"))
		load_from_initrd(!strcmp(wanted, "all"));
	else if (strcmp(wanted, "none"))
		load_list(wanted);
	report_params();
	return 0;
}
initcall(INIT_DRIVER, load_boot_modules);
