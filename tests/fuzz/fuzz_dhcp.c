/* SPDX-License-Identifier: BSD-2-Clause */
/* Any bytes as a DHCP server's reply. */
#include "../../kernel/net/dhcp_message.h"
#include "fuzz.h"

#define TRANSACTION 0xabad1dea

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static const u8 hardware[] = { 0x52, 0x54, 0, 0x12, 0x34, 0x56 };
	struct dhcp_reply r;

	if (dhcp_read(data, size, TRANSACTION, hardware, &r))
		return 0;
	if (r.dns_count > DNS_SERVERS_MAX)
		abort();
	if (r.type == DHCP_NAK)
		return 0;
	if (!r.address || !r.server || !r.mask || r.lease_s < DHCP_LEASE_MIN_S)
		abort();
	if (r.lease_s != DHCP_LEASE_NEVER &&
	    (r.renew_s >= r.rebind_s || r.rebind_s >= r.lease_s))
		abort();
	return 0;
}
