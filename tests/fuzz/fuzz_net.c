/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes as frames that come in, one after another: each begins with its
 * length (two bytes) and what the device says about it (one byte).
 */
#include <kernel/udp.h>
#include "../../kernel/net/stack.h"
#include "fake_netdev.h"
#include "fuzz.h"
#include "net_frames.h"

#define PORT 4000

enum about {
	ABOUT_SEAL = BIT(0),	  /* make IP's and ICMP's checksums right */
	ABOUT_VERIFIED = BIT(1),  /* nobody looks at UDP's */
	ABOUT_SEGMENTS = BIT(2),  /* several datagrams */
	ABOUT_FRAGMENTS = BIT(3), /* the device's, in memory */
	ABOUT_WAIT = BIT(4),	  /* time passes before it */
};

static struct fake_netdev fake;

static void seal(u8 *bytes, unsigned length)
{
	struct frame *frame = (void *)bytes;
	unsigned payload = length - FRAME_UDP;

	if (be16_to_cpu(frame->ethernet.type) != ETHERTYPE_IPV4)
		return;
	frame_seal_ip(frame);
	if (frame->ip.protocol != IPV4_PROTOCOL_ICMP || payload < 8)
		return;
	frame->icmp.checksum = 0;
	frame->icmp.checksum =
		checksum_finish(checksum_add(0, &frame->icmp, payload));
}

static struct packet *make_packet(u8 about, const u8 *data, unsigned length)
{
	unsigned head = length, quarter = length / 4;
	struct packet *packet;
	u8 *copy = malloc(length + 1);

	memcpy(copy, data, length);
	if ((about & ABOUT_SEAL) && length >= FRAME_UDP)
		seal(copy, length);
	if ((about & ABOUT_FRAGMENTS) && quarter)
		head = quarter;
	packet = fake_packet(copy, head);
	while (head < length) {
		unsigned part = MIN(length - head, quarter);

		fake_fragment(packet, copy + head, part);
		head += part;
	}
	if (about & ABOUT_VERIFIED)
		packet->checksum = PACKET_CHECKSUM_VERIFIED;
	if (about & ABOUT_SEGMENTS) {
		packet->segmentation = PACKET_GSO_UDP_L4;
		packet->segment_size = about >> 5;
	}
	free(copy);
	return packet;
}

static void inject(const u8 *data, size_t size)
{
	while (size > 3) {
		unsigned length = (unsigned)(data[0] << 8 | data[1]);
		u8 about = data[2];

		data += 3;
		size -= 3;
		length = (unsigned)MIN(length, size);
		if (about & ABOUT_WAIT)
			fake_net_pass(NSEC_PER_SEC);
		fake_receive(&fake, make_packet(about, data, length));
		fake_net_run();
		fake_clear_sent(&fake);
		data += length;
		size -= length;
	}
}

static void read_all(struct udp_socket *socket)
{
	static u8 data[70000];
	struct udp_endpoint from;
	long length;

	while ((length = udp_receive(socket, &from, data, sizeof(data), 0)) >=
		       0 ||
	       length == -ECONNREFUSED)
		for (long i = 0; i < length; i++)
			fuzz_sum += data[i];
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct udp_endpoint local = { 0, PORT }, peer = { PEER_ADDRESS, 7 };
	struct udp_socket *socket = udp_open(), *other = udp_open();

	fake_netdev_init(&fake);
	fake.net.features = NET_LARGE_RX;
	if (net_device_register(&fake.net) || net_open(&fake.net) ||
	    interface_set_address(&fake.net, OWN_ADDRESS, 24) ||
	    vlan_create(&fake.net, "vlan5", 5) || net_open(net_find("vlan5")) ||
	    udp_bind(socket, &local) || udp_connect(other, &peer))
		abort();
	(void)udp_send(other, NULL, "x", 1);
	inject(data, size);
	read_all(socket);
	read_all(other);
	udp_close(socket);
	udp_close(other);
	fake_clear_sent(&fake);
	net_device_unregister(&fake.net);
	if (net_first() || reassembly_count())
		abort();
	packet_trim();
	return 0;
}
