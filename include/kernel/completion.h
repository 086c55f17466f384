/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Something that is finished once, or several times, and those who wait for
 * it. A zeroed one is not finished. It may be on the waiter's stack: when
 * completion_wait() has returned, complete() does not touch it any more.
 */
#pragma once

#include <kernel/wait.h>

struct completion {
	struct wait_queue waiters;
	unsigned done; /* finished, and nobody has waited for it yet */
};

/** Let one waiter go, now or when it comes. Any context but NMI. */
void complete(struct completion *completion);

/** Let all go, now and in future. Not both of these on one object. */
void complete_all(struct completion *completion);

void completion_wait(struct completion *completion);

/** The same, at most until @until_ns. False: not finished by then. */
bool completion_wait_until(struct completion *completion, u64 until_ns);

/** True if completion_wait() would not wait. */
bool completion_done(const struct completion *completion);
