/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names in answers may go on at an earlier place (RFC 1035, 4.1.4). Each such
 * pointer must lead before the place where what is being read began, so they
 * come to an end whatever a server sends.
 */
#include "dns_message.h"
#include <kernel/byteorder.h>
#include <kernel/errno.h>
#include <kernel/string.h>

/* Policy: names that are other names for others, in one answer. */
#define ALIASES_MAX 8

/* What follows an owner's name in a record. */
#define RECORD_BYTES 10

struct message {
	const u8 *bytes;
	size_t length;
};

static u16 get_u16(const u8 *bytes)
{
	return (u16)(bytes[0] << 8 | bytes[1]);
}

static u8 *put_u16(u8 *at, u16 value)
{
	*at++ = (u8)(value >> 8);
	*at++ = (u8)value;
	return at;
}

/* The labels of @name. What follows, or NULL: they are none. */
static u8 *put_name(u8 *at, const char *name)
{
	size_t total = strnlen(name, DNS_TEXT_MAX);

	if (!total || total == DNS_TEXT_MAX)
		return NULL;
	for (;;) {
		const char *dot = strchr(name, '.');
		size_t length = dot ? (size_t)(dot - name) : strlen(name);

		if (!length || length > DNS_LABEL_MAX)
			return NULL;
		*at++ = (u8)length;
		memcpy(at, name, length);
		at += length;
		/* A dot at the end is not the beginning of a label. */
		if (!dot || !dot[1])
			break;
		name = dot + 1;
	}
	*at++ = 0;
	return at;
}

int dns_write_query(u16 id, const char *name, u8 *message)
{
	u8 *at = message;

	at = put_u16(at, id);
	at = put_u16(at, DNS_RECURSION_DESIRED);
	at = put_u16(at, 1);
	memset(at, 0, 6);
	at = put_name(at + 6, name);
	if (!at)
		return -EINVAL;
	at = put_u16(at, DNS_TYPE_A);
	at = put_u16(at, DNS_CLASS_IN);
	return (int)(at - message);
}

/* Add a label to @text of DNS_TEXT_MAX bytes, which has @used. */
static bool append(char *text, size_t *used, const u8 *label, u8 length)
{
	if (*used + length + 2 > DNS_TEXT_MAX)
		return false;
	if (*used)
		text[(*used)++] = '.';
	memcpy(text + *used, label, length);
	*used += length;
	return true;
}

/*
 * The name at @at, to @text (NULL: skipped). The place behind it, or 0: it is
 * none.
 */
static size_t read_name(const struct message *m, size_t at, char *text)
{
	size_t used = 0, began = at, behind = 0;

	while (at < m->length && m->bytes[at]) {
		u8 length = m->bytes[at];

		if (length >= DNS_POINTER) {
			size_t to;

			if (m->length - at < 2)
				return 0;
			to = get_u16(m->bytes + at) & 0x3fff;
			behind = behind ? behind : at + 2;
			if (to >= began)
				return 0;
			at = began = to;
			continue;
		}
		if (length > DNS_LABEL_MAX || length >= m->length - at ||
		    (text && !append(text, &used, m->bytes + at + 1, length)))
			return 0;
		at += 1U + length;
	}
	if (at >= m->length)
		return 0;
	if (text)
		text[used] = 0;
	return behind ? behind : at + 1;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Without regard to case, and to a dot at the end of @b. */
static bool is_same_name(const char *a, const char *b)
{
	while (*a && lower(*a) == lower(*b)) {
		a++;
		b++;
	}
	return !*a && (!*b || (*b == '.' && !b[1]));
}

/* A record, whose data is inside of the message. */
struct record {
	char owner[DNS_TEXT_MAX];
	u16 type, class, length;
	size_t data;
};

/* The one at @at. The place behind it, or 0. */
static size_t read_record(const struct message *m, size_t at, struct record *r)
{
	at = read_name(m, at, r->owner);
	if (!at || m->length - at < RECORD_BYTES)
		return 0;
	r->type = get_u16(m->bytes + at);
	r->class = get_u16(m->bytes + at + 2);
	r->length = get_u16(m->bytes + at + 8);
	r->data = at + RECORD_BYTES;
	return r->length <= m->length - r->data ? r->data + r->length : 0;
}

/*
 * Look for @name among @count records from @at on: 1 and *@address; 0 and
 * @name is what it is another name for; -ENOENT; -EBADMSG.
 */
static int look_up(const struct message *m, size_t at, unsigned count,
		   char *name, u32 *address)
{
	struct record r;

	while (count--) {
		at = read_record(m, at, &r);
		if (!at)
			return -EBADMSG;
		if (r.class != DNS_CLASS_IN || !is_same_name(r.owner, name))
			continue;
		if (r.type == DNS_TYPE_A && r.length == 4) {
			*address = (u32)get_u16(m->bytes + r.data) << 16 |
				   get_u16(m->bytes + r.data + 2);
			return 1;
		}
		if (r.type == DNS_TYPE_CNAME)
			return read_name(m, r.data, name) ? 0 : -EBADMSG;
	}
	return -ENOENT;
}

/* The question is the one that was asked: the place behind it, or 0. */
static size_t check_question(const struct message *m, const char *name)
{
	char asked[DNS_TEXT_MAX];
	size_t at = read_name(m, sizeof(struct dns_header), asked);

	if (!at || m->length - at < 4 || !is_same_name(asked, name) ||
	    get_u16(m->bytes + at) != DNS_TYPE_A ||
	    get_u16(m->bytes + at + 2) != DNS_CLASS_IN)
		return 0;
	return at + 4;
}

int dns_read_answer(const u8 *bytes, size_t length, u16 id, const char *name,
		    u32 *address)
{
	const struct dns_header *header = (const void *)bytes;
	struct message m = { bytes, length };
	char current[DNS_TEXT_MAX];
	u16 flags, count;
	size_t at;

	if (length < sizeof(*header) || be16_to_cpu(header->id) != id ||
	    be16_to_cpu(header->questions) != 1)
		return -EBADMSG;
	flags = be16_to_cpu(header->flags);
	at = check_question(&m, name);
	if (!at || !(flags & DNS_RESPONSE) || (flags & DNS_OPCODE_MASK))
		return -EBADMSG;
	if ((flags & DNS_RCODE_MASK) == DNS_RCODE_NXDOMAIN)
		return -ENOENT;
	if (flags & DNS_RCODE_MASK)
		return -EIO;
	count = be16_to_cpu(header->answers);
	strscpy(current, name, sizeof(current));
	for (unsigned i = 0; i < ALIASES_MAX; i++) {
		int found = look_up(&m, at, count, current, address);

		if (found)
			return MIN(found, 0);
	}
	return -EBADMSG;
}
