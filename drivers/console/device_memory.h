/* SPDX-License-Identifier: BSD-2-Clause */
/* A check of addresses that loaders and firmware give for devices. */
#pragma once

#include <kernel/types.h>

/**
 * True if [@start, @start + @size) does not wrap and, as far as the memory map
 * knows, is nobody's memory, so that writing there as to a device can break
 * nothing. Needs level MEMORY.
 */
bool device_memory_plausible(phys_addr_t start, u64 size);
