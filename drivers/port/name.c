/* SPDX-License-Identifier: BSD-2-Clause */
/* What may be the name of a port: it is shown on terminals. */
#include <drivers/port.h>

/* Bytes of a character that begins with @first; 0: none does. */
static unsigned sequence_length(u8 first)
{
	if (first < 0x80)
		return 1;
	if (first >= 0xc2 && first < 0xe0)
		return 2;
	if (first >= 0xe0 && first < 0xf0)
		return 3;
	return first >= 0xf0 && first < 0xf5 ? 4 : 0;
}

/* The least that needs so many bytes: RFC 3629, 3. */
static const u32 least[] = { 0, 0, 0x80, 0x800, 0x10000 };

#define LAST_CHARACTER	0x10ffff
#define SURROGATE_FIRST 0xd800
#define SURROGATE_LAST	0xdfff

static bool is_printable(u32 c, unsigned length)
{
	if (c < ' ' || (c >= 0x7f && c < 0xa0))
		return false;
	return c >= least[length] && c <= LAST_CHARACTER &&
	       (c < SURROGATE_FIRST || c > SURROGATE_LAST);
}

bool port_name_is_text(const char *name, size_t length)
{
	while (length) {
		unsigned n = sequence_length((u8)*name);
		u32 c = (u8)*name;

		if (!n || n > length)
			return false;
		if (n > 1)
			c &= BIT(7 - n) - 1;
		for (unsigned i = 1; i < n; i++) {
			if (((u8)name[i] & 0xc0) != 0x80)
				return false;
			c = c << 6 | ((u8)name[i] & 0x3f);
		}
		if (!is_printable(c, n))
			return false;
		name += n;
		length -= n;
	}
	return true;
}
