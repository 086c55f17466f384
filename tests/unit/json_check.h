/* SPDX-License-Identifier: BSD-2-Clause */
/* Is this text one JSON value (RFC 8259)? For tests of what writes JSON. */
#pragma once

#include <kernel/string.h>

static const char *json_skip_value(const char *p, int depth);

static const char *json_skip_string(const char *p)
{
	if (*p++ != '"')
		return NULL;
	for (; *p != '"'; p++) {
		if ((unsigned char)*p < ' ')
			return NULL;
		if (*p != '\\')
			continue;
		if (*++p == 'u') {
			for (int i = 0; i < 4; i++)
				if (!strchr("0123456789abcdefABCDEF", *++p) ||
				    !*p)
					return NULL;
		} else if (!*p || !strchr("\"\\/bfnrt", *p)) {
			return NULL;
		}
	}
	return p + 1;
}

static const char *json_skip_list(const char *p, char end, int depth)
{
	if (*++p == end)
		return p + 1;
	for (;;) {
		if (end == '}') {
			p = json_skip_string(p);
			if (!p || *p++ != ':')
				return NULL;
		}
		p = json_skip_value(p, depth - 1);
		if (!p || (*p != ',' && *p != end))
			return NULL;
		if (*p++ == end)
			return p;
	}
}

static const char *json_skip_word(const char *p, const char *word)
{
	size_t n = strlen(word);

	return strncmp(p, word, n) ? NULL : p + n;
}

static const char *json_skip_value(const char *p, int depth)
{
	const char *start = p;

	if (!depth)
		return NULL;
	switch (*p) {
	case '{': return json_skip_list(p, '}', depth);
	case '[': return json_skip_list(p, ']', depth);
	case '"': return json_skip_string(p);
	case 't': return json_skip_word(p, "true");
	case 'f': return json_skip_word(p, "false");
	case 'n': return json_skip_word(p, "null");
	default:
		while (*p >= '0' && *p <= '9')
			p++;
		return p == start || (*start == '0' && p > start + 1) ? NULL
								      : p;
	}
}

/* One value without white space, then one newline, then the end. */
static inline bool json_is_document(const char *text)
{
	const char *end = json_skip_value(text, 64);

	return end && end[0] == '\n' && end[1] == '\0';
}
