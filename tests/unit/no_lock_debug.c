/* SPDX-License-Identifier: BSD-2-Clause */
/* Nobody watches the locks, in tests of other things. */
#include <kernel/lock_debug.h>

bool lock_debug_take(const void *lock, struct lock_debug *debug, unsigned flags,
		     uintptr_t site)
{
	return false;
}

void lock_debug_taken(const void *lock, struct lock_debug *debug,
		      uintptr_t site)
{
}

enum lock_release lock_debug_release(const void *lock, struct lock_debug *debug,
				     uintptr_t site)
{
	return LOCK_RELEASE;
}

void lock_debug_count(enum lock_mistake mistake)
{
}
