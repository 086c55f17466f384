/* SPDX-License-Identifier: BSD-2-Clause */
/* The memory below 1 MiB where a PC's BIOS leaves tables to be searched. */
#pragma once

#include <kernel/compiler.h>

/**
 * Map [@start, @start + @size) to search it, @start and @size multiples of 4.
 * NULL: this machine is no PC, the range cannot be mapped, or nobody answers
 * there (a few samples are all ones: each read of a hole may cost a
 * hypervisor 10 us to 1 ms, so thousands are not tried).
 */
const u8 *bios_area_map(phys_addr_t start, size_t size);
