/* SPDX-License-Identifier: BSD-2-Clause */
/* Starting and stopping modules, built in or loaded. */
#define pr_fmt(fmt) "module: " fmt

#include <kernel/atomic.h>
#include <kernel/cpu.h>
#include <kernel/device.h>
#include <kernel/errno.h>
#include <kernel/param.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <kernel/vsprintf.h>
#include "internal.h"
#include "state.h"

/* Bytes of "module.parameter=value". */
#define PARAM_WORD_BYTES 256

/* One context at a time starts, stops, loads or unloads. */
static bool busy;

static bool begin(void)
{
	bool ok = !atomic_xchg(&busy, true);

	if (!ok)
		pr_err("another modprobe is running");
	return ok;
}

static void end(void)
{
	atomic_store_release(&busy, false);
}

/* People write "-" as well. */
static void normalize(char *to, const char *name, size_t size)
{
	strscpy(to, name, size);
	for (; *to; to++)
		if (*to == '-')
			*to = '_';
}

struct module *module_find(const char *name)
{
	char wanted[MODULE_NAME_MAX];
	struct module *module;

	if (strlen(name) >= sizeof(wanted))
		return NULL;
	normalize(wanted, name, sizeof(wanted));
	module = table_find(struct module, module, wanted);
	/* Only we could unload it. */
	table_release(module, module);
	return module;
}

bool module_list_has(const char *names, const char *name)
{
	size_t length = strlen(name);

	for (const char *at = names; (at = strstr(at, name)); at += length)
		if ((at == names || at[-1] == ' ') &&
		    (at[length] == ' ' || !at[length]))
			return true;
	return false;
}

/* Copy the first of @names to @name and step over it; false at the end. */
static bool next_name(const char **names, char name[MODULE_NAME_MAX])
{
	size_t length = 0;

	while (**names == ' ')
		(*names)++;
	for (; **names && **names != ' '; (*names)++)
		if (length < MODULE_NAME_MAX - 1)
			name[length++] = **names;
	name[length] = '\0';
	return length != 0;
}

int module_load_all(const char *names, unsigned depth)
{
	char name[MODULE_NAME_MAX];

	while (next_name(&names, name)) {
		int ret = module_load_locked(name, NULL, depth);

		if (ret) {
			pr_err("%s, which is needed, is not there", name);
			return ret;
		}
	}
	return 0;
}

static int run_init(struct module *module)
{
	int ret = module->init ? module->init() : 0;

	if (ret && ret != -ENODEV)
		pr_err("%s does not start: error %d", module->name, -ret);
	return ret;
}

int module_start(struct module *module, unsigned depth)
{
	int ret;

	if (module->state == MODULE_LIVE)
		return 0;
	if (module->state != MODULE_STOPPED || depth > MODULE_DEPTH_MAX) {
		pr_err("%s depends on itself", module->name);
		return -EBUSY;
	}
	module_set_state(module, MODULE_STARTING);
	ret = module_load_all(module->depends, depth + 1);
	if (!ret)
		ret = run_init(module);
	module_set_state(module, ret ? MODULE_STOPPED : MODULE_LIVE);
	if (!ret)
		device_bind_module(module);
	return ret;
}

/* True if a live module depends on @module, after a message. */
static bool is_needed(const struct module *module)
{
	table_for_each(struct module, module, it) {
		if ((*it)->state == MODULE_STOPPED ||
		    !module_list_has((*it)->depends, module->name))
			continue;
		pr_err("%s is in use by %s", module->name, (*it)->name);
		return true;
	}
	return false;
}

/* Take away what can be in use, or leave all as it was. */
static int withdraw(struct module *module)
{
	int ret = device_unbind_module(module);

	if (ret) {
		pr_err("%s is in use: a device does not let go", module->name);
		return ret;
	}
	if (IS_ENABLED(CONFIG_MODULES) && module->file)
		ret = module_remove_tables(module->file);
	if (ret)
		pr_err("%s is in use: its commands or self-tests run",
		       module->name);
	return ret;
}

