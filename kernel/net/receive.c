/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames that came in. */
#include "netdev.h"
#include "packet.h"

void net_receive(struct net_pair *pair, struct packet *packet)
{
	pair->rx.packets++;
	pair->rx.bytes += packet->total;
	packet->device = pair->device;
	pair->rx.dropped++;
	packet_free(packet);
}
