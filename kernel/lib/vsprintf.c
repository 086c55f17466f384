/* SPDX-License-Identifier: BSD-2-Clause */
/* printf's conversions, without floating point and without a buffer. */
#include <kernel/string.h>
#include <kernel/symbols.h>
#include <kernel/vsprintf.h>

#define FIELD_MAX 4095

/* The longest digits of a 64-bit number: 22, in octal. */
#define DIGITS_MAX 24

/* Where the text goes, and where the arguments come from. */
struct output {
	format_put put;
	void *arg;
	va_list args;
};

enum length {
	LEN_INT,
	LEN_CHAR,
	LEN_SHORT,
	LEN_LONG
};

_Static_assert(sizeof(long long) == sizeof(long) &&
		       sizeof(size_t) == sizeof(long) &&
		       sizeof(ptrdiff_t) == sizeof(long) &&
		       sizeof(intmax_t) == sizeof(long),
	       "ll, z, t and j are read as long");

/* One conversion: what stands between '%' and its letter. */
struct field {
	bool left, plus, space, zero, alternate;
	int width;
	int precision; /* < 0: not given */
	enum length length;
	char conversion;
};

static void emit(struct output *out, const char *s, size_t n)
{
	out->put(out->arg, s, n);
}

static void emit_repeated(struct output *out, char c, int n)
{
	char run[16];

	for (size_t i = 0; i < sizeof(run); i++)
		run[i] = c;
	for (; n > 0; n -= (int)sizeof(run))
		emit(out, run, MIN((size_t)n, sizeof(run)));
}

/* Blanks, @prefix, @zeros zeros, @body, in the order the field asks for. */
static void emit_field(struct output *out, const struct field *f,
		       const char *prefix, int zeros, const char *body, int n)
{
	int prefix_len = (int)strlen(prefix);
	int blanks = f->width - prefix_len - zeros - n;

	if (!f->left)
		emit_repeated(out, ' ', blanks);
	emit(out, prefix, (size_t)prefix_len);
	emit_repeated(out, '0', zeros);
	emit(out, body, (size_t)n);
	if (f->left)
		emit_repeated(out, ' ', blanks);
}

/* Digits of @value at the end of @buf; returns their number. None for 0. */
static int digits(u64 value, unsigned base, bool upper, char buf[DIGITS_MAX])
{
	const char *set = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	int at = DIGITS_MAX;

	for (; value; value /= base)
		buf[--at] = set[value % base];
	return DIGITS_MAX - at;
}

static void emit_number(struct output *out, const struct field *f,
			const char *prefix, u64 value, unsigned base)
{
	char buf[DIGITS_MAX];
	int n = digits(value, base, f->conversion == 'X', buf);
	int least = f->precision < 0 ? 1 : f->precision;
	int zeros;

	if (base == 8 && f->alternate)
		least = MAX(least, n + 1);
	/* C99 7.19.6.1: a precision or '-' makes the flag '0' void. */
	if (f->zero && !f->left && f->precision < 0)
		least = MAX(least, f->width - (int)strlen(prefix));
	zeros = least > n ? least - n : 0;
	emit_field(out, f, prefix, zeros, buf + (DIGITS_MAX - n), n);
}

static u64 next_unsigned(struct output *out, enum length length)
{
	switch (length) {
	case LEN_CHAR: return (unsigned char)va_arg(out->args, unsigned);
	case LEN_SHORT: return (unsigned short)va_arg(out->args, unsigned);
	case LEN_LONG: return va_arg(out->args, unsigned long);
	default: return va_arg(out->args, unsigned);
	}
}

static s64 next_signed(struct output *out, enum length length)
{
	switch (length) {
	case LEN_CHAR: return (signed char)va_arg(out->args, int);
	case LEN_SHORT: return (short)va_arg(out->args, int);
	case LEN_LONG: return va_arg(out->args, long);
	default: return va_arg(out->args, int);
	}
}

static void convert_signed(struct output *out, const struct field *f)
{
	s64 value = next_signed(out, f->length);
	const char *sign = value < 0  ? "-"
			   : f->plus  ? "+"
			   : f->space ? " "
				      : "";

	emit_number(out, f, sign, value < 0 ? -(u64)value : (u64)value, 10);
}

