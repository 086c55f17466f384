/* SPDX-License-Identifier: BSD-2-Clause */
/* The shell's `lsmod`, `modprobe` and `modinfo`. */
#include <kernel/console.h>
#include <kernel/device.h>
#include <kernel/errno.h>
#include <kernel/param.h>
#include <kernel/printk.h>
#include <kernel/shell.h>
#include <kernel/string.h>
#include <kernel/vsprintf.h>
#include "internal.h"

#define PARAM_TEXT_BYTES 64
#define INFO_COLUMNS	 14

static const char *state_name(const struct module *module)
{
	if (module->state != MODULE_LIVE)
		return "stopped";
	return module->file ? "loaded" : "built-in";
}

/* True if @p is one of @module's. */
static bool is_of(const struct param *p, const struct module *module)
{
	size_t length = strlen(module->name);

	return !strncmp(p->name, module->name, length) &&
	       p->name[length] == '.';
}

static void print_users(const struct module *module)
{
	bool any = false;

	table_for_each(struct module, module, it) {
		if ((*it)->state == MODULE_STOPPED ||
		    !module_list_has((*it)->depends, module->name))
			continue;
		console_printf("%s%s", any ? "," : "", (*it)->name);
		any = true;
	}
	if (!any)
		console_puts("-");
}

static void print_values(const struct module *module)
{
	table_for_each(const struct param, param, it) {
		char text[PARAM_TEXT_BYTES];

		if (!is_of(*it, module))
			continue;
		param_format(*it, text, sizeof(text));
		console_printf(" %s=%s", (*it)->name + strlen(module->name) + 1,
			       text);
	}
}

static void print_module(const struct module *module)
{
	char size[16] = "-";

	if (module->file)
		snprintf(size, sizeof(size), "%u",
			 module->file->start[MODULE_PARTS]);
	console_printf("%-20s %8s %-8s ", module->name, size,
		       state_name(module));
	print_users(module);
	print_values(module);
	console_puts("\n");
}

static int command_lsmod(int argc, char **argv __unused)
{
	struct module *module = NULL;

	if (argc != 1)
		return -EINVAL;
	console_printf("%-20s %8s %-8s %s\n", "Module", "Size", "State",
		       "Used by, parameters");
	while ((module = table_next_by_name(struct module, module, module)))
		print_module(module);
	return 0;
}
SHELL_COMMAND(lsmod, "", "List modules: size, state, users, parameters",
	      command_lsmod);

static int remove_all(char *const *names)
{
	for (; *names; names++) {
		int ret = module_unload(*names);

		/* The kernel has said why. */
		if (ret)
			return 0;
	}
	return 0;
}

/* Errors are in the log, and so on the screen, except for this one. */
static int command_modprobe(int argc, char **argv)
{
	if (argc > 2 && !strcmp(argv[1], "-r"))
		return remove_all(argv + 2);
	if (argc < 2 || argv[1][0] == '-')
		return -EINVAL;
	if (module_load(argv[1], argv + 2) == -ENODEV)
		console_printf("modprobe: %s: what it is for is not here\n",
			       argv[1]);
	return 0;
}

static const char *complete_module(unsigned n)
{
	const struct module *module = table_entry(struct module, module, n);

	return module ? module->name : NULL;
}

SHELL_COMMAND_COMPLETE(modprobe, "NAME [PARAM=VALUE]... | -r NAME...",
		       "Load or start a module; -r: stop and unload it",
		       command_modprobe, complete_module);

static void print_info(const char *key, const char *value)
{
	console_printf("%-*s %s\n", INFO_COLUMNS, key, value);
}

static void print_parameter(const char *name, const char *help,
			    const char *value)
{
	console_printf("%-*s %s%s%s: %s\n", INFO_COLUMNS, "parameter:", name,
		       *value ? "=" : "", value, help);
}

static void print_drivers(const struct module *module)
{
	table_for_each(const struct driver, driver, it)
		if ((*it)->module == module)
			print_info("driver:", (*it)->name);
}

static void print_live(const struct module *module)
{
	print_info("name:", module->name);
	print_info("state:", state_name(module));
	print_info("description:", module->description);
	print_info("depends:", module->depends);
	print_drivers(module);
	table_for_each(const struct param, param, it) {
		char text[PARAM_TEXT_BYTES];

		if (!is_of(*it, module))
			continue;
		param_format(*it, text, sizeof(text));
		print_parameter((*it)->name, (*it)->help, text);
	}
}

static void print_file(const struct module_image *image)
{
	static const char *const keys[] = { "name", "description", "depends",
					    "version", "automatic" };
	const char *value;

	for (unsigned i = 0; i < ARRAY_SIZE(keys); i++) {
		char label[INFO_COLUMNS];

		value = module_info(image, keys[i], 0);
		snprintf(label, sizeof(label), "%s:", keys[i]);
		if (value)
			print_info(label, value);
	}
	console_printf("%-*s %zu\n", INFO_COLUMNS, "file:", image->size);
	for (unsigned n = 0; (value = module_info(image, "parameter", n)); n++)
		print_info("parameter:", value);
}

static int command_modinfo(int argc, char **argv)
{
	struct module_image *image = NULL;
	const struct module *module;
	int ret = -ENOENT;

	if (argc != 2)
		return -EINVAL;
	module = module_find(argv[1]);
	if (module) {
		print_live(module);
		return 0;
	}
	if (IS_ENABLED(CONFIG_MODULES))
		ret = module_get_image(argv[1], &image);
	if (ret == -ENOENT)
		console_printf("modinfo: there is no module %s\n", argv[1]);
	if (ret)
		return 0;
	print_file(image);
	module_put_image(image);
	return 0;
}
SHELL_COMMAND_COMPLETE(modinfo, "NAME", "Show what a module is and takes",
		       command_modinfo, complete_module);
