/* SPDX-License-Identifier: BSD-2-Clause */
/* Changing where a static call goes: the only change to the kernel's text. */
#include <asm/static_call.h>
#include <kernel/atomic.h>
#include <kernel/errno.h>
#include <kernel/mm/map.h>

/* B: Arm ARM, C6.2.26; the distance is in instructions. */
#define BRANCH		0x14000000U
#define BRANCH_DISTANCE 0x03ffffffU
#define INSTRUCTION	4

int arch_static_call_patch(void *name, const void *fn)
{
	s64 distance = (s64)((uintptr_t)fn - (uintptr_t)name) / INSTRUCTION;
	/* The text has no writable alias: make one for a moment. */
	u32 *alias = memremap(virt_to_phys(name), sizeof(*alias), MEMORY_WB);

	if (!alias)
		return -ENOMEM;
	/* One of the instructions that may change while it runs: B2.2.5. */
	atomic_write(alias, BRANCH | ((u32)distance & BRANCH_DISTANCE));
	__asm__ __volatile__("dc cvau, %0; dsb ish; ic ivau, %1; dsb ish; isb"
			     :
			     : "r"(alias), "r"(name)
			     : "memory");
	memunmap(alias);
	return 0;
}
