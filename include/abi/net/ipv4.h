/* SPDX-License-Identifier: BSD-2-Clause */
/* IPv4 (RFC 791), ICMP (RFC 792) and UDP (RFC 768). */
#pragma once

#include <kernel/types.h>

#define IPV4_VERSION_5 0x45 /* version 4, a header of 5 words */

#define IPV4_DONT_FRAGMENT  0x4000
#define IPV4_MORE_FRAGMENTS 0x2000
#define IPV4_OFFSET_MASK    0x1fff /* in units of 8 bytes */

#define IPV4_TTL_DEFAULT 64 /* RFC 1700 */

#define IPV4_PROTOCOL_ICMP 1
#define IPV4_PROTOCOL_TCP  6
#define IPV4_PROTOCOL_UDP  17

/*
 * The fields of 32 bits are at multiples of 4 from the header's beginning,
 * but that is behind 14 bytes of Ethernet.
 */
struct ipv4_header {
	u8 version_length; /* words of the header in the lower half */
	u8 service;
	be16 total_length;
	be16 identification;
	be16 fragment; /* flags and offset */
	u8 ttl;
	u8 protocol;
	u16 checksum; /* in memory's order, as <checksum.h> has it */
	be32 source;
	be32 destination;
} __attribute__((packed, aligned(2)));
_Static_assert(sizeof(struct ipv4_header) == 20, "RFC 791, 3.1");

struct udp_header {
	be16 source;
	be16 destination;
	be16 length;
	u16 checksum;
};
_Static_assert(sizeof(struct udp_header) == 8, "RFC 768");

#define ICMP_ECHO_REPLY	      0
#define ICMP_UNREACHABLE      3
#define ICMP_ECHO_REQUEST     8
#define ICMP_UNREACHABLE_NET  0
#define ICMP_UNREACHABLE_HOST 1
#define ICMP_UNREACHABLE_PORT 3

struct icmp_header {
	u8 type;
	u8 code;
	u16 checksum;
	be16 identifier; /* of echoes; else unused */
	be16 sequence;
};
_Static_assert(sizeof(struct icmp_header) == 8, "RFC 792");
