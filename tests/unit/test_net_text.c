/* SPDX-License-Identifier: BSD-2-Clause */
/* Addresses as text. */
#include <kernel/compiler.h>
#include "../../kernel/net/text.h"
#include "unit.h"

TEST(addresses_are_read_whole_or_not_at_all)
{
	static const char *const wrong[] = {
		"",	    "1.2.3",	  "1.2.3.4.5", "1.2.3.256",
		"1.2.3.-4", "a.b.c.d",	  "1.2.3.4 ",  "1..3.4",
		"1.2.3.",   "0001.2.3.4", " 1.2.3.4"
	};
	u32 address = 0;

	CHECK_EQ(ipv4_parse("10.0.2.15", &address), 0);
	CHECK_EQ(address, 0x0a00020f);
	CHECK_EQ(ipv4_parse("255.255.255.255", &address), 0);
	CHECK_EQ(address, 0xffffffff);
	for (unsigned i = 0; i < ARRAY_SIZE(wrong); i++)
		CHECK(ipv4_parse(wrong[i], &address) != 0);
}

TEST(prefixes_are_0_to_32)
{
	unsigned prefix;
	u32 address;

	CHECK_EQ(ipv4_parse_prefix("10.1.2.3/24", &address, &prefix), 0);
	CHECK_EQ(prefix, 24);
	CHECK_EQ(ipv4_parse_prefix("10.1.2.3", &address, &prefix), 0);
	CHECK_EQ(prefix, 32);
	CHECK_EQ(ipv4_parse_prefix("0.0.0.0/0", &address, &prefix), 0);
	CHECK_EQ(prefix, 0);
	CHECK(ipv4_parse_prefix("10.1.2.3/33", &address, &prefix) != 0);
	CHECK(ipv4_parse_prefix("10.1.2.3/", &address, &prefix) != 0);
	CHECK(ipv4_parse_prefix("10.1.2.3x", &address, &prefix) != 0);
	CHECK_EQ(mask_prefix(0), 0);
	CHECK_EQ(mask_prefix(0xffffff00), 24);
	CHECK_EQ(mask_prefix(0xffffffff), 32);
}

TEST(ethernets_addresses_have_six_bytes)
{
	static const u8 expected[] = { 0x52, 0x54, 0, 0x12, 0x3a, 0xff };
	char text[MAC_TEXT_MAX], ip[IPV4_TEXT_MAX];
	u8 address[6];

	CHECK_EQ(mac_parse("52:54:0:12:3A:ff", address), 0);
	CHECK_MEM(address, expected, 6);
	CHECK_STR(mac_text(address, text), "52:54:00:12:3a:ff");
	CHECK(mac_parse("52:54:0:12:3a", address) != 0);
	CHECK(mac_parse("52:54:0:12:3a:ff:1", address) != 0);
	CHECK(mac_parse("52:54:0:12:3a:fff", address) != 0);
	CHECK(mac_parse("52-54-0-12-3a-ff", address) != 0);
	CHECK_STR(ipv4_text(0xffffffff, ip), "255.255.255.255");
	CHECK_STR(ipv4_text(0x0a00020f, ip), "10.0.2.15");
}
