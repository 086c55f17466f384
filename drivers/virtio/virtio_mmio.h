/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

#include <kernel/compiler.h>

struct virtio_mmio_place {
	phys_addr_t start;
	u64 size;
	unsigned line;
};

/**
 * Parse <size>@<address>:<line>[:<id>], as Linux's virtio_mmio.device= has it.
 * 0, -EINVAL (malformed) or -ERANGE.
 */
int virtio_mmio_parse(const char *value, struct virtio_mmio_place *place);
