/* SPDX-License-Identifier: BSD-2-Clause */
/* Ways to other machines, as sockets keep them. */
#include "udp.h"
#include "checksum.h"
#include <kernel/atomic.h>
#include <kernel/errno.h>
#include <kernel/string.h>

static void fill_header(struct udp_path *path, u32 source, u16 port)
{
	struct ipv4_header *ip = &path->header.ip;

	memcpy(path->header.ethernet.source, path->device->address,
	       ETH_ADDRESS_LENGTH);
	path->header.ethernet.type = cpu_to_be16(ETHERTYPE_IPV4);
	*ip = (struct ipv4_header){
		.version_length = IPV4_VERSION_5,
		.ttl = IPV4_TTL_DEFAULT,
		.protocol = IPV4_PROTOCOL_UDP,
		.source = cpu_to_be32(source),
		.destination = cpu_to_be32(path->destination),
	};
	path->header.udp.source = cpu_to_be16(port);
	path->header.udp.destination = cpu_to_be16(path->port);
}

void udp_path_set_length(struct udp_path *path, u32 length)
{
	struct ipv4_header *ip = &path->header.ip;
	u16 datagram = (u16)(length + sizeof(struct udp_header));

	ip->total_length = cpu_to_be16((u16)(datagram + sizeof(*ip)));
	ip->identification = 0;
	ip->checksum = 0;
	path->ip_sum = checksum_fold(checksum_add(0, ip, sizeof(*ip)));
	path->header.udp.length = cpu_to_be16(datagram);
	/* Who completes the checksum begins with this. */
	path->header.udp.checksum =
		checksum_fold(checksum_pseudo(be32_to_cpu(ip->source),
					      be32_to_cpu(ip->destination),
					      IPV4_PROTOCOL_UDP, datagram));
	path->length = length;
}

/* By a certain device: without routes nothing but broadcasts is possible. */
static int find_by_device(struct net_device *net, u32 destination,
			  struct route_result *route)
{
	if (!net_is_open(net))
		return -ENETDOWN;
	*route = (struct route_result){
		.device = net,
		.source = READ_ONCE(net->interface->address),
		.next_hop = destination,
		.broadcast =
			interface_is_broadcast(net->interface, destination),
	};
	return 0;
}

static int find_route(const struct udp_socket *socket, u32 destination,
		      struct route_result *route)
{
	struct net_device *net = READ_ONCE(socket->device);
	int err = route_lookup(destination, route);

	if (net && (err || route->device != net))
		return find_by_device(net, destination, route);
	return err;
}

int udp_path_find(struct udp_socket *socket, u32 destination, u16 port)
{
	struct udp_path *path = &socket->path;
	/* Before what it stands for is looked at. */
	u32 generation = atomic_load_acquire(&net_generation);
	u8 *hardware = path->header.ethernet.destination;
	struct route_result route;
	int err = find_route(socket, destination, &route);

	path->port = 0;
	if (err)
		return err;
	path->destination = destination;
	path->port = port;
	path->device = route.device;
	path->next_hop = route.next_hop;
	path->room = route.device->mtu - sizeof(struct ipv4_header) -
		     sizeof(struct udp_header);
	fill_header(path, socket->address ? socket->address : route.source,
		    socket->port);
	udp_path_set_length(path, 0);
	if (route.broadcast) {
		memcpy(hardware, ethernet_broadcast, ETH_ADDRESS_LENGTH);
		path->resolved = true;
	} else {
		path->resolved =
			neighbour_find(route.device, route.next_hop, hardware);
	}
	path->generation = generation;
	return 0;
}
