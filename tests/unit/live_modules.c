/* SPDX-License-Identifier: BSD-2-Clause */
/* All modules in a test are live, as after a boot, unless it says otherwise. */
#include <kernel/module.h>

static void __attribute__((constructor)) let_live(void)
{
	table_for_each(struct module, module, it)
		(*it)->state = MODULE_LIVE;
}
