/* SPDX-License-Identifier: BSD-2-Clause */
/* printf's conversions, without floating point and without a buffer. */
#include <kernel/string.h>
#include <kernel/symbols.h>
#include <kernel/vsprintf.h>

#define FIELD_MAX 4095

/* The longest digits of a 64-bit number: 22, in octal. */
#define DIGITS_MAX 24

struct output {
	format_put put;
	void *arg;
};

enum length {
	LEN_INT,
	LEN_CHAR,
	LEN_SHORT,
	LEN_LONG,
	LEN_LLONG
};

_Static_assert(sizeof(size_t) == sizeof(long) &&
		       sizeof(ptrdiff_t) == sizeof(long) &&
		       sizeof(intmax_t) == sizeof(long),
	       "z, t and j are read as long");

/* One conversion: what stands between '%' and its letter. */
struct field {
	bool left, plus, space, zero, alternate;
	int width;
	int precision; /* < 0: not given */
	enum length length;
	char conversion;
};

static void put(struct output *out, const char *s, size_t n)
{
	out->put(out->arg, s, n);
}

static void put_repeated(struct output *out, char c, int n)
{
	char run[16];

	for (size_t i = 0; i < sizeof(run); i++)
		run[i] = c;
	for (; n > 0; n -= (int)sizeof(run))
		put(out, run, MIN((size_t)n, sizeof(run)));
}

/* Blanks, @prefix, @zeros zeros, @body, in the order the field asks for. */
static void put_field(struct output *out, const struct field *f,
		      const char *prefix, int zeros, const char *body, int n)
{
	int prefix_len = (int)strlen(prefix);
	int blanks = f->width - prefix_len - zeros - n;

	if (!f->left)
		put_repeated(out, ' ', blanks);
	put(out, prefix, (size_t)prefix_len);
	put_repeated(out, '0', zeros);
	put(out, body, (size_t)n);
	if (f->left)
		put_repeated(out, ' ', blanks);
}

/* Digits of @value at the end of @buf; returns the first. None for 0. */
static char *digits(u64 value, unsigned base, bool upper, char buf[DIGITS_MAX])
{
	const char *set = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	char *p = buf + DIGITS_MAX;

	for (; value; value /= base)
		*--p = set[value % base];
	return p;
}

static void put_number(struct output *out, const struct field *f,
		       const char *prefix, u64 value, unsigned base)
{
	char buf[DIGITS_MAX];
	char *first = digits(value, base, f->conversion == 'X', buf);
	int n = (int)(buf + DIGITS_MAX - first);
	int least = f->precision < 0 ? 1 : f->precision;
	int zeros;

	if (base == 8 && f->alternate)
		least = MAX(least, n + 1);
	/* C99 7.19.6.1: a precision or '-' makes the flag '0' void. */
	if (f->zero && !f->left && f->precision < 0)
		least = MAX(least, f->width - (int)strlen(prefix));
	zeros = least > n ? least - n : 0;
	put_field(out, f, prefix, zeros, first, n);
}

static u64 next_unsigned(va_list *ap, enum length length)
{
	switch (length) {
	case LEN_CHAR: return (unsigned char)va_arg(*ap, unsigned);
	case LEN_SHORT: return (unsigned short)va_arg(*ap, unsigned);
	case LEN_LONG: return va_arg(*ap, unsigned long);
	case LEN_LLONG: return va_arg(*ap, unsigned long long);
	default: return va_arg(*ap, unsigned);
	}
}

static s64 next_signed(va_list *ap, enum length length)
{
	switch (length) {
	case LEN_CHAR: return (signed char)va_arg(*ap, int);
	case LEN_SHORT: return (short)va_arg(*ap, int);
	case LEN_LONG: return va_arg(*ap, long);
	case LEN_LLONG: return va_arg(*ap, long long);
	default: return va_arg(*ap, int);
	}
}

static void convert_signed(struct output *out, const struct field *f,
			   va_list *ap)
{
	s64 value = next_signed(ap, f->length);
	const char *sign = value < 0  ? "-"
			   : f->plus  ? "+"
			   : f->space ? " "
				      : "";

	put_number(out, f, sign, value < 0 ? -(u64)value : (u64)value, 10);
}

static void convert_unsigned(struct output *out, const struct field *f,
			     va_list *ap)
{
	u64 value = next_unsigned(ap, f->length);
	const char *prefix = "";
	unsigned base = 10;

	if (f->conversion == 'o')
		base = 8;
	if (f->conversion == 'x' || f->conversion == 'X') {
		base = 16;
		if (f->alternate && value)
			prefix = f->conversion == 'x' ? "0x" : "0X";
	}
	put_number(out, f, prefix, value, base);
}

static void convert_string(struct output *out, const struct field *f,
			   va_list *ap)
{
	const char *s = va_arg(*ap, const char *);
	size_t max = f->precision < 0 ? SIZE_MAX : (size_t)f->precision;

	if (!s)
		s = "(null)";
	/* Only a precision allows @s to have no end. */
	put_field(out, f, "", 0, s, (int)strnlen(s, max));
}

static void convert_char(struct output *out, const struct field *f, va_list *ap)
{
	char c = (char)va_arg(*ap, int);

	put_field(out, f, "", 0, &c, 1);
}

