/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

#include <kernel/module.h>

void module_set_state(struct module *module, enum module_state state);

/** From LIVE to STOPPING, in one step; false if it has users, or is not. */
bool module_begin_stop(struct module *module);
