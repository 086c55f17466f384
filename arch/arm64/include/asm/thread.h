/* SPDX-License-Identifier: BSD-2-Clause */
/* switch.S */
#pragma once

struct thread;

/** Save the caller's registers and stack at *@save; go on with @load's. */
struct thread *arm64_switch(struct thread *prev, void **save, void *load);

/** Calls what is in x19; never called from C. */
void arm64_thread_begin(void);
