/* SPDX-License-Identifier: BSD-2-Clause */
/* DNS: answers as servers send them, and as nobody should. */
#include "../../kernel/net/dns.h"
#include "../../kernel/net/dns_message.h"
#include "net_rig.h"

#define ID	0x1234
#define ADDRESS 0x5db8d822U /* 93.184.216.34 */

/* An answer in the making. */
struct answer {
	u8 bytes[DNS_MESSAGE_MAX];
	size_t length;
};

static void put(struct answer *a, const void *bytes, size_t length)
{
	memcpy(a->bytes + a->length, bytes, length);
	a->length += length;
}

/* The question comes back, with @count answers to follow. */
static void begin(struct answer *a, const char *name, u8 count)
{
	int length = dns_write_query(ID, name, a->bytes);

	CHECK(length > 0);
	a->length = (size_t)length;
	a->bytes[2] = 0x81;
	a->bytes[3] = 0x80;
	a->bytes[7] = count;
}

/* Of the name that was asked for, by a pointer to it. */
static void put_address(struct answer *a)
{
	put(a, "\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\x5d\xb8\xd8\x22", 16);
}

static int read(const struct answer *a, const char *name)
{
	/* Of exactly its size, so that a read behind it is seen. */
	u8 *copy = malloc(a->length);
	u32 address = 0;
	int err;

	memcpy(copy, a->bytes, a->length);
	err = dns_read_answer(copy, a->length, ID, name, &address);
	free(copy);
	if (!err)
		CHECK_EQ(address, ADDRESS);
	return err;
}

TEST(questions_are_written)
{
	static const char expected[] = "\x12\x34\1\0\0\1\0\0\0\0\0\0"
				       "\7example\3com\0\0\1\0\1";
	static const char *const wrong[] = { "", ".", "a..b", ".a" };
	char name[300];
	u8 message[DNS_MESSAGE_MAX];

	CHECK_EQ(dns_write_query(ID, "example.com", message),
		 sizeof(expected) - 1);
	CHECK_MEM(message, expected, sizeof(expected) - 1);
	CHECK_EQ(dns_write_query(ID, "example.com.", message),
		 sizeof(expected) - 1);
	for (unsigned i = 0; i < ARRAY_SIZE(wrong); i++)
		CHECK_EQ(dns_write_query(ID, wrong[i], message), -EINVAL);
	memset(name, 'a', sizeof(name));
	name[64] = 0;
	CHECK_EQ(dns_write_query(ID, name, message), -EINVAL);
	name[63] = 0;
	CHECK(dns_write_query(ID, name, message) > 0);
	for (unsigned i = 0; i < 299; i++)
		name[i] = i % 2 ? '.' : 'a';
	name[299] = 0;
	CHECK_EQ(dns_write_query(ID, name, message), -EINVAL);
}

TEST(answers_are_read)
{
	struct answer a;

	begin(&a, "example.com", 1);
	put_address(&a);
	CHECK_EQ(read(&a, "example.com"), 0);
	CHECK_EQ(read(&a, "EXAMPLE.com."), 0);
	CHECK_EQ(read(&a, "example.org"), -EBADMSG);
	for (size_t cut = 0; cut < a.length; cut++) {
		struct answer part = a;

		part.length = cut;
		CHECK_EQ(read(&part, "example.com"), -EBADMSG);
	}
	a.bytes[1]++;
	CHECK_EQ(read(&a, "example.com"), -EBADMSG);
	a.bytes[1]--;
	a.bytes[3] = 0x83;
	CHECK_EQ(read(&a, "example.com"), -ENOENT);
	a.bytes[3] = 0x82;
	CHECK_EQ(read(&a, "example.com"), -EIO);
	a.bytes[2] = 1; /* a question */
	CHECK_EQ(read(&a, "example.com"), -EBADMSG);
	begin(&a, "example.com", 0);
	CHECK_EQ(read(&a, "example.com"), -ENOENT);
}

