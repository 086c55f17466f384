/* SPDX-License-Identifier: BSD-2-Clause */
/* Between the console and its self-test. */
#pragma once

#include <kernel/console.h>

/* As kernel/virt/xen.c lists it. */
#define XEN_CONSOLE_FEATURE "pv-console"

const struct console *xen_console(void);

/** How many bytes the host took so far, as a free-running count. */
u64 xen_console_taken(void);

/** Wait until it has taken all, at most until @limit: true if it has. */
bool xen_console_wait_taken(u64 limit);
