/* SPDX-License-Identifier: BSD-2-Clause */
/* A thread's registers while it does not run: on its stack. */
#include <asm/thread.h>
#include <kernel/arch_thread.h>

/* What x86_switch() pops, and above it where backtraces end. */
struct switch_frame {
	u64 r15, r14, r13, r12;
	u64 rbx; /* what x86_thread_begin() calls */
	u64 rbp;
	u64 return_address;
	u64 top[2]; /* for a call, the stack is at a multiple of 16 */
};
_Static_assert((sizeof(struct switch_frame) -
		offsetof(struct switch_frame, top)) %
			       16 ==
		       0,
	       "the alignment that the ABI wants before a call");

void arch_thread_init(struct thread *thread, void (*entry)(struct thread *prev))
{
	struct switch_frame *frame =
		(struct switch_frame *)thread->stack_high - 1;

	*frame = (struct switch_frame){
		.rbx = (u64)entry,
		.return_address = (u64)x86_thread_begin,
	};
	thread->stack_pointer = frame;
}

struct thread *arch_switch(struct thread *prev, struct thread *next)
{
	return x86_switch(prev, &prev->stack_pointer, next->stack_pointer);
}
