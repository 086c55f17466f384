/* SPDX-License-Identifier: BSD-2-Clause */
/* A thread's registers while it does not run: on its stack. */
#include <asm/thread.h>
#include <kernel/arch_thread.h>

/* What arm64_switch() stores. A frame pointer of 0 is where backtraces end. */
struct switch_frame {
	u64 x29, x30;
	u64 x19; /* what arm64_thread_begin() calls */
	u64 x20_to_x28[9];
};
_Static_assert(sizeof(struct switch_frame) == 96, "switch.S relies on it");

void arch_thread_init(struct thread *thread, void (*entry)(struct thread *prev))
{
	struct switch_frame *frame =
		(struct switch_frame *)thread->stack_high - 1;

	*frame = (struct switch_frame){
		.x30 = (u64)arm64_thread_begin,
		.x19 = (u64)entry,
	};
	thread->stack_pointer = frame;
}

struct thread *arch_switch(struct thread *prev, struct thread *next)
{
	return arm64_switch(prev, &prev->stack_pointer, next->stack_pointer);
}
