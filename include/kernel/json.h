/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writes one JSON document (RFC 8259) through a callback, without memory of
 * its own. Strings are escaped: control characters, quotes, backslashes and
 * bytes that are not ASCII come out as \uXXXX (one per byte, as Latin-1).
 */
#pragma once

#include <kernel/compiler.h>

#define JSON_MAX_DEPTH 16

struct json {
	void (*put)(void *arg, const char *s, size_t n);
	void *arg;
	unsigned depth;
	bool first[JSON_MAX_DEPTH + 1];	 /* nothing written yet at this depth */
	char closer[JSON_MAX_DEPTH + 1]; /* what ends this depth */
	bool broken; /* not one value, or not nested as it should be */
};

void json_begin(struct json *j, void (*put)(void *, const char *, size_t),
		void *arg);
/** In each call @key is the member's name, or NULL inside an array. */
void json_object_begin(struct json *j, const char *key);
void json_object_end(struct json *j);
void json_array_begin(struct json *j, const char *key);
void json_array_end(struct json *j);
void json_string(struct json *j, const char *key, const char *value);
void json_u64(struct json *j, const char *key, u64 value);
void json_bool(struct json *j, const char *key, bool value);
void json_null(struct json *j, const char *key);
/**
 * End the document with a newline. False if the calls did not make one value,
 * or did not balance.
 */
bool json_end(struct json *j);
