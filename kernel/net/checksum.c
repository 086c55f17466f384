/* SPDX-License-Identifier: BSD-2-Clause */
#include "checksum.h"
#include <kernel/compiler.h>

/* Words at any address: the compiler knows what the CPU can do with them. */
typedef u64 __attribute__((aligned(1), may_alias)) any_u64;
typedef u16 __attribute__((aligned(1), may_alias)) any_u16;

/* Halves are added, whose carries stay in the upper half of the sum. */
static inline u64 add_word(u64 sum, u64 word)
{
	return sum + (u32)word + (word >> 32);
}

u64 checksum_add(u64 sum, const void *data, size_t length)
{
	const u8 *at = data;

	for (; length >= 32; length -= 32, at += 32) {
		sum = add_word(sum, *(const any_u64 *)at);
		sum = add_word(sum, *(const any_u64 *)(at + 8));
		sum = add_word(sum, *(const any_u64 *)(at + 16));
		sum = add_word(sum, *(const any_u64 *)(at + 24));
	}
	for (; length >= 8; length -= 8, at += 8)
		sum = add_word(sum, *(const any_u64 *)at);
	for (; length >= 2; length -= 2, at += 2)
		sum += *(const any_u16 *)at;
	return length ? sum + *at : sum;
}
