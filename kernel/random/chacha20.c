/* SPDX-License-Identifier: BSD-2-Clause */
#include <kernel/string.h>
#include "chacha20.h"

/* Pairs of rounds: columns, then diagonals. */
#define DOUBLE_ROUNDS 10

#define STATE_WORDS 16

static inline u32 rotate_left(u32 v, unsigned n)
{
	return v << n | v >> (32 - n);
}

static inline void quarter_round(u32 *s, unsigned a, unsigned b, unsigned c,
				 unsigned d)
{
	s[a] += s[b];
	s[d] = rotate_left(s[d] ^ s[a], 16);
	s[c] += s[d];
	s[b] = rotate_left(s[b] ^ s[c], 12);
	s[a] += s[b];
	s[d] = rotate_left(s[d] ^ s[a], 8);
	s[c] += s[d];
	s[b] = rotate_left(s[b] ^ s[c], 7);
}

static void double_round(u32 s[STATE_WORDS])
{
	for (unsigned i = 0; i < 4; i++)
		quarter_round(s, i, i + 4, i + 8, i + 12);
	for (unsigned i = 0; i < 4; i++)
		quarter_round(s, i, 4 + (i + 1) % 4, 8 + (i + 2) % 4,
			      12 + (i + 3) % 4);
}

/* All CPUs that this kernel runs on are little-endian, as the RFC's words. */
void chacha20_block(const u8 key[CHACHA20_KEY_SIZE], u32 counter,
		    const u8 nonce[CHACHA20_NONCE_SIZE],
		    u8 out[CHACHA20_BLOCK_SIZE])
{
	u32 state[STATE_WORDS], mixed[STATE_WORDS];

	memcpy(state, "expand 32-byte k", 16);
	memcpy(&state[4], key, CHACHA20_KEY_SIZE);
	state[12] = counter;
	memcpy(&state[13], nonce, CHACHA20_NONCE_SIZE);
	memcpy(mixed, state, sizeof(mixed));
	for (unsigned i = 0; i < DOUBLE_ROUNDS; i++)
		double_round(mixed);
	for (unsigned i = 0; i < STATE_WORDS; i++)
		mixed[i] += state[i];
	memcpy(out, mixed, sizeof(mixed));
	wipe(state, sizeof(state));
	wipe(mixed, sizeof(mixed));
}
