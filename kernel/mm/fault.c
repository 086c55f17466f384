/* SPDX-License-Identifier: BSD-2-Clause */
#include <kernel/atomic.h>
#include <kernel/mm/fault.h>
#include <kernel/param.h>

static u32 to_go; /* allocations up to the one that fails; 0: none does */
param_uint("fail_alloc", to_go, "let the N-th memory allocation fail");

bool fault_inject(void)
{
	u32 left = atomic_read(&to_go);

	while (left)
		if (atomic_cmpxchg(&to_go, &left, left - 1))
			return left == 1;
	return false;
}

u32 fault_inject_set(u32 nth)
{
	return atomic_xchg(&to_go, nth);
}
