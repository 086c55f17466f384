/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What CONFIG_DEBUG_LOCKS watches at each lock. Without it all of this is
 * nothing.
 */
#pragma once

#include <kernel/compiler.h>

enum lock_debug_flags {
	LOCK_SLEEPS = BIT(0), /* waiting for it is sleeping: a mutex */
	LOCK_TRIED = BIT(1),  /* taken without waiting */
};

struct lock_debug {
};

static inline bool lock_debug_take(const void *lock __unused,
				   struct lock_debug *debug __unused,
				   unsigned flags __unused)
{
	return false;
}

static inline void lock_debug_taken(const void *lock __unused,
				    struct lock_debug *debug __unused,
				    unsigned flags __unused)
{
}

static inline bool lock_debug_release(const void *lock __unused,
				      struct lock_debug *debug __unused)
{
	return true;
}