TEST(other_names_are_followed)
{
	struct answer a;

	begin(&a, "www.example.com", 2);
	/* www.example.com is also a.example.com, whose address follows. */
	put(&a, "\xc0\x0c\0\5\0\1\0\0\0\x3c\0\4\1a\xc0\x10", 16);
	put(&a, "\1a\xc0\x10\0\1\0\1\0\0\0\x3c\0\4\x5d\xb8\xd8\x22", 18);
	CHECK_EQ(read(&a, "www.example.com"), 0);
	/* Itself: there is no end to that. */
	begin(&a, "www.example.com", 1);
	put(&a, "\xc0\x0c\0\5\0\1\0\0\0\x3c\0\2\xc0\x0c", 14);
	CHECK_EQ(read(&a, "www.example.com"), -EBADMSG);
	/* Somebody else's address is not an answer. */
	begin(&a, "www.example.com", 1);
	put(&a, "\1b\xc0\x10\0\1\0\1\0\0\0\x3c\0\4\x5d\xb8\xd8\x22", 18);
	CHECK_EQ(read(&a, "www.example.com"), -ENOENT);
}

TEST(pointers_in_circles_come_to_an_end)
{
	struct answer a;
	u8 pointer[2] = { 0xc0 };

	begin(&a, "example.com", 1);
	/* To itself, forwards, and beyond the end. */
	for (unsigned to = (unsigned)a.length; to < 256; to++) {
		struct answer b = a;

		pointer[1] = (u8)to;
		put(&b, pointer, 2);
		put(&b, "\0\1\0\1\0\0\0\x3c\0\4\x5d\xb8\xd8\x22", 14);
		CHECK_EQ(read(&b, "example.com"), -EBADMSG);
	}
	/* A label that goes on and on through its own pointer. */
	begin(&a, "example.com", 1);
	pointer[1] = (u8)a.length;
	put(&a, "\1x", 2);
	put(&a, pointer, 2);
	put(&a, "\0\1\0\1\0\0\0\x3c\0\4\x5d\xb8\xd8\x22", 14);
	CHECK_EQ(read(&a, "example.com"), -EBADMSG);
}

TEST(data_longer_than_the_message_is_refused)
{
	struct answer a;

	begin(&a, "example.com", 1);
	put(&a, "\xc0\x0c\0\1\0\1\0\0\0\x3c\xff\xff\x5d\xb8\xd8\x22", 16);
	CHECK_EQ(read(&a, "example.com"), -EBADMSG);
	/* More answers are announced than there are. */
	begin(&a, "example.com", 9);
	put(&a, "\xc0\x0c\0\5\0\2\0\0\0\x3c\0\0", 12);
	CHECK_EQ(read(&a, "example.com"), -EBADMSG);
}

/* The peer is a name server: it answers what it was asked last. */
static void answer(void)
{
	unsigned length;
	struct answer a;

	for (unsigned i = 0; i < fake.sent_count; i++) {
		const struct frame *q = sent(i);

		if (be16_to_cpu(q->udp.destination) != DNS_PORT)
			continue;
		length = fake.sent[i].length - FRAME_UDP - 8;
		memcpy(a.bytes, q->payload + 8, length);
		a.length = length;
		a.bytes[2] = 0x81;
		a.bytes[3] = 0x80;
		a.bytes[7] = 1;
		put_address(&a);
		length = frame_udp(&frame, be16_to_cpu(q->udp.source), a.bytes,
				   (unsigned)a.length);
		frame.udp.source = cpu_to_be16(DNS_PORT);
		frame_seal_udp(&frame, 8 + (unsigned)a.length);
		fake_clear_sent(&fake);
		fake_inject(&fake, &frame, length);
		return;
	}
}

TEST(names_are_resolved)
{
	u32 address = 0;

	up(0);
	know_peer();
	CHECK_EQ(dns_resolve("10.1.2.3", &address), 0);
	CHECK_EQ(address, 0x0a010203);
	CHECK_EQ(dns_resolve("localhost", &address), 0);
	CHECK_EQ(address, 0x7f000001);
	CHECK_EQ(dns_resolve("example.com", &address), -ENODATA);
	fake.net.interface->dns[0] = PEER_ADDRESS;
	fake.net.interface->dns_count = 1;
	CHECK_EQ(dns_resolve("example.com", &address), -ETIMEDOUT);
	fake_clear_sent(&fake);
	fake_meanwhile = answer;
	CHECK_EQ(dns_resolve("example.com", &address), 0);
	CHECK_EQ(address, ADDRESS);
	fake_meanwhile = NULL;
	down();
}
