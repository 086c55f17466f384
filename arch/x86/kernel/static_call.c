/* SPDX-License-Identifier: BSD-2-Clause */
/* Changing where a static call goes: the only change to the kernel's text. */
#include <asm/cpuid.h>
#include <asm/static_call.h>
#include <kernel/atomic.h>
#include <kernel/errno.h>
#include <kernel/mm/map.h>

#define JMP_REL32      0xe9
#define JMP_REL32_SIZE 5
#define INT3_FILL      0xcccccc0000000000ULL

/* The CPU may have fetched the old bytes: SDM 3A, 8.1.3. */
static void serialize(void)
{
	struct cpuid_regs id;

	cpuid(0, 0, &id);
}

int arch_static_call_patch(void *name, const void *fn)
{
	u64 distance = (u64)fn - ((u64)name + JMP_REL32_SIZE);
	u64 jump = INT3_FILL | (distance & UINT32_MAX) << 8 | JMP_REL32;
	/* The text has no writable alias: make one for a moment. */
	u64 *alias = memremap(virt_to_phys(name), sizeof(*alias), MEMORY_WB);

	if (!alias)
		return -ENOMEM;
	atomic_write(alias, jump);
	memunmap(alias);
	serialize();
	return 0;
}
