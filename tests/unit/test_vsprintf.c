/* SPDX-License-Identifier: BSD-2-Clause */
/* vsprintf against the C library's, and what the C library does not have. */
#include "unit.h"
#include <kernel/compiler.h>
#include <kernel/symbols.h>
#include <kernel/vsprintf.h>

/* From here on the plain names are the C library's. */
#undef snprintf
#undef strcmp
#undef strlen
#undef memset

const char *symbol_lookup(uintptr_t addr, size_t *offset, size_t *size)
{
	if (addr != 0x1234)
		return NULL;
	*offset = 0x34;
	*size = 0x100;
	return "kernel_main";
}

#define SIZE 256

/* Both must give the same text and length for the same arguments. */
#define SAME(...)                                \
 ({                                              \
char __ours[SIZE], __libc[SIZE];                      \
int __n = kernel_snprintf(__ours, SIZE, __VA_ARGS__); \
int __m = snprintf(__libc, SIZE, __VA_ARGS__);        \
CHECK_EQ(__n, __m) && CHECK_STR(__ours, __libc);      \
 })

/* "%" + @flags chosen by the bits of @choice + @rest. */
static void make_format(char *fmt, const char *flags, unsigned choice,
			const char *size, const char *rest)
{
	*fmt++ = '%';
	for (unsigned i = 0; flags[i]; i++) {
		if (choice & (1U << i))
			*fmt++ = flags[i];
	}
	sprintf(fmt, "%s%s", size, rest);
}

static const char *const sizes[] = { "",   "1",	  "8",	 ".0",	".1",
				     ".7", "3.0", "9.4", "4.9", "30.25" };

static const char *const lengths[] = {
	"hh", "h", "", "l", "ll", "z", "j", "t"
};

static const uint64_t values[] = {
	0,     1,	   7,	       8,	   10,	       255,
	32768, 0x7fffffff, 0x80000000, 0xffffffff, 1ULL << 63, UINT64_MAX,
};

/* Passes @value as the type that the length modifier promises. */
static bool same_integer(const char *fmt, const char *length, uint64_t value)
{
	if (length[0] == 'h' || !length[0])
		return SAME(fmt, (int)value);
	return SAME(fmt, (long)value);
}

static void integer_grid(char conversion, const char *flags)
{
	unsigned choices = 1U << strlen(flags);
	char rest[8], fmt[32];

	for (unsigned l = 0; l < ARRAY_SIZE(lengths); l++) {
		sprintf(rest, "%s%c", lengths[l], conversion);
		for (unsigned s = 0; s < ARRAY_SIZE(sizes); s++) {
			for (unsigned c = 0; c < choices; c++) {
				make_format(fmt, flags, c, sizes[s], rest);
				for (unsigned v = 0; v < ARRAY_SIZE(values);
				     v++) {
					if (!same_integer(fmt, lengths[l],
							  values[v]))
						printf("\t%s\n", fmt);
				}
			}
		}
	}
}

TEST(signed_integers_match_the_c_library)
{
	integer_grid('d', "-+ 0");
	integer_grid('i', "-+ 0");
}

TEST(unsigned_integers_match_the_c_library)
{
	integer_grid('u', "-0");
	integer_grid('o', "-#0");
	integer_grid('x', "-#0");
	integer_grid('X', "-#0");
}

TEST(strings_and_characters_match_the_c_library)
{
	static const char *const strings[] = { "", "a", "hello, world" };
	char fmt[32];

	for (unsigned s = 0; s < ARRAY_SIZE(sizes); s++) {
		for (unsigned c = 0; c < 2; c++) {
			make_format(fmt, "-", c, sizes[s], "s|");
			for (unsigned i = 0; i < ARRAY_SIZE(strings); i++)
				SAME(fmt, strings[i]);
		}
	}
	SAME("%c%5c%-5c|", 'a', 'b', 'c');
	SAME("%s %%", "per cent");
}

TEST(stars_take_width_and_precision_from_the_arguments)
{
	SAME("%*d|%-*d|%*d", 8, 1, 8, 2, -8, 3);
	SAME("%.*d|%.*s|%.*s", 5, 1, 2, "abc", -1, "abc");
	SAME("%*.*lx", 20, 10, 0xabcdefL);
}

