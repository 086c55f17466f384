/* SPDX-License-Identifier: BSD-2-Clause */
/* The hash function BLAKE2s with 32 bytes of result: RFC 7693. */
#pragma once

#include <kernel/compiler.h>

#define BLAKE2S_BLOCK_SIZE 64
#define BLAKE2S_SIZE	   32 /* of the result, and the most for a key */

struct blake2s {
	u32 h[8];
	u64 bytes; /* hashed before the ones in block */
	u32 used;  /* of block */
	u8 block[BLAKE2S_BLOCK_SIZE];
};

/** Begin, with a key of @key_size bytes, 0 to BLAKE2S_SIZE. */
void blake2s_init(struct blake2s *hash, const void *key, size_t key_size);
void blake2s_update(struct blake2s *hash, const void *data, size_t size);
/** The result; nothing of it is left in @hash. */
void blake2s_final(struct blake2s *hash, u8 out[BLAKE2S_SIZE]);
