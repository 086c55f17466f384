/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of the random generator share. */
#pragma once

#include <kernel/random.h>
#include <kernel/spinlock.h>
#include "blake2s.h"

/* pool.c: the pool, and the key that is made of it. */

/** Stir @data in, credited with @bits. Any context but NMI. */
void pool_add(const void *data, size_t size, unsigned bits);
/** Bits credited since the key was made last. */
unsigned pool_bits(void);
/**
 * A new key for a CPU, made of the common one, and the common one's number.
 * Before random_ready() of all that is in the pool as well.
 */
u64 pool_take_key(u8 key[BLAKE2S_SIZE]);
/** The common key's number: 0 before random_ready(), up with each new one. */
u64 pool_generation(void);
/**
 * Make another common key at once, of @data too, and want a new one. Before
 * random_ready() there is none, and @data is stirred in. Any context but NMI.
 */
void pool_renew(const void *data, size_t size);
/** When the common key was made last. */
u64 pool_key_time_ns(void);
/**
 * The key is old: make a new one when there are RANDOM_SEED_BITS. True: it
 * was old when this was called before, and is still.
 */
bool pool_want_key(void);

/* random.c */

/** Have the sources asked soon. Any context but NMI. */
void random_ask_sources(void);

/* source.c */

/** The key is old: ask all sources, costly ones only if it must be. Sleeps. */
void sources_ask(void);
/** The first source, under the lock that keeps it; then source->next. */
struct random_source *sources_lock(void);
void sources_unlock(void);
/** Why @data cannot be of a source of quality 8, or NULL. */
const char *health_check(struct random_source *source, const u8 *data,
			 size_t size);

/* jitter.c */

/* Times in one window, which is judged as a whole. */
#define JITTER_WINDOW 64

/** Bits to credit for these times of equal work, in ticks of the counter. */
unsigned jitter_assess(const u64 ticks[JITTER_WINDOW]);
/* interrupt.c */

/* Interrupts that are credited with one bit, if their times differ. */
#define INTERRUPTS_PER_BIT 64
