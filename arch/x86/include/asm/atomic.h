/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

#include <kernel/compiler.h>

/* Locked instructions are full barriers: SDM volume 3, 9.2.3.9. */
#define arch_fence_after_rmw() barrier()

/* Devices see stores to memory in the order of the program: only a load may
 * be done before an earlier store. */
#define arch_device_fence_full()    __asm__ __volatile__("mfence" ::: "memory")
#define arch_device_fence_release() barrier()
#define arch_device_fence_acquire() barrier()
