/* SPDX-License-Identifier: BSD-2-Clause */
/* Classes of ASCII characters. A byte from 0x80 upwards is in none of them. */
#pragma once

#include <kernel/types.h>

static inline bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/** Takes one column on a terminal: space to tilde. */
static inline bool is_print(char c)
{
	return c >= ' ' && c <= '~';
}

static inline char to_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}
