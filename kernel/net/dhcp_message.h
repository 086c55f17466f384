/* SPDX-License-Identifier: BSD-2-Clause */
/* DHCP's messages, written and read. */
#pragma once

#include <abi/net/dhcp.h>
#include "stack.h"

/* Clients need take no more (RFC 2131, 2): without IP's and UDP's headers. */
#define DHCP_MESSAGE_MAX 548

/* Policy: shorter leases are held as if they were so long. */
#define DHCP_LEASE_MIN_S 30
#define DHCP_LEASE_NEVER 0xffffffffU

/* What a server says. Addresses that it did not name are 0. */
struct dhcp_reply {
	u8 type;
	u32 address, server, mask, router;
	u32 lease_s, renew_s, rebind_s; /* renew < rebind < lease */
	u32 dns[DNS_SERVERS_MAX];
	unsigned dns_count;
};

/* What a client says. 0: not said. */
struct dhcp_request {
	u8 type;
	u32 transaction;
	u16 seconds;
	u32 client;    /* the address in use */
	u32 requested; /* the one that is wanted */
	u32 server;    /* that it is wanted from */
	const u8 *hardware;
};

/** Write @request to @message of DHCP_MESSAGE_MAX bytes; the length. */
size_t dhcp_write(const struct dhcp_request *request, u8 *message);

/**
 * Read a reply to @transaction for @hardware. 0 or -EBADMSG: it is none, or
 * its options are not what they claim, or no machine could be at the address.
 */
int dhcp_read(const u8 *message, size_t length, u32 transaction,
	      const u8 *hardware, struct dhcp_reply *reply);
