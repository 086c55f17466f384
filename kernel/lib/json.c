/* SPDX-License-Identifier: BSD-2-Clause */
/* JSON, written as it is told: RFC 8259. */
#include <kernel/json.h>
#include <kernel/string.h>
#include <kernel/vsprintf.h>

#define JSON_U64_MAX_DIGITS 20

static void put(struct json *j, const char *s)
{
	j->put(j->arg, s, strlen(s));
}

static void put_escaped(struct json *j, u8 c)
{
	char text[sizeof("\\u0000")];

	snprintf(text, sizeof(text), "\\u%04x", c);
	put(j, text);
}

static bool is_plain(u8 c)
{
	return c >= ' ' && c <= '~' && c != '"' && c != '\\';
}

static void put_string(struct json *j, const char *s)
{
	put(j, "\"");
	while (*s) {
		size_t plain = 0;

		while (is_plain((u8)s[plain]))
			plain++;
		if (plain) {
			j->put(j->arg, s, plain);
			s += plain;
		} else {
			put_escaped(j, (u8)*s++);
		}
	}
	put(j, "\"");
}

/* Separate from the member before, and write the key. */
static void begin_value(struct json *j, const char *key)
{
	if (!j->first[j->depth])
		put(j, ",");
	/* A document is one value. */
	if (j->depth == 0 && !j->first[0])
		j->broken = true;
	j->first[j->depth] = false;
	if (!key)
		return;
	put_string(j, key);
	put(j, ":");
}

static void begin_nested(struct json *j, const char *key, char opener,
			 char closer)
{
	begin_value(j, key);
	j->put(j->arg, &opener, 1);
	if (j->depth == JSON_MAX_DEPTH) {
		j->broken = true;
		return;
	}
	j->first[++j->depth] = true;
	j->closer[j->depth] = closer;
}

static void end_nested(struct json *j, char closer)
{
	j->put(j->arg, &closer, 1);
	if (j->depth == 0 || j->closer[j->depth] != closer) {
		j->broken = true;
		return;
	}
	j->depth--;
}

void json_begin(struct json *j, void (*put_bytes)(void *, const char *, size_t),
		void *arg)
{
	memset(j, 0, sizeof(*j));
	j->put = put_bytes;
	j->arg = arg;
	j->first[0] = true;
}

void json_object_begin(struct json *j, const char *key)
{
	begin_nested(j, key, '{', '}');
}

void json_object_end(struct json *j)
{
	end_nested(j, '}');
}

void json_array_begin(struct json *j, const char *key)
{
	begin_nested(j, key, '[', ']');
}

void json_array_end(struct json *j)
{
	end_nested(j, ']');
}

void json_string(struct json *j, const char *key, const char *value)
{
	begin_value(j, key);
	put_string(j, value);
}

void json_u64(struct json *j, const char *key, u64 value)
{
	char text[JSON_U64_MAX_DIGITS + 1];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	begin_value(j, key);
	put(j, text);
}

void json_bool(struct json *j, const char *key, bool value)
{
	begin_value(j, key);
	put(j, value ? "true" : "false");
}

void json_null(struct json *j, const char *key)
{
	begin_value(j, key);
	put(j, "null");
}

bool json_end(struct json *j)
{
	put(j, "\n");
	return j->depth == 0 && !j->first[0] && !j->broken;
}
