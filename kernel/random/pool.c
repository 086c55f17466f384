/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The pool and the common key. What comes in is hashed; a new key is a hash of
 * that, of the old key, and of nothing that can be had from what was given out.
 *
 * Before there is enough for a key, whoever asks gets what a copy of the pool
 * gives. It is not taken out, so that nobody can try out one bit after the
 * other as they come in (Ferguson and others call it the premature next).
 */
#define pr_fmt(fmt) "random: " fmt

#include <kernel/atomic.h>
#include <kernel/cpu.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/wait.h>
#include "chacha20.h"
#include "internal.h"

_Static_assert(CHACHA20_KEY_SIZE == BLAKE2S_SIZE, "a key is a hash");

static struct {
	struct spinlock lock;
	bool begun;
	struct blake2s hash;
	unsigned bits; /* credited since the last key, up to RANDOM_SEED_BITS */
	bool wanted;   /* the key is old */
	u8 key[CHACHA20_KEY_SIZE];
	u64 generation; /* written under the lock */
	u64 key_time_ns;
} pool = { .wanted = true };

static struct wait_queue ready_queue;

static void begin(void)
{
	if (pool.begun)
		return;
	pool.begun = true;
	blake2s_init(&pool.hash, NULL, 0);
}

/* Under the lock. */
static void make_key(void)
{
	u8 seed[BLAKE2S_SIZE];
	struct blake2s hash;

	blake2s_final(&pool.hash, seed);
	blake2s_init(&hash, seed, sizeof(seed));
	blake2s_update(&hash, "key", 3);
	blake2s_update(&hash, pool.key, sizeof(pool.key));
	blake2s_final(&hash, pool.key);
	blake2s_init(&hash, seed, sizeof(seed));
	blake2s_update(&hash, "pool", 4);
	blake2s_final(&hash, seed);
	blake2s_init(&pool.hash, seed, sizeof(seed));
	wipe(seed, sizeof(seed));
	pool.bits = 0;
	pool.wanted = false;
	atomic_write(&pool.key_time_ns, time_ns());
	/* Release: who sees the new number reads the new key's time. */
	atomic_store_release(&pool.generation, pool.generation + 1);
}

void pool_add(const void *data, size_t size, unsigned bits)
{
	unsigned long state = spin_lock_irqsave(&pool.lock);
	bool first = false;

	begin();
	blake2s_update(&pool.hash, data, size);
	pool.bits = MIN(pool.bits + bits, (unsigned)RANDOM_SEED_BITS);
	if (pool.wanted && pool.bits == RANDOM_SEED_BITS) {
		make_key();
		first = pool.generation == 1;
	}
	spin_unlock_irqrestore(&pool.lock, state);
	if (!first)
		return;
	wake_all(&ready_queue);
	pr_debug("ready, with %u bits", RANDOM_SEED_BITS);
}

void pool_renew(const void *data, size_t size)
{
	unsigned long state = spin_lock_irqsave(&pool.lock);
	u64 now = cpu_counter();

	begin();
	blake2s_update(&pool.hash, data, size);
	/* Differs even where two copies are told the same. */
	blake2s_update(&pool.hash, &now, sizeof(now));
	if (pool.generation)
		make_key();
	pool.wanted = true;
	spin_unlock_irqrestore(&pool.lock, state);
}

unsigned pool_bits(void)
{
	return atomic_read(&pool.bits);
}

u64 pool_generation(void)
{
	return atomic_load_acquire(&pool.generation);
}

u64 pool_key_time_ns(void)
{
	return atomic_read(&pool.key_time_ns);
}

bool pool_want_key(void)
{
	unsigned long state = spin_lock_irqsave(&pool.lock);
	bool before = pool.wanted;

	pool.wanted = true;
	if (pool.bits == RANDOM_SEED_BITS)
		make_key();
	spin_unlock_irqrestore(&pool.lock, state);
	return before;
}

/* Under the lock: what nobody can know better than the pool. */
static void stir_key(void)
{
	struct blake2s copy;

	begin();
	copy = pool.hash;
	blake2s_update(&copy, pool.key, sizeof(pool.key));
	blake2s_final(&copy, pool.key);
}

u64 pool_take_key(u8 key[BLAKE2S_SIZE])
{
	static const u8 nonce[CHACHA20_NONCE_SIZE];
	u8 block[CHACHA20_BLOCK_SIZE];
	unsigned long state = spin_lock_irqsave(&pool.lock);
	u64 generation = pool.generation;

	if (!generation)
		stir_key();
	chacha20_block(pool.key, 0, nonce, block);
	memcpy(pool.key, block, sizeof(pool.key));
	spin_unlock_irqrestore(&pool.lock, state);
	memcpy(key, block + sizeof(pool.key), BLAKE2S_SIZE);
	wipe(block, sizeof(block));
	return generation;
}

bool random_ready(void)
{
	return pool_generation();
}

bool random_wait(u64 until_ns)
{
	return wait_event_until(&ready_queue, random_ready(), until_ns);
}

void random_stir(const void *data, size_t size)
{
	pool_add(data, size, 0);
}
