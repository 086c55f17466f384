/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The memory and string functions of C, which the compiler also calls on its
 * own account.
 *
 * Compilers recognise loops that copy, fill or measure memory and replace
 * them by a call, which here would be a call to the function itself. Each
 * such loop holds a barrier(), which no compiler looks through, so that the
 * file is right under any options.
 */
#include <kernel/string.h>

/* A word at any address: the compiler knows what the CPU can do with it. */
typedef u64 __attribute__((aligned(1), may_alias)) any_word;

#define WORD_BYTES sizeof(any_word)

/*
 * Four words at a time: all loads come first, so this is also right where the
 * two overlap and @d is the lower one.
 */
static inline void copy_words(u8 *d, const u8 *s)
{
	u64 a = ((const any_word *)s)[0], b = ((const any_word *)s)[1];
	u64 c = ((const any_word *)s)[2], e = ((const any_word *)s)[3];

	((any_word *)d)[0] = a;
	((any_word *)d)[1] = b;
	((any_word *)d)[2] = c;
	((any_word *)d)[3] = e;
}

static void copy_forwards(u8 *d, const u8 *s, size_t n)
{
	for (; n >= 4 * WORD_BYTES; n -= 4 * WORD_BYTES) {
		copy_words(d, s);
		d += 4 * WORD_BYTES;
		s += 4 * WORD_BYTES;
		barrier();
	}
	for (; n >= WORD_BYTES; n -= WORD_BYTES) {
		*(any_word *)d = *(const any_word *)s;
		d += WORD_BYTES;
		s += WORD_BYTES;
		barrier();
	}
	for (; n; n--) {
		*d++ = *s++;
		barrier();
	}
}

static void copy_backwards(u8 *d, const u8 *s, size_t n)
{
	d += n;
	s += n;
	for (; n >= WORD_BYTES; n -= WORD_BYTES) {
		d -= WORD_BYTES;
		s -= WORD_BYTES;
		*(any_word *)d = *(const any_word *)s;
		barrier();
	}
	for (; n; n--) {
		*--d = *--s;
		barrier();
	}
}

void *memcpy(void *dst, const void *src, size_t n)
{
	copy_forwards(dst, src, n);
	return dst;
}

void *memmove(void *dst, const void *src, size_t n)
{
	/* Where the two overlap, no byte may be written before it is read. */
	if ((uintptr_t)dst <= (uintptr_t)src)
		copy_forwards(dst, src, n);
	else
		copy_backwards(dst, src, n);
	return dst;
}

void *memset(void *dst, int c, size_t n)
{
	u64 word = (u8)c * 0x0101010101010101ULL;
	u8 *d = dst;

	for (; n >= WORD_BYTES; n -= WORD_BYTES) {
		*(any_word *)d = word;
		d += WORD_BYTES;
		barrier();
	}
	for (; n; n--) {
		*d++ = (u8)c;
		barrier();
	}
	return dst;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const u8 *x = a, *y = b;

	for (; n; n--, x++, y++) {
		if (*x != *y)
			return *x - *y;
	}
	return 0;
}

#define EACH_BYTE 0x0101010101010101ULL
#define TOP_BITS  0x8080808080808080ULL

/* A byte of 0 borrows from its top bit; so may one above it, but only then. */
static bool has_zero(u64 word)
{
	return (word - EACH_BYTE) & ~word & TOP_BITS;
}

void *memchr(const void *s, int c, size_t n)
{
	const u8 *p = s;

	for (; n >= WORD_BYTES; n -= WORD_BYTES, p += WORD_BYTES)
		if (has_zero(*(const any_word *)p ^ (u8)c * EACH_BYTE))
			break;
	for (; n; n--, p++) {
		if (*p == (u8)c)
			return (void *)p;
	}
	return NULL;
}

size_t strlen(const char *s)
{
	const char *end = s;

	while (*end) {
		end++;
		barrier();
	}
	return (size_t)(end - s);
}

size_t strnlen(const char *s, size_t max)
{
	size_t n = 0;

	while (n < max && s[n])
		n++;
	return n;
}

int strcmp(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return (u8)*a - (u8)*b;
}

int strncmp(const char *a, const char *b, size_t n)
{
	for (; n; n--, a++, b++) {
		if (*a != *b || !*a)
			return (u8)*a - (u8)*b;
	}
	return 0;
}

char *strchr(const char *s, int c)
{
	for (; *s != (char)c; s++) {
		if (!*s)
			return NULL;
	}
	return (char *)s;
}

char *strrchr(const char *s, int c)
{
	const char *last = NULL;

	do {
		if (*s == (char)c)
			last = s;
	} while (*s++);
	return (char *)last;
}

char *strstr(const char *haystack, const char *needle)
{
	size_t n = strlen(needle);

	for (;; haystack++) {
		if (strncmp(haystack, needle, n) == 0)
			return (char *)haystack;
		if (!*haystack)
			return NULL;
	}
}
