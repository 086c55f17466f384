/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers that are the same in each run, for tests of what uses some. */
#include <kernel/random.h>
#include <kernel/string.h>

void random_note_interrupt(void)
{
}

u64 random_u64(void)
{
	static u64 state = 1;

	/* Knuth's MMIX; its low bits are not random at all. */
	state = state * 6364136223846793005 + 1442695040888963407;
	return state ^ state >> 32;
}

u32 random_u32(void)
{
	return (u32)random_u64();
}

u64 random_below(u64 limit)
{
	return random_u64() % limit;
}

void random_get(void *buffer, size_t size)
{
	for (u8 *at = buffer; size; size--)
		*at++ = (u8)random_u64();
}

bool random_wait(u64 until_ns)
{
	(void)until_ns;
	return true;
}
