/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads of the host as CPUs: each has per-CPU variables of its own. */
#pragma once

#include <stdlib.h>
#include <kernel/percpu.h>
#include <kernel/smp.h>
#include "unit.h"

/* Enough for all per-CPU variables, which lie near the CPU's number. */
#define FAKE_CPU_BYTES 65536

static inline uintptr_t fake_cpu_middle(void)
{
	return ALIGN_DOWN((uintptr_t)&percpu__cpu_number, 64);
}

/** The calling thread is CPU @cpu, not 0, from now on. */
static inline void fake_cpu_enter(unsigned cpu)
{
	char *area = calloc(1, FAKE_CPU_BYTES);

	percpu_offsets[cpu] =
		(uintptr_t)area + FAKE_CPU_BYTES / 2 - fake_cpu_middle();
	unit_percpu_offset = percpu_offsets[cpu];
	this_cpu_write(cpu_number, cpu);
}

/** Nobody is CPU @cpu any more, and nobody waits for it. */
static inline void fake_cpu_end(unsigned cpu)
{
	free((char *)(percpu_offsets[cpu] - FAKE_CPU_BYTES / 2 +
		      fake_cpu_middle()));
}
