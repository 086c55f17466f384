/* SPDX-License-Identifier: BSD-2-Clause */
/* A command line's words. */
#pragma once

#include <kernel/types.h>

/**
 * Cut @line in place into words at white space. Inside '...' every character
 * stands for itself; inside "..." a backslash takes the meaning from a quote
 * or a backslash; elsewhere it does so from any character.
 *
 * Fills @argv, which has room for @max pointers, and ends it with NULL. Returns
 * the number of words, -EINVAL (a quote is not closed, or nothing follows a
 * backslash), or -E2BIG.
 */
int shell_parse(char *line, char **argv, int max);
