/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of machines. */
#pragma once

#include <kernel/types.h>

/**
 * The address of @name, which may be one in numbers. Asks the servers that are
 * configured, each twice, and sleeps. 0; -ENOENT (there is none), -ENODATA (no
 * server is known), -ETIMEDOUT (none answers), -EINVAL (no name), or what
 * udp_send() says.
 */
int dns_resolve(const char *name, u32 *address);