TEST(precision_reads_no_further_than_it_says)
{
	char unterminated[4] = { 'a', 'b', 'c', 'd' };
	char buf[16];

	CHECK_EQ(kernel_snprintf(buf, sizeof(buf), "%.4s", unterminated), 4);
	CHECK_STR(buf, "abcd");
	CHECK_EQ(kernel_snprintf(buf, sizeof(buf), "%8.3s", unterminated), 8);
	CHECK_STR(buf, "     abc");
}

TEST(output_is_cut_and_terminated)
{
	char buf[8];

	for (size_t size = 0; size <= sizeof(buf); size++) {
		char expect[8] = "";

		memset(buf, '#', sizeof(buf));
		CHECK_EQ(kernel_snprintf(buf, size, "%s", "0123456789"), 10);
		snprintf(expect, size ? size : 1, "0123456789");
		if (size)
			CHECK_STR(buf, expect);
		for (size_t i = size; i < sizeof(buf); i++)
			CHECK_EQ(buf[i], '#');
	}
}

TEST(scnprintf_returns_what_was_written)
{
	char buf[8];

	CHECK_EQ(scnprintf(buf, sizeof(buf), "%s", "0123456789"), 7);
	CHECK_EQ(scnprintf(buf, sizeof(buf), "%s", "0123456"), 7);
	CHECK_EQ(scnprintf(buf, sizeof(buf), "abc"), 3);
	CHECK_EQ(scnprintf(buf, 1, "abc"), 0);
	CHECK_EQ(scnprintf(buf, 0, "abc"), 0);
}

static const char *ours(const char *fmt, ...) __printf(1, 2);
static const char *ours(const char *fmt, ...)
{
	static char buf[SIZE];
	va_list ap;

	va_start(ap, fmt);
	kernel_vsnprintf(buf, sizeof(buf), fmt, ap);
	va_end(ap);
	return buf;
}

TEST(pointers_are_hexadecimal_or_symbols)
{
	CHECK_STR(ours("%p", (void *)0), "0x0");
	CHECK_STR(ours("%p", (void *)0xffffffff80001000), "0xffffffff80001000");
	CHECK_STR(ours("%12p|", (void *)0xabc), "       0xabc|");
	CHECK_STR(ours("at %pS.", (void *)0x1234),
		  "at kernel_main+0x34/0x100.");
	CHECK_STR(ours("at %pS.", (void *)0x9999), "at 0x9999.");
}

TEST(null_strings_are_shown_as_such)
{
	const char *volatile none = NULL;

	CHECK_STR(ours("[%s]", none), "[(null)]");
	CHECK_STR(ours("[%8s]", none), "[  (null)]");
}

TEST(unknown_conversions_are_printed_as_they_stand)
{
	/* Not literals, so that the compiler does not reject them. */
	const char *volatile odd = "a%yb", *volatile cut = "100%",
			     *volatile more = "%-5.3l", *volatile n = "%hhn";

	CHECK_STR(ours(odd, 1), "a%yb");
	CHECK_STR(ours(cut, 1), "100%");
	CHECK_STR(ours(more, 1), "%-5.3l");
	CHECK_STR(ours(n, 1), "%hhn");
}

TEST(huge_widths_are_cut)
{
	/* Neither is known to the compiler, which would reject them. */
	volatile int large = 1 << 30, negative = INT32_MIN;
	const char *volatile digits = "%99999999999d";
	char buf[8];

	CHECK_EQ(kernel_snprintf(buf, sizeof(buf), "%*d", large, 1), 4095);
	CHECK_EQ(kernel_snprintf(buf, sizeof(buf), "%*d", negative, 1), 4095);
	CHECK_EQ(kernel_snprintf(buf, sizeof(buf), digits, 1), 4095);
}

struct pieces {
	char text[64];
	size_t length;
};

static void collect(void *arg, const char *s, size_t n)
{
	struct pieces *p = arg;

	for (; n; n--)
		p->text[p->length++] = *s++;
}

static void format_twice(struct pieces *p, const char *fmt, ...) __printf(2, 3);
static void format_twice(struct pieces *p, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vformat(collect, p, fmt, ap);
	vformat(collect, p, fmt, ap);
	va_end(ap);
}

TEST(vformat_leaves_its_va_list_as_it_was)
{
	struct pieces p = { .length = 0 };

	format_twice(&p, "<%d %s>", 42, "x");
	CHECK_STR(p.text, "<42 x><42 x>");
}
