/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What CONFIG_DEBUG_LOCKS watches at each lock; without it all of this is
 * nothing. Each kind of mistake is reported with what leads to it, once for
 * each pair of locks or place, and the kernel goes on.
 *
 * Locks belong to classes: each one in the kernel's image is a class, others
 * belong to that of the place in the code which took them first.
 */
#pragma once

#include <kernel/compiler.h>

enum lock_debug_flags {
	LOCK_SLEEPS = BIT(0), /* waiting for it is sleeping: a mutex */
	LOCK_TRIED = BIT(1),  /* taken without waiting */
};

enum lock_mistake {
	LOCK_WRONG_ORDER, /* could wait for each other for ever */
	LOCK_INTERRUPT,	  /* an interrupt could wait for what it interrupts */
	LOCK_RECURSIVE,	  /* by who holds it */
	LOCK_WRONG_OWNER, /* given up by who does not hold it */
	LOCK_SLEEP_IN_ATOMIC, /* see might_sleep() */
	LOCK_MISTAKES,
};

/* What lock_debug_release() says. */
enum lock_release {
	LOCK_RELEASE, /* give it up */
	LOCK_KEEP,    /* it was taken more than once: the first one counts */
	LOCK_REFUSE,  /* it is not the caller's */
};

#ifdef CONFIG_DEBUG_LOCKS

struct lock_debug {
	const struct thread *owner;
	u16 class_number; /* 0: not known yet */
};

/**
 * The caller is about to take @lock; @site is where, 0 for the caller's own.
 * True: it has it already, and must go on as if it had been free.
 */
bool lock_debug_take(const void *lock, struct lock_debug *debug, unsigned flags,
		     uintptr_t site);
/** It has it now. */
void lock_debug_taken(const void *lock, struct lock_debug *debug,
		      uintptr_t site);
/** It is about to give it up. */
enum lock_release lock_debug_release(const void *lock, struct lock_debug *debug,
				     uintptr_t site);
/** Count a mistake that others report. */
void lock_debug_count(enum lock_mistake mistake);
/** How many were reported since boot. */
unsigned lock_debug_reports(enum lock_mistake mistake);

#else

struct lock_debug {
};

static inline bool lock_debug_take(const void *lock __unused,
				   struct lock_debug *debug __unused,
				   unsigned flags __unused,
				   uintptr_t site __unused)
{
	return false;
}

static inline void lock_debug_taken(const void *lock __unused,
				    struct lock_debug *debug __unused,
				    uintptr_t site __unused)
{
}

static inline enum lock_release lock_debug_release(
	const void *lock __unused, struct lock_debug *debug __unused,
	uintptr_t site __unused)
{
	return LOCK_RELEASE;
}

static inline void lock_debug_count(enum lock_mistake mistake __unused)
{
}

#endif
