/* SPDX-License-Identifier: BSD-2-Clause */
/* switch.S */
#pragma once

struct thread;

/** Save the caller's registers and stack at *@save; go on with @load's. */
struct thread *x86_switch(struct thread *prev, void **save, void *load);

/** Calls what is in rbx; never called from C. */
void x86_thread_begin(void);
