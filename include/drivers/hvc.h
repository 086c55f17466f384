/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names of consoles that a hypervisor has: hvc0 and so on, of whichever
 * driver comes first.
 */
#pragma once

#include <kernel/compiler.h>

/* Policy: hvc0 to hvc31. */
#define HVC_MAX	     32
#define HVC_NAME_MAX 8 /* "hvc31", with its end */

/**
 * Take the first number that is free, and write its console's name to @name,
 * which has HVC_NAME_MAX bytes. The number or -ENOSPC. Any context.
 */
int hvc_take_number(char *name);

/** Give it back. Any context. */
void hvc_give_number(unsigned number);
