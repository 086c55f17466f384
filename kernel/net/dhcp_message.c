/* SPDX-License-Identifier: BSD-2-Clause */
#include "dhcp_message.h"
#include <kernel/errno.h>
#include <kernel/string.h>

static u8 *put_option(u8 *at, u8 code, const void *data, u8 length)
{
	*at++ = code;
	*at++ = length;
	memcpy(at, data, length);
	return at + length;
}

static u8 *put_address(u8 *at, u8 code, u32 address)
{
	be32 value = cpu_to_be32(address);

	return address ? put_option(at, code, &value, sizeof(value)) : at;
}

static u8 *put_options(u8 *at, const struct dhcp_request *request)
{
	static const u8 parameters[] = {
		DHCP_OPTION_MASK,  DHCP_OPTION_ROUTER, DHCP_OPTION_DNS,
		DHCP_OPTION_LEASE, DHCP_OPTION_RENEW,  DHCP_OPTION_REBIND
	};
	be16 size = cpu_to_be16(DHCP_MESSAGE_MAX + sizeof(struct ipv4_header) +
				sizeof(struct udp_header));
	u8 client[1 + ETH_ADDRESS_LENGTH] = { ARP_HARDWARE_ETHERNET };

	memcpy(client + 1, request->hardware, ETH_ADDRESS_LENGTH);
	at = put_option(at, DHCP_OPTION_TYPE, &request->type, 1);
	at = put_option(at, DHCP_OPTION_CLIENT, client, sizeof(client));
	at = put_address(at, DHCP_OPTION_REQUESTED, request->requested);
	at = put_address(at, DHCP_OPTION_SERVER, request->server);
	if (request->type != DHCP_RELEASE) {
		at = put_option(at, DHCP_OPTION_SIZE, &size, sizeof(size));
		at = put_option(at, DHCP_OPTION_PARAMETERS, parameters,
				sizeof(parameters));
	}
	*at++ = DHCP_OPTION_END;
	return at;
}

size_t dhcp_write(const struct dhcp_request *request, u8 *message)
{
	struct dhcp_header *header = (void *)message;

	*header = (struct dhcp_header){
		.op = DHCP_OP_REQUEST,
		.hardware_type = ARP_HARDWARE_ETHERNET,
		.hardware_length = ETH_ADDRESS_LENGTH,
		.transaction = cpu_to_be32(request->transaction),
		.seconds = cpu_to_be16(request->seconds),
		/* Without an address there is nothing to send a reply to. */
		.flags = cpu_to_be16(request->client ? 0 : DHCP_BROADCAST),
		.client = cpu_to_be32(request->client),
		.magic = cpu_to_be32(DHCP_MAGIC),
	};
	memcpy(header->hardware, request->hardware, ETH_ADDRESS_LENGTH);
	return (size_t)(put_options(message + sizeof(*header), request) -
			message);
}

static u32 get_u32(const u8 *data)
{
	be32 value;

	memcpy(&value, data, sizeof(value));
	return be32_to_cpu(value);
}

/* Numbers are of 4 bytes; of several addresses the first one is taken. */
static void take_option(struct dhcp_reply *reply, u8 code, const u8 *data,
			u8 length)
{
	if (code == DHCP_OPTION_TYPE && length == 1)
		reply->type = *data;
	if (length < 4)
		return;
	switch (code) {
	case DHCP_OPTION_MASK: reply->mask = get_u32(data); break;
	case DHCP_OPTION_ROUTER: reply->router = get_u32(data); break;
	case DHCP_OPTION_SERVER: reply->server = get_u32(data); break;
	case DHCP_OPTION_LEASE: reply->lease_s = get_u32(data); break;
	case DHCP_OPTION_RENEW: reply->renew_s = get_u32(data); break;
	case DHCP_OPTION_REBIND: reply->rebind_s = get_u32(data); break;
	case DHCP_OPTION_DNS:
		for (u8 at = 0;
		     at + 4 <= length && reply->dns_count < DNS_SERVERS_MAX;
		     at += 4)
			reply->dns[reply->dns_count++] = get_u32(data + at);
		break;
	default: break;
	}
}

