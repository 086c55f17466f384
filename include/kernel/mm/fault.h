/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Allocations that fail on purpose, to test what follows. alloc_pages() and
 * the slab allocator ask here first; whatever is built on them fails with
 * them. Without CONFIG_FAULT_INJECTION nothing of it is left.
 */
#pragma once

#include <kernel/compiler.h>

#ifdef CONFIG_FAULT_INJECTION
/** Count one allocation; true when it must fail. Any context. */
bool fault_inject(void);
/**
 * Let the @nth allocation from now on fail (1: the next one), once; 0: none.
 * Returns how many were still to go before the one set earlier, or 0 when it
 * was reached or none was set. The parameter fail_alloc= sets it at boot.
 */
u32 fault_inject_set(u32 nth);
#else
static inline bool fault_inject(void)
{
	return false;
}

static inline u32 fault_inject_set(u32 nth __unused)
{
	return 0;
}
#endif
