/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Giving out random numbers: ChaCha20 with fast key erasure (Bernstein 2017).
 * A CPU's key makes one block; its first half is the next key, its second
 * half the answer, or the key of the stream that is a longer one. No lock is
 * taken but when the common key is new.
 */
#include <kernel/atomic.h>
#include <kernel/cpu.h>
#include <kernel/percpu.h>
#include <kernel/string.h>
#include <kernel/work.h>
#include "chacha20.h"
#include "internal.h"

struct generator {
	u8 key[CHACHA20_KEY_SIZE];
	u64 generation; /* the common key's that it is from; 0: none */
};

static DEFINE_PER_CPU(struct generator, generator);

static const u8 nonce[CHACHA20_NONCE_SIZE];

#define HALF (CHACHA20_BLOCK_SIZE / 2)
_Static_assert(HALF == CHACHA20_KEY_SIZE, "half a block is a key");

static void reseed(struct work *work __unused)
{
	sources_ask();
}

void random_ask_sources(void)
{
	static struct work work = { .fn = reseed };

	work_queue(&work);
}

/* Once in RANDOM_RESEED_NS, by the one who finds the key old. */
static void reseed_when_due(void)
{
	static u64 asked_ns;
	u64 now = time_ns(), asked = atomic_read(&asked_ns);

	if (now - pool_key_time_ns() < RANDOM_RESEED_NS ||
	    now - asked < RANDOM_RESEED_NS || !random_ready())
		return;
	if (!atomic_cmpxchg(&asked_ns, &asked, now))
		return;
	random_ask_sources();
}

/* The second half of this CPU's next block. */
static void next_half(u8 half[HALF])
{
	u8 block[CHACHA20_BLOCK_SIZE];
	unsigned long state = local_irq_save();
	struct generator *own = this_cpu_ptr(generator);
	u64 generation = pool_generation();

	if (!generation || own->generation != generation)
		own->generation = pool_take_key(own->key);
	chacha20_block(own->key, 0, nonce, block);
	memcpy(own->key, block, HALF);
	local_irq_restore(state);
	memcpy(half, block + HALF, HALF);
	wipe(block, sizeof(block));
}

static void stream(const u8 key[CHACHA20_KEY_SIZE], u8 *out, size_t size)
{
	u8 block[CHACHA20_BLOCK_SIZE], counter[CHACHA20_NONCE_SIZE] = { 0 };

	/* 96 bits of counter, so that any size is one stream. */
	for (u64 n = 0; size; n++) {
		size_t part = MIN(size, sizeof(block));
		u64 high = n >> 32;

		memcpy(counter, &high, sizeof(high));
		chacha20_block(key, (u32)n, counter, block);
		memcpy(out, block, part);
		out += part;
		size -= part;
	}
	wipe(block, sizeof(block));
}

void random_get(void *buffer, size_t size)
{
	u8 half[HALF];

	random_look_for_copy();
	reseed_when_due();
	next_half(half);
	if (size <= HALF)
		memcpy(buffer, half, size);
	else
		stream(half, buffer, size);
	wipe(half, sizeof(half));
}

u32 random_u32(void)
{
	u32 value;

	random_get(&value, sizeof(value));
	return value;
}

u64 random_u64(void)
{
	u64 value;

	random_get(&value, sizeof(value));
	return value;
}

/* Values of an incomplete last run of @limit are drawn again. */
u64 random_below(u64 limit)
{
	u64 uneven = -limit % limit; /* 2^64 modulo limit */
	u64 value;

	do
		value = random_u64();
	while (value < uneven);
	return value % limit;
}