static void convert_unsigned(struct output *out, const struct field *f)
{
	u64 value = next_unsigned(out, f->length);
	const char *prefix = "";
	unsigned base = 10;

	if (f->conversion == 'o')
		base = 8;
	if (f->conversion == 'x' || f->conversion == 'X') {
		base = 16;
		if (f->alternate && value)
			prefix = f->conversion == 'x' ? "0x" : "0X";
	}
	emit_number(out, f, prefix, value, base);
}

static void convert_string(struct output *out, const struct field *f)
{
	const char *s = va_arg(out->args, const char *);
	size_t max = f->precision < 0 ? SIZE_MAX : (size_t)f->precision;

	if (!s)
		s = "(null)";
	/* Only a precision allows @s to have no end. */
	emit_field(out, f, "", 0, s, (int)strnlen(s, max));
}

static void convert_char(struct output *out, const struct field *f)
{
	char c = (char)va_arg(out->args, int);

	emit_field(out, f, "", 0, &c, 1);
}

/* symbol+0xoffset/0xsize, or the bare address when it is not in the text. */
static void convert_symbol(struct output *out, const struct field *f,
			   uintptr_t addr)
{
	size_t offset, size;
	const char *name = symbol_lookup(addr, &offset, &size);
	struct field plain = { .precision = -1, .conversion = 'x' };

	if (!name) {
		emit_number(out, f, "0x", addr, 16);
		return;
	}
	emit(out, name, strlen(name));
	emit_number(out, &plain, "+0x", offset, 16);
	emit_number(out, &plain, "/0x", size, 16);
}

/* Consumes the 'S' of "%pS", and returns what follows the conversion. */
static const char *convert_pointer(struct output *out, const struct field *f,
				   const char *after)
{
	uintptr_t addr = (uintptr_t)va_arg(out->args, void *);

	if (*after == 'S') {
		convert_symbol(out, f, addr);
		return after + 1;
	}
	emit_number(out, f, "0x", addr, 16);
	return after;
}

/* A decimal number or '*'; cut to FIELD_MAX, negative only through '*'. */
static int parse_number(struct output *out, const char **fmt)
{
	int n = 0;

	if (**fmt == '*') {
		++*fmt;
		n = va_arg(out->args, int);
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
	case 'l': *fmt += s[1] == 'l' ? 2 : 1; return LEN_LONG;
	case 'z':
	case 'j':
	case 't': ++*fmt; return LEN_LONG;
	default: return LEN_INT;
	}
}

static void parse_field(struct output *out, const char **fmt, struct field *f)
{
	*f = (struct field){ .precision = -1 };
	parse_flags(fmt, f);
	f->width = parse_number(out, fmt);
	if (f->width < 0) {
		f->left = true;
		f->width = -f->width;
	}
	if (**fmt == '.') {
		++*fmt;
		f->precision = parse_number(out, fmt);
	}
	f->length = parse_length(fmt);
	f->conversion = **fmt;
	if (**fmt)
		++*fmt;
}

/* @fmt is behind the '%'; returns what follows the conversion. */
static const char *convert(struct output *out, const char *fmt)
{
	const char *percent = fmt - 1;
	struct field f;

	parse_field(out, &fmt, &f);
	switch (f.conversion) {
	case 'd':
	case 'i': convert_signed(out, &f); break;
	case 'o':
	case 'u':
	case 'x':
	case 'X': convert_unsigned(out, &f); break;
	case 'c': convert_char(out, &f); break;
	case 's': convert_string(out, &f); break;
	case 'p': return convert_pointer(out, &f, fmt);
	case '%': emit(out, "%", 1); break;
	default: emit(out, percent, (size_t)(fmt - percent)); break;
	}
	return fmt;
}

void vformat(format_put put, void *arg, const char *fmt, va_list ap)
{
	struct output out = { .put = put, .arg = arg };

	va_copy(out.args, ap);
	while (*fmt) {
		const char *percent = strchr(fmt, '%');

		if (!percent) {
			emit(&out, fmt, strlen(fmt));
			break;
		}
		emit(&out, fmt, (size_t)(percent - fmt));
		fmt = convert(&out, percent + 1);
	}
	va_end(out.args);
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
