/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether a module may be used, and by how many it is. */
#include <kernel/module.h>
#include <kernel/spinlock.h>
#include "state.h"

/* Protects state and users of all modules. */
static struct spinlock lock;

static bool usable(const struct module *module)
{
	return module->state == MODULE_STARTING || module->state == MODULE_LIVE;
}

bool module_get(struct module *module)
{
	bool ok;

	if (!module)
		return true;
	spin_lock(&lock);
	ok = usable(module);
	if (ok)
		module->users++;
	spin_unlock(&lock);
	return ok;
}

void module_put(struct module *module)
{
	if (!module)
		return;
	spin_lock(&lock);
	module->users--;
	spin_unlock(&lock);
}

bool module_is_live(const struct module *module)
{
	bool ok;

	if (!module)
		return true;
	spin_lock(&lock);
	ok = usable(module);
	spin_unlock(&lock);
	return ok;
}

void module_set_state(struct module *module, enum module_state state)
{
	spin_lock(&lock);
	module->state = (unsigned char)state;
	spin_unlock(&lock);
}

bool module_begin_stop(struct module *module)
{
	bool ok;

	spin_lock(&lock);
	ok = module->state == MODULE_LIVE && !module->users;
	if (ok)
		module->state = MODULE_STOPPING;
	spin_unlock(&lock);
	return ok;
}
