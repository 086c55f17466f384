/* SPDX-License-Identifier: BSD-2-Clause */
/* A number of things to be had; who finds none waits for one. */
#pragma once

#include <kernel/wait.h>

struct semaphore {
	struct wait_queue waiters;
	unsigned count; /* to be had now */
};

#define SEMAPHORE_INIT(n) \
 {                        \
  .count = (n)            \
 }

/** Take one; sleeps until there is one. */
void semaphore_down(struct semaphore *semaphore);

/** The same, at most until @until_ns. False: there was none. */
bool semaphore_down_until(struct semaphore *semaphore, u64 until_ns);

/** Take one if there is one. Any context but NMI. */
bool semaphore_try_down(struct semaphore *semaphore);

/** Put one there. Any context but NMI. */
void semaphore_up(struct semaphore *semaphore);
