/* SPDX-License-Identifier: BSD-2-Clause */
/* The ChaCha20 block function: RFC 8439, 2.3. */
#pragma once

#include <kernel/compiler.h>

#define CHACHA20_KEY_SIZE   32
#define CHACHA20_NONCE_SIZE 12
#define CHACHA20_BLOCK_SIZE 64

/** Write block @counter of the key stream of @key and @nonce to @out. */
void chacha20_block(const u8 key[CHACHA20_KEY_SIZE], u32 counter,
		    const u8 nonce[CHACHA20_NONCE_SIZE],
		    u8 out[CHACHA20_BLOCK_SIZE]);
