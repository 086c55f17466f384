/* SPDX-License-Identifier: BSD-2-Clause */
#include <kernel/string.h>
#include "blake2s.h"

#define ROUNDS 10

static const u32 initial[8] = {
	0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
	0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

static const u8 sigma[ROUNDS][16] = {
	{ 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 },
	{ 14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3 },
	{ 11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4 },
	{ 7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8 },
	{ 9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13 },
	{ 2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9 },
	{ 12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11 },
	{ 13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10 },
	{ 6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5 },
	{ 10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0 },
};

static inline u32 rotate_right(u32 v, unsigned n)
{
	return v >> n | v << (32 - n);
}

static inline void mix(u32 *v, unsigned column, unsigned shift, u32 x, u32 y)
{
	u32 *a = &v[column];
	u32 *b = &v[4 + (column + shift) % 4];
	u32 *c = &v[8 + (column + 2 * shift) % 4];
	u32 *d = &v[12 + (column + 3 * shift) % 4];

	*a += *b + x;
	*d = rotate_right(*d ^ *a, 16);
	*c += *d;
	*b = rotate_right(*b ^ *c, 12);
	*a += *b + y;
	*d = rotate_right(*d ^ *a, 8);
	*c += *d;
	*b = rotate_right(*b ^ *c, 7);
}

static void compress(struct blake2s *hash, u32 last)
{
	u32 v[16], m[16];

	memcpy(m, hash->block, sizeof(m));
	memcpy(v, hash->h, sizeof(hash->h));
	memcpy(&v[8], initial, sizeof(initial));
	v[12] ^= (u32)hash->bytes;
	v[13] ^= (u32)(hash->bytes >> 32);
	v[14] ^= last;
	for (unsigned round = 0; round < ROUNDS; round++) {
		const u8 *s = sigma[round];

		for (unsigned i = 0; i < 8; i++)
			mix(v, i % 4, i / 4, m[s[2 * i]], m[s[2 * i + 1]]);
	}
	for (unsigned i = 0; i < 8; i++)
		hash->h[i] ^= v[i] ^ v[i + 8];
	wipe(v, sizeof(v));
	wipe(m, sizeof(m));
}

void blake2s_init(struct blake2s *hash, const void *key, size_t key_size)
{
	memset(hash, 0, sizeof(*hash));
	memcpy(hash->h, initial, sizeof(initial));
	/* Parameters: depth and fanout 1, the sizes of key and result. */
	hash->h[0] ^= 0x01010000 ^ (u32)key_size << 8 ^ BLAKE2S_SIZE;
	if (key_size) {
		memcpy(hash->block, key, key_size);
		hash->used = BLAKE2S_BLOCK_SIZE;
	}
}

void blake2s_update(struct blake2s *hash, const void *data, size_t size)
{
	const u8 *from = data;

	while (size) {
		size_t part;

		/* The last block is different: it waits until there is more. */
		if (hash->used == BLAKE2S_BLOCK_SIZE) {
			hash->bytes += BLAKE2S_BLOCK_SIZE;
			compress(hash, 0);
			hash->used = 0;
		}
		part = MIN(size, (size_t)(BLAKE2S_BLOCK_SIZE - hash->used));
		memcpy(hash->block + hash->used, from, part);
		hash->used += (u32)part;
		from += part;
		size -= part;
	}
}

void blake2s_final(struct blake2s *hash, u8 out[BLAKE2S_SIZE])
{
	hash->bytes += hash->used;
	memset(hash->block + hash->used, 0, BLAKE2S_BLOCK_SIZE - hash->used);
	compress(hash, UINT32_MAX);
	memcpy(out, hash->h, BLAKE2S_SIZE);
	wipe(hash, sizeof(*hash));
}
