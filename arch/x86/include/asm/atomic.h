/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

#include <kernel/compiler.h>

/* Locked instructions are full barriers: SDM volume 3, 9.2.3.9. */
#define arch_fence_after_rmw() barrier()
