/* SPDX-License-Identifier: BSD-2-Clause */
/* DNS's messages (RFC 1035, 4). */
#pragma once

#include <kernel/types.h>

#define DNS_PORT 53

#define DNS_RESPONSE	      0x8000
#define DNS_OPCODE_MASK	      0x7800
#define DNS_RECURSION_DESIRED 0x0100
#define DNS_RCODE_MASK	      0x000f
#define DNS_RCODE_NXDOMAIN    3

#define DNS_TYPE_A     1
#define DNS_TYPE_CNAME 5
#define DNS_CLASS_IN   1

#define DNS_LABEL_MAX	63
#define DNS_NAME_MAX	255 /* on the wire, with the length of the root */
#define DNS_MESSAGE_MAX 512 /* over UDP, 4.2.1 */
#define DNS_POINTER	0xc0

struct dns_header {
	be16 id;
	be16 flags;
	be16 questions;
	be16 answers;
	be16 authorities;
	be16 additionals;
};
_Static_assert(sizeof(struct dns_header) == 12, "RFC 1035, 4.1.1");
