/* SPDX-License-Identifier: BSD-2-Clause */
/* What printk.c and console.c, the two halves of this directory, share. */
#pragma once

#include <kernel/printk.h>

/** True if @record is for the consoles (loglevel=, quiet, LOG_ALWAYS). */
bool log_record_shown(const struct log_record *record);
