/* SPDX-License-Identifier: BSD-2-Clause */
/* ARP (RFC 826, RFC 5227): asking, answering, announcing. */
#define pr_fmt(fmt) "arp: " fmt

#include "stack.h"
#include <kernel/errno.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/time.h>

/* Policy: one message of an address that two have, in so long. */
#define CONFLICT_REPORT_NS (60 * NSEC_PER_SEC)

static u32 get_address(const u8 *bytes)
{
	return (u32)bytes[0] << 24 | (u32)bytes[1] << 16 | (u32)bytes[2] << 8 |
	       bytes[3];
}

static void put_address(u8 *bytes, u32 address)
{
	be32 value = cpu_to_be32(address);

	memcpy(bytes, &value, sizeof(value));
}

static void arp_send(struct net_device *net, u16 operation, u32 sender,
		     u32 target, const u8 *target_hardware, const u8 *to)
{
	struct packet *packet =
		packet_alloc(IP_ROOM + sizeof(struct arp_message));
	struct arp_message *message;

	if (!packet) {
		net_count(NET_DROP_MEMORY);
		return;
	}
	packet->data += IP_ROOM;
	message = (void *)packet->data;
	packet_cut(packet, sizeof(*message));
	*message = (struct arp_message){
		.hardware = cpu_to_be16(ARP_HARDWARE_ETHERNET),
		.protocol = cpu_to_be16(ETHERTYPE_IPV4),
		.hardware_length = ETH_ADDRESS_LENGTH,
		.protocol_length = 4,
		.operation = cpu_to_be16(operation),
	};
	memcpy(message->sender_hardware, net->address, ETH_ADDRESS_LENGTH);
	put_address(message->sender_protocol, sender);
	if (target_hardware)
		memcpy(message->target_hardware, target_hardware,
		       ETH_ADDRESS_LENGTH);
	put_address(message->target_protocol, target);
	ethernet_push(packet, net, to, ETHERTYPE_ARP);
	(void)net_transmit_or_drop(net, packet);
}

void arp_request(struct net_device *net, u32 address, const u8 *to)
{
	arp_send(net, ARP_REQUEST, READ_ONCE(net->interface->address), address,
		 NULL, to ? to : ethernet_broadcast);
}

void arp_announce(struct net_device *net)
{
	u32 address = READ_ONCE(net->interface->address);

	if (address && !net->interface->loopback && net_is_open(net))
		arp_send(net, ARP_REQUEST, address, address, NULL,
			 ethernet_broadcast);
}

static bool is_sound(const struct arp_message *message)
{
	static const u8 none[ETH_ADDRESS_LENGTH];
	u16 operation = be16_to_cpu(message->operation);

	return be16_to_cpu(message->hardware) == ARP_HARDWARE_ETHERNET &&
	       be16_to_cpu(message->protocol) == ETHERTYPE_IPV4 &&
	       message->hardware_length == ETH_ADDRESS_LENGTH &&
	       message->protocol_length == 4 &&
	       (operation == ARP_REQUEST || operation == ARP_REPLY) &&
	       !(message->sender_hardware[0] & 1) &&
	       memcmp(message->sender_hardware, none, sizeof(none)) != 0;
}

static void report_conflict(const struct net_device *net, u32 address,
			    const u8 *hardware)
{
	static u64 reported_ns;
	u64 now = time_ns();

	net_count(NET_DROP_ARP);
	if (reported_ns && now - reported_ns < CONFLICT_REPORT_NS)
		return;
	reported_ns = now;
	pr_warn("%s: %u.%u.%u.%u is also claimed by "
		"%02x:%02x:%02x:%02x:%02x:%02x: kept\n",
		net->name, address >> 24, address >> 16 & 255,
		address >> 8 & 255, address & 255, hardware[0], hardware[1],
		hardware[2], hardware[3], hardware[4], hardware[5]);
}

/* Who may be remembered: somebody of this network who is not us. */
static void learn(struct net_device *net, const struct arp_message *message,
		  u32 sender, bool for_us)
{
	const struct net_interface *interface = net->interface;
	u32 own = READ_ONCE(interface->address);
	u32 mask = READ_ONCE(interface->mask);
	bool request = be16_to_cpu(message->operation) == ARP_REQUEST;

	if (!sender || !own || ((sender ^ own) & mask) ||
	    interface_is_broadcast(interface, sender))
		return;
	(void)neighbour_heard(net, sender, message->sender_hardware,
			      for_us && request);
}

static void handle(struct net_device *net, const struct arp_message *message)
{
	u32 sender = get_address(message->sender_protocol);
	u32 target = get_address(message->target_protocol);
	u32 own = READ_ONCE(net->interface->address);

	if (own && sender == own) {
		report_conflict(net, own, message->sender_hardware);
		return;
	}
	learn(net, message, sender, own && target == own);
	if (own && target == own &&
	    be16_to_cpu(message->operation) == ARP_REQUEST)
		arp_send(net, ARP_REPLY, own, sender, message->sender_hardware,
			 message->sender_hardware);
}

void arp_receive(struct net_device *net, struct packet *packet)
{
	const struct arp_message *message = (const void *)packet->data;

	if (packet->length < sizeof(*message)) {
		net_drop(packet, NET_DROP_SHORT);
		return;
	}
	if (!is_sound(message)) {
		net_drop(packet, NET_DROP_ARP);
		return;
	}
	/* One's own frames come back on some networks. */
	if (memcmp(message->sender_hardware, net->address, ETH_ADDRESS_LENGTH))
		handle(net, message);
	packet_free(packet);
}
