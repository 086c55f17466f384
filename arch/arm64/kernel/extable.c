/* SPDX-License-Identifier: BSD-2-Clause */
#include <asm/extable.h>
#include <kernel/cpu.h>
#include <kernel/errno.h>

struct extable_entry {
	s32 fault; /* relative to this member */
	s32 fixup; /* relative to this member */
};

extern const struct extable_entry __extable_start[], __extable_end[];

/* A handful of entries: a linear search is the simplest that is right. */
uintptr_t extable_fixup(uintptr_t pc)
{
	for (const struct extable_entry *e = __extable_start; e < __extable_end;
	     e++)
		if ((uintptr_t)&e->fault + (intptr_t)e->fault == pc)
			return (uintptr_t)&e->fixup + (intptr_t)e->fixup;
	return 0;
}

int probe_read8(const void *addr, u8 *value)
{
	int err = -EFAULT;
	u32 v = 0;

	__asm__ __volatile__("1: ldrb %w[v], [%[addr]]\n"
			     "   mov %w[err], wzr\n"
			     "2:\n" EXTABLE(1b, 2b)
			     : [v] "+r"(v), [err] "+r"(err)
			     : [addr] "r"(addr)
			     : "memory");
	if (!err)
		*value = (u8)v;
	return err;
}
