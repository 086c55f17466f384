/* SPDX-License-Identifier: BSD-2-Clause */
#include "text.h"
#include <kernel/errno.h>
#include <kernel/string.h>
#include <kernel/vsprintf.h>

const char *ipv4_text(u32 address, char *text)
{
	snprintf(text, IPV4_TEXT_MAX, "%u.%u.%u.%u", address >> 24,
		 address >> 16 & 255, address >> 8 & 255, address & 255);
	return text;
}

const char *mac_text(const u8 *a, char *text)
{
	snprintf(text, MAC_TEXT_MAX, "%02x:%02x:%02x:%02x:%02x:%02x", a[0],
		 a[1], a[2], a[3], a[4], a[5]);
	return text;
}

static int digit_of(char c, unsigned base)
{
	int value = -1;

	if (c >= '0' && c <= '9')
		value = c - '0';
	else if (c >= 'a' && c <= 'f')
		value = c - 'a' + 10;
	else if (c >= 'A' && c <= 'F')
		value = c - 'A' + 10;
	return value < (int)base ? value : -1;
}

/* At most @digits of them, to a number up to 255. What follows, or NULL. */
static const char *parse_byte(const char *text, unsigned base, unsigned digits,
			      u8 *byte)
{
	unsigned value = 0, n = 0;
	int digit;

	for (; n < digits && (digit = digit_of(text[n], base)) >= 0; n++)
		value = value * base + (unsigned)digit;
	if (!n || value > 255)
		return NULL;
	*byte = (u8)value;
	return text + n;
}

/* @count bytes with @separator between them. What follows, or NULL. */
static const char *parse_bytes(const char *text, unsigned base, unsigned digits,
			       char separator, u8 *bytes, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		if (i && *text++ != separator)
			return NULL;
		text = parse_byte(text, base, digits, &bytes[i]);
		if (!text)
			return NULL;
	}
	return text;
}

static const char *parse_ipv4(const char *text, u32 *address)
{
	u8 b[4];

	text = parse_bytes(text, 10, 3, '.', b, sizeof(b));
	if (text)
		*address = (u32)b[0] << 24 | (u32)b[1] << 16 | (u32)b[2] << 8 |
			   b[3];
	return text;
}

int ipv4_parse(const char *text, u32 *address)
{
	text = parse_ipv4(text, address);
	return text && !*text ? 0 : -EINVAL;
}

int ipv4_parse_prefix(const char *text, u32 *address, unsigned *prefix)
{
	u64 value = 32;

	text = parse_ipv4(text, address);
	if (!text || (*text && *text != '/'))
		return -EINVAL;
	if (*text && (kstrtou64(text + 1, 10, &value) || value > 32))
		return -EINVAL;
	*prefix = (unsigned)value;
	return 0;
}

int mac_parse(const char *text, u8 *address)
{
	u8 bytes[ETH_ADDRESS_LENGTH];

	text = parse_bytes(text, 16, 2, ':', bytes, sizeof(bytes));
	if (!text || *text)
		return -EINVAL;
	memcpy(address, bytes, sizeof(bytes));
	return 0;
}

unsigned mask_prefix(u32 mask)
{
	unsigned bits = 0;

	while (bits < 32 && mask << bits >> 31)
		bits++;
	return bits;
}