/* @overload: which of the header's fields hold more options (RFC 2132, 9.3). */
static int read_options(const u8 *at, size_t length, struct dhcp_reply *reply,
			u8 *overload)
{
	const u8 *end = at + length;

	while (at < end && *at != DHCP_OPTION_END) {
		u8 code = *at++, bytes;

		if (code == DHCP_OPTION_PAD)
			continue;
		if (at == end)
			return -EBADMSG;
		bytes = *at++;
		if (bytes > end - at)
			return -EBADMSG;
		if (code == DHCP_OPTION_OVERLOAD && bytes == 1)
			*overload = *at;
		take_option(reply, code, at, bytes);
		at += bytes;
	}
	return 0;
}

static int read_all_options(const u8 *message, size_t length,
			    struct dhcp_reply *reply)
{
	const struct dhcp_header *header = (const void *)message;
	u8 overload = 0, again = 0;
	int err = read_options(message + sizeof(*header),
			       length - sizeof(*header), reply, &overload);

	if (!err && (overload & 1))
		err = read_options(header->file, sizeof(header->file), reply,
				   &again);
	if (!err && (overload & 2))
		err = read_options(header->server_name,
				   sizeof(header->server_name), reply, &again);
	return err;
}

/* Ones, then zeros. */
static bool is_mask(u32 mask)
{
	return mask && !(~mask & (~mask + 1));
}

static bool is_host(u32 address, u32 mask)
{
	if (!address || is_multicast(address) || is_loopback(address) ||
	    address >> 28 == 0xf)
		return false;
	/* The network itself, and everybody in it, are no machines. */
	return ~mask <= 1 || ((address & ~mask) && (~address & ~mask));
}

static void settle_times(struct dhcp_reply *reply)
{
	if (reply->lease_s == DHCP_LEASE_NEVER)
		return;
	reply->lease_s = MAX(reply->lease_s, (u32)DHCP_LEASE_MIN_S);
	/* RFC 2131, 4.4.5. */
	if (!reply->rebind_s || reply->rebind_s >= reply->lease_s)
		reply->rebind_s = (u32)((u64)reply->lease_s * 7 / 8);
	if (!reply->renew_s || reply->renew_s >= reply->rebind_s)
		reply->renew_s = reply->lease_s / 2;
	reply->renew_s = MIN(reply->renew_s, reply->rebind_s - 1);
}

static int settle(struct dhcp_reply *reply)
{
	if (reply->type == DHCP_NAK)
		return 0;
	if (reply->type != DHCP_OFFER && reply->type != DHCP_ACK)
		return -EBADMSG;
	if (!is_mask(reply->mask))
		reply->mask = prefix_mask(24);
	if (!is_host(reply->address, reply->mask) || !reply->lease_s ||
	    !reply->server)
		return -EBADMSG;
	if (reply->router && !is_host(reply->router, UINT32_MAX))
		reply->router = 0;
	settle_times(reply);
	return 0;
}

int dhcp_read(const u8 *message, size_t length, u32 transaction,
	      const u8 *hardware, struct dhcp_reply *reply)
{
	const struct dhcp_header *header = (const void *)message;
	int err;

	*reply = (struct dhcp_reply){ 0 };
	if (length < sizeof(*header) || header->op != DHCP_OP_REPLY ||
	    header->hardware_type != ARP_HARDWARE_ETHERNET ||
	    header->hardware_length != ETH_ADDRESS_LENGTH ||
	    be32_to_cpu(header->transaction) != transaction ||
	    be32_to_cpu(header->magic) != DHCP_MAGIC ||
	    memcmp(header->hardware, hardware, ETH_ADDRESS_LENGTH) != 0)
		return -EBADMSG;
	reply->address = be32_to_cpu(header->yours);
	err = read_all_options(message, length, reply);
	return err ? err : settle(reply);
}