int module_stop(struct module *module)
{
	int ret;

	if (module->init && !module->exit) {
		pr_err("%s cannot be stopped", module->name);
		return -EOPNOTSUPP;
	}
	if (is_needed(module))
		return -EBUSY;
	if (!module_begin_stop(module)) {
		pr_err("%s is %s", module->name,
		       module->state == MODULE_STOPPED ? "stopped already"
						       : "in use");
		return -EBUSY;
	}
	ret = withdraw(module);
	if (ret) {
		module_set_state(module, MODULE_LIVE);
		device_bind_module(module);
		return ret;
	}
	if (module->exit)
		module->exit();
	module_set_state(module, MODULE_STOPPED);
	return 0;
}

/* The parameter "module.name" of @word, "module.name=value", or NULL. */
static const struct param *find_param(const char *word)
{
	char name[PARAM_WORD_BYTES], *equals;

	strscpy(name, word, sizeof(name));
	equals = strchr(name, '=');
	if (equals)
		*equals = '\0';
	/* Its module is not unloaded under us: see begin(). */
	table_for_each(const struct param, param, it)
		if (param_is(*it, name))
			return *it;
	pr_err("there is no parameter %s", name);
	return NULL;
}

static int set_param(const struct module *module, const char *text)
{
	char word[PARAM_WORD_BYTES];
	const struct param *p;

	if (snprintf(word, sizeof(word), "%s.%s", module->name, text) >=
	    (int)sizeof(word))
		return -EINVAL;
	p = find_param(word);
	if (!p)
		return -EINVAL;
	if (!p->writable) {
		pr_err("%s can be set only when %s is loaded", p->name,
		       module->name);
		return -EINVAL;
	}
	return param_parse_one(word) ? -EINVAL : 0;
}

int module_set_params(const struct module *module, char *const *params)
{
	for (; params && *params; params++) {
		int ret = set_param(module, *params);

		if (ret)
			return ret;
	}
	return 0;
}

int module_load_locked(const char *name, char *const *params, unsigned depth)
{
	struct module *module = module_find(name);
	char wanted[MODULE_NAME_MAX];
	int ret = -ENOENT;

	if (module) {
		ret = module_set_params(module, params);
		return ret ? ret : module_start(module, depth);
	}
	if (depth > MODULE_DEPTH_MAX) {
		pr_err("%s depends on itself", name);
		return -EBUSY;
	}
	normalize(wanted, name, sizeof(wanted));
	if (IS_ENABLED(CONFIG_MODULES))
		ret = module_load_file(wanted, params, depth);
	if (ret == -ENOENT)
		pr_err("there is no module %s", name);
	return ret;
}

int module_load(const char *name, char *const *params)
{
	int ret;

	if (!begin())
		return -EBUSY;
	ret = module_load_locked(name, params, 0);
	end();
	return ret;
}

int module_unload(const char *name)
{
	struct module *module;
	int ret = -ENOENT;

	if (!begin())
		return -EBUSY;
	module = module_find(name);
	if (module)
		ret = module_stop(module);
	else
		pr_err("%s is not loaded", name);
	if (IS_ENABLED(CONFIG_MODULES) && !ret && module->file)
		module_free(module->file);
	end();
	return ret;
}

static int start_level(unsigned level)
{
	table_for_each(struct module, module, it) {
		unsigned own = (*it)->level ? (*it)->level : INIT_DRIVER;

		if (own == level && (*it)->state == MODULE_STOPPED)
			module_start(*it, 0);
	}
	return 0;
}

static int start_early_modules(void)
{
	return start_level(INIT_IRQ);
}
initcall(INIT_IRQ, start_early_modules);

static int start_modules(void)
{
	return start_level(INIT_DRIVER);
}
initcall(INIT_DRIVER, start_modules);
