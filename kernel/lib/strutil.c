/* SPDX-License-Identifier: BSD-2-Clause */
/* What C forgot about strings: bounded copies and numbers from text. */
#include <kernel/ctype.h>
#include <kernel/errno.h>
#include <kernel/string.h>

long strscpy(char *dst, const char *src, size_t size)
{
	size_t n = strnlen(src, size);
	bool cut = n == size;

	if (cut)
		n = size - 1;
	memcpy(dst, src, n);
	dst[n] = '\0';
	return cut ? -E2BIG : (long)n;
}

long str_join(char *dst, size_t size, char *const *words, char separator)
{
	const char between[] = { separator, '\0' };
	size_t used = 0;

	dst[0] = '\0';
	for (; *words; words++) {
		long n = strscpy(dst + used, *words, size - used);

		if (n < 0)
			return n;
		used += (size_t)n;
		if (!words[1])
			break;
		n = strscpy(dst + used, between, size - used);
		if (n < 0)
			return n;
		used++;
	}
	return (long)used;
}

bool str_has_prefix(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

/* The digit's value; 255, which is no digit in any base, for all else. */
static unsigned digit_value(char c)
{
	if (is_digit(c))
		return (unsigned)(c - '0');
	c = to_lower(c);
	return c >= 'a' && c <= 'z' ? (unsigned)(c - 'a') + 10 : 255;
}

/* Base 0: read the prefix and step over it. A lone "0" stays a digit. */
static unsigned detect_base(const char **s)
{
	if ((*s)[0] != '0')
		return 10;
	if (to_lower((*s)[1]) != 'x')
		return 8;
	*s += 2;
	return 16;
}

/*
 * Read digits at *@s and step over them all, also past an overflow: text that
 * is no number is -EINVAL however many digits it begins with.
 */
static int parse_digits(const char **s, unsigned base, u64 *value)
{
	bool overflow = false, any = false;
	u64 v = 0;

	if (base == 0)
		base = detect_base(s);
	for (; digit_value(**s) < base; (*s)++) {
		u64 digit = digit_value(**s);

		overflow |= __builtin_mul_overflow(v, (u64)base, &v);
		overflow |= __builtin_add_overflow(v, digit, &v);
		any = true;
	}
	if (!any)
		return -EINVAL;
	*value = v;
	return overflow ? -ERANGE : 0;
}

int kstrtou64(const char *s, unsigned base, u64 *value)
{
	u64 v = 0;
	int ret;

	if (base == 1 || base > 36)
		return -EINVAL;
	ret = parse_digits(&s, base, &v);
	if (*s)
		return -EINVAL;
	if (ret == 0)
		*value = v;
	return ret;
}

/* The power of two a size suffix stands for; 0 when @c is none. */
static unsigned suffix_shift(char c)
{
	switch (to_lower(c)) {
	case 'k': return 10;
	case 'm': return 20;
	case 'g': return 30;
	case 't': return 40;
	default: return 0;
	}
}

int parse_size(const char *s, u64 *bytes)
{
	unsigned shift;
	u64 v = 0;
	int ret;

	ret = parse_digits(&s, 0, &v);
	if (ret == -EINVAL)
		return ret;
	shift = suffix_shift(*s);
	if (shift)
		s++;
	if (*s)
		return -EINVAL;
	if (ret || v > UINT64_MAX >> shift)
		return -ERANGE;
	*bytes = v << shift;
	return 0;
}
