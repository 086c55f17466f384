/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * <asm/percpu.h> for host tests: plain variables. A test that has several CPUs
 * sets unit_percpu_offset when it changes from one to another; each of the
 * host's threads has its own.
 */
#pragma once

#include <kernel/types.h>

extern _Thread_local uintptr_t unit_percpu_offset;

#define __unit_at(v) \
 (*(__typeof__(v) *)((uintptr_t) & (v) + unit_percpu_offset))

#define arch_percpu_read(v)	    __unit_at(v)
#define arch_percpu_write(v, value) (__unit_at(v) = (value))
#define arch_percpu_add(v, n)	    (__unit_at(v) += (n))

static inline uintptr_t arch_percpu_offset(void)
{
	return unit_percpu_offset;
}
