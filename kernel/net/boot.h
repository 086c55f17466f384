/* SPDX-License-Identifier: BSD-2-Clause */
/* The boot parameter ip=. */
#pragma once

#include "stack.h"

/** @net was registered: do in the background what ip= says. */
void net_boot_configure(struct net_device *net);
