/* SPDX-License-Identifier: BSD-2-Clause */
/* A DHCP client for a device. Threads, not under net_config. */
#pragma once

#include "stack.h"

/**
 * Open @net, and get an address in the background. 0 (also if it does so
 * already) or -errno.
 */
int dhcp_start(struct net_device *net);
/** Stop, give the address back and remove it, if it came so. */
void dhcp_stop(struct net_device *net);
/**
 * Wait until device @name has an address, and return it, with its mask in
 * *@mask. 0: not by @until_ns, or the device is gone.
 */
u32 dhcp_wait(const char *name, u64 until_ns, u32 *mask);
