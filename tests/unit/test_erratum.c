/* SPDX-License-Identifier: BSD-2-Clause */
/* Code of modules that a Cortex-A53 gets wrong (erratum 843419). */
#include "unit.h"
#include <kernel/arch_module.h>
#include <kernel/errno.h>
#include <kernel/string.h>

#define ADDRESS 0xffffffff81000000ULL
#define NOP	0xd503201fU
#define STORE	0xf9000041U /* str x1, [x2] */
#define LOAD	0xf9400400U /* ldr x0, [x0, #8] */

static u32 text[2048 + 4];

static void fill(unsigned at, u32 a, u32 b, u32 c, u32 d)
{
	for (unsigned i = 0; i < ARRAY_SIZE(text); i++)
		text[i] = NOP;
	text[at] = a;
	text[at + 1] = b;
	text[at + 2] = c;
	text[at + 3] = d;
}

static int finish(void)
{
	return arch_module_finish((u8 *)text, sizeof(text), ADDRESS);
}

TEST(adrp_in_a_pages_last_instructions_becomes_adr)
{
	/* adrp x0, one page on: adr x0 to there, from 0xff8 and 0xffc */
	fill(1022, 0xb0000000, STORE, LOAD, NOP);
	CHECK_EQ(finish(), 0);
	CHECK_EQ(text[1022], 0x10000040);
	fill(1023 + 1024, 0xb0000000, STORE, NOP, LOAD);
	CHECK_EQ(finish(), 0);
	CHECK_EQ(text[1023 + 1024], 0x10000020);
	/* adrp x0, this page */
	fill(1022, 0x90000000, STORE, LOAD, NOP);
	CHECK_EQ(finish(), 0);
	CHECK_EQ(text[1022], 0x10ff8040);
}

TEST(what_adr_does_not_reach_is_refused)
{
	/* 255 pages on and 256; 255 back and 256 */
	fill(1022, 0xf00007e0, STORE, LOAD, NOP);
	CHECK_EQ(finish(), 0);
	fill(1022, 0x90000800, STORE, LOAD, NOP);
	CHECK_EQ(finish(), 0);
	fill(1022, 0xb0000800, STORE, LOAD, NOP);
	CHECK_EQ(finish(), -ERANGE);
	fill(1022, 0xb0fff800, STORE, LOAD, NOP);
	CHECK_EQ(finish(), 0);
	fill(1022, 0x90fff800, STORE, LOAD, NOP);
	CHECK_EQ(finish(), -ERANGE);
}

static void stays(unsigned at, u32 a, u32 b, u32 c, u32 d)
{
	fill(at, a, b, c, d);
	CHECK_EQ(finish(), 0);
	CHECK_EQ(text[at], a);
}

TEST(other_code_stays)
{
	stays(1021, 0xb0000000, STORE, LOAD, NOP);
	stays(1024, 0xb0000000, STORE, LOAD, NOP);
	stays(1022, 0xb0000000, NOP, LOAD, LOAD);
	stays(1022, 0xb0000001, STORE, LOAD, LOAD);
	stays(1022, 0x30000000, STORE, LOAD, NOP);
}

TEST(text_that_ends_there_is_not_read_beyond)
{
	for (size_t size = 4084; size < 4120; size += 4) {
		u8 *copy = malloc(size);

		fill(1022, 0xb0000000, STORE, NOP, LOAD);
		memcpy(copy, text, size);
		CHECK_EQ(arch_module_finish(copy, size, ADDRESS), 0);
		CHECK_EQ(memcmp(copy, text, size) != 0, size >= 4104);
		free(copy);
	}
	CHECK_EQ(arch_module_finish(NULL, 0, ADDRESS), 0);
}