/* symbol+0xoffset/0xsize, or the bare address when it is not in the text. */
static void convert_symbol(struct output *out, const struct field *f,
			   uintptr_t addr)
{
	size_t offset, size;
	const char *name = symbol_lookup(addr, &offset, &size);
	struct field plain = { .precision = -1, .conversion = 'x' };

	if (!name) {
		put_number(out, f, "0x", addr, 16);
		return;
	}
	put(out, name, strlen(name));
	put_number(out, &plain, "+0x", offset, 16);
	put_number(out, &plain, "/0x", size, 16);
}

/* Consumes the 'S' of "%pS", and returns what follows the conversion. */
static const char *convert_pointer(struct output *out, const struct field *f,
				   va_list *ap, const char *after)
{
	uintptr_t addr = (uintptr_t)va_arg(*ap, void *);

	if (*after == 'S') {
		convert_symbol(out, f, addr);
		return after + 1;
	}
	put_number(out, f, "0x", addr, 16);
	return after;
}

/* A decimal number or '*'; cut to FIELD_MAX, negative only through '*'. */
static int parse_number(const char **fmt, va_list *ap)
{
	int n = 0;

	if (**fmt == '*') {
		++*fmt;
		n = va_arg(*ap, int);
		return n < -FIELD_MAX ? -FIELD_MAX : MIN(n, FIELD_MAX);
	}
	for (; **fmt >= '0' && **fmt <= '9'; ++*fmt)
		n = MIN(n * 10 + (**fmt - '0'), FIELD_MAX);
	return n;
}

static void parse_flags(const char **fmt, struct field *f)
{
	for (;; ++*fmt) {
		switch (**fmt) {
		case '-': f->left = true; break;
		case '+': f->plus = true; break;
		case ' ': f->space = true; break;
		case '0': f->zero = true; break;
		case '#': f->alternate = true; break;
		default: return;
		}
	}
}

static enum length parse_length(const char **fmt)
{
	const char *s = *fmt;

	switch (*s) {
	case 'h':
		*fmt += s[1] == 'h' ? 2 : 1;
		return s[1] == 'h' ? LEN_CHAR : LEN_SHORT;
	case 'l':
		*fmt += s[1] == 'l' ? 2 : 1;
		return s[1] == 'l' ? LEN_LLONG : LEN_LONG;
	case 'z':
	case 'j':
	case 't': ++*fmt; return LEN_LONG;
	default: return LEN_INT;
	}
}

static void parse_field(const char **fmt, struct field *f, va_list *ap)
{
	*f = (struct field){ .precision = -1 };
	parse_flags(fmt, f);
	f->width = parse_number(fmt, ap);
	if (f->width < 0) {
		f->left = true;
		f->width = -f->width;
	}
	if (**fmt == '.') {
		++*fmt;
		f->precision = parse_number(fmt, ap);
	}
	f->length = parse_length(fmt);
	f->conversion = **fmt;
	if (**fmt)
		++*fmt;
}

/* @fmt is behind the '%'; returns what follows the conversion. */
static const char *convert(struct output *out, const char *fmt, va_list *ap)
{
	const char *percent = fmt - 1;
	struct field f;

	parse_field(&fmt, &f, ap);
	switch (f.conversion) {
	case 'd':
	case 'i': convert_signed(out, &f, ap); break;
	case 'o':
	case 'u':
	case 'x':
	case 'X': convert_unsigned(out, &f, ap); break;
	case 'c': convert_char(out, &f, ap); break;
	case 's': convert_string(out, &f, ap); break;
	case 'p': return convert_pointer(out, &f, ap, fmt);
	case '%': put(out, "%", 1); break;
	default: put(out, percent, (size_t)(fmt - percent)); break;
	}
	return fmt;
}

void vformat(format_put sink, void *arg, const char *fmt, va_list ap)
{
	struct output out = { sink, arg };
	va_list args;

	/* A va_list parameter may be a pointer already; a copy is not. */
	va_copy(args, ap);
	while (*fmt) {
		const char *percent = strchr(fmt, '%');

		if (!percent) {
			put(&out, fmt, strlen(fmt));
			break;
		}
		put(&out, fmt, (size_t)(percent - fmt));
		fmt = convert(&out, percent + 1, &args);
	}
	va_end(args);
}

struct buffer {
	char *text;
	size_t size;
	size_t length; /* of the whole text, written or not */
};

static void buffer_put(void *arg, const char *s, size_t n)
{
	struct buffer *b = arg;

	if (b->length < b->size)
		memcpy(b->text + b->length, s, MIN(n, b->size - b->length));
	b->length += n;
}

int vsnprintf(char *buf, size_t size, const char *fmt, va_list ap)
{
	struct buffer b = { buf, size ? size - 1 : 0, 0 };

	vformat(buffer_put, &b, fmt, ap);
	if (size)
		buf[MIN(b.length, b.size)] = '\0';
	return (int)b.length;
}

int snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(buf, size, fmt, ap);
	va_end(ap);
	return n;
}

int scnprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(buf, size, fmt, ap);
	va_end(ap);
	if ((size_t)n < size)
		return n;
	return size ? (int)size - 1 : 0;
}
