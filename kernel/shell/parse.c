/* SPDX-License-Identifier: BSD-2-Clause */
#include <kernel/ctype.h>
#include <kernel/errno.h>
#include "parse.h"

/*
 * Copy the quoted text that begins at @in (a quote) to *@out, which is never
 * behind it. Returns its closing quote, or NULL when there is none.
 */
static const char *unquote(const char *in, char **out)
{
	char quote = *in++;

	for (; *in != quote; in++) {
		if (quote == '"' && in[0] == '\\' &&
		    (in[1] == '"' || in[1] == '\\'))
			in++;
		if (!*in)
			return NULL;
		*(*out)++ = *in;
	}
	return in;
}

/*
 * Copy one word from *@in to *@out without its quotes and step over it, to
 * the white space or terminator behind it. 0 or -EINVAL.
 */
static int take_word(const char **in, char **out)
{
	const char *s = *in;

	for (; *s && !is_space(*s); s++) {
		if (*s == '\'' || *s == '"') {
			s = unquote(s, out);
			if (!s)
				return -EINVAL;
			continue;
		}
		if (*s == '\\' && !*++s)
			return -EINVAL;
		*(*out)++ = *s;
	}
	*in = s;
	return 0;
}

int shell_parse(char *line, char **argv, int max)
{
	const char *in = line;
	char *out = line;
	int argc = 0;

	for (;;) {
		bool last;
		int ret;

		while (is_space(*in))
			in++;
		if (!*in)
			break;
		if (argc + 1 >= max)
			return -E2BIG;
		argv[argc++] = out;
		ret = take_word(&in, &out);
		if (ret)
			return ret;
		/* The terminator may fall on the byte just read. */
		last = !*in;
		*out++ = '\0';
		if (last)
			break;
		in++;
	}
	argv[argc] = NULL;
	return argc;
}
