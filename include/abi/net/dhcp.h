/* SPDX-License-Identifier: BSD-2-Clause */
/* DHCP's messages (RFC 2131) and options (RFC 2132). */
#pragma once

#include <kernel/types.h>

#define DHCP_SERVER_PORT 67
#define DHCP_CLIENT_PORT 68

#define DHCP_OP_REQUEST 1
#define DHCP_OP_REPLY	2
#define DHCP_BROADCAST	0x8000U /* flags: reply by broadcast */
#define DHCP_MAGIC	0x63825363U

struct dhcp_header {
	u8 op, hardware_type, hardware_length, hops;
	be32 transaction;
	be16 seconds;
	be16 flags;
	be32 client;  /* ciaddr: the address that the client has */
	be32 yours;   /* yiaddr: the one that it gets */
	be32 server;  /* siaddr: of the next server of a boot */
	be32 gateway; /* giaddr: relay */
	u8 hardware[16];
	u8 server_name[64];
	u8 file[128];
	be32 magic;
} __attribute__((packed, aligned(2)));
_Static_assert(sizeof(struct dhcp_header) == 240, "RFC 2131, 2");

#define DHCP_OPTION_PAD	       0
#define DHCP_OPTION_MASK       1
#define DHCP_OPTION_ROUTER     3
#define DHCP_OPTION_DNS	       6
#define DHCP_OPTION_REQUESTED  50
#define DHCP_OPTION_LEASE      51
#define DHCP_OPTION_OVERLOAD   52
#define DHCP_OPTION_TYPE       53
#define DHCP_OPTION_SERVER     54
#define DHCP_OPTION_PARAMETERS 55
#define DHCP_OPTION_SIZE       57
#define DHCP_OPTION_RENEW      58
#define DHCP_OPTION_REBIND     59
#define DHCP_OPTION_CLIENT     61
#define DHCP_OPTION_END	       255

#define DHCP_DISCOVER 1
#define DHCP_OFFER    2
#define DHCP_REQUEST  3
#define DHCP_ACK      5
#define DHCP_NAK      6
#define DHCP_RELEASE  7
