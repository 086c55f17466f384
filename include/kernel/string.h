/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory and strings, with their C meanings, plus what C forgot. */
#pragma once

#include <kernel/compiler.h>

void *memcpy(void *dst, const void *src, size_t n);
void *memmove(void *dst, const void *src, size_t n);
void *memset(void *dst, int c, size_t n);
/** Clear @n bytes that held a secret, also when nobody looks at them again. */
static inline void wipe(void *secret, size_t n)
{
	memset(secret, 0, n);
	__asm__ __volatile__("" : : "r"(secret) : "memory");
}
int memcmp(const void *a, const void *b, size_t n);
void *memchr(const void *s, int c, size_t n);

size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
char *strchr(const char *s, int c);
char *strrchr(const char *s, int c);
char *strstr(const char *haystack, const char *needle);

/**
 * Copy @src to @dst of @size bytes, cut if it must be, always terminated
 * (@size must not be 0). Returns the length copied, or -E2BIG when cut.
 */
long strscpy(char *dst, const char *src, size_t size);

/**
 * Join @words (ended by NULL) with @separator between them into @dst of @size
 * bytes (not 0), cut if it must be, always terminated. Returns the length, or
 * -E2BIG when cut.
 */
long str_join(char *dst, size_t size, char *const *words, char separator);

/** True if @s begins with @prefix. */
bool str_has_prefix(const char *s, const char *prefix);

/**
 * Parse the whole of @s as an unsigned number; @base 0 takes 0x and 0
 * prefixes. Returns 0, -EINVAL (no digit, or something after the number) or
 * -ERANGE; *@value is written on success only.
 */
int kstrtou64(const char *s, unsigned base, u64 *value);

/** As kstrtou64 with base 0 and an optional suffix K M G T (times 1024). */
int parse_size(const char *s, u64 *bytes);
