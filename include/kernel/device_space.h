/* SPDX-License-Identifier: BSD-2-Clause */
/* Where devices can be placed, as the architecture knows it. */
#pragma once

#include <kernel/compiler.h>

/**
 * The @n-th range of physical addresses, [*@start, *@end), that devices may be
 * given, in the order in which they are best used; false past the last. What
 * the memory map or another device claims in it is for the caller to avoid.
 * After level MEMORY.
 */
bool arch_device_space(unsigned n, u64 *start, u64 *end);

/** The same of I/O ports; false where there are none. */
bool arch_port_space(u64 *start, u64 *end);

/**
 * Where in memory the CPU reaches @size I/O ports from @port on. False: by
 * instructions for ports (CONFIG_HAS_IOPORT), or not at all.
 */
bool arch_port_memory(u64 port, u64 size, phys_addr_t *memory);
