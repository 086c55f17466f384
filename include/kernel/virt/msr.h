/* SPDX-License-Identifier: BSD-2-Clause */
/* Model-specific registers, as hypervisors offer services through them. */
#pragma once

#include <kernel/compiler.h>

/**
 * Read @msr, which may not exist. 0, or -EIO (it faulted; *@value is
 * untouched). After level CPU; any context.
 */
int virt_rdmsr(u32 msr, u64 *value);
