/* SPDX-License-Identifier: BSD-2-Clause */
/* What printk.c and console.c, the two halves of this directory, share. */
#pragma once

#include <kernel/printk.h>

/** True if records of @level are for the consoles (loglevel=, quiet). */
bool log_level_shown(unsigned level);

/** True from console_enter_panic() on. */
bool console_panicking(void);
