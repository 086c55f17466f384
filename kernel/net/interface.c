/* SPDX-License-Identifier: BSD-2-Clause */
/* IPv4's side of a device: its address. */
#include "stack.h"
#include <kernel/atomic.h>
#include <kernel/errno.h>
#include <kernel/mm/slab.h>

bool interface_is_broadcast(const struct net_interface *interface, u32 address)
{
	u32 own = READ_ONCE(interface->address);
	u32 mask = READ_ONCE(interface->mask);

	if (address == IPV4_BROADCAST)
		return true;
	/* Networks of two or one have none (RFC 3021). */
	return own && ~mask > 1 && address == (own | ~mask);
}

struct net_device *interface_of_address(u32 address)
{
	struct net_device *net = address ? net_first() : NULL;

	while (net && READ_ONCE(net->interface->address) != address)
		net = net->next;
	return net;
}

static int add_network(struct net_device *net, u32 address, u32 mask)
{
	struct route route = { .destination = address & mask,
			       .mask = mask,
			       .device = net };
	int err = route_add(&route);

	return err == -EEXIST ? 0 : err;
}

static void remove_network(struct net_device *net)
{
	const struct net_interface *interface = net->interface;
	struct route route = { .destination =
				       interface->address & interface->mask,
			       .mask = interface->mask,
			       .device = net };

	(void)route_remove(&route);
}

int interface_set_address(struct net_device *net, u32 address, unsigned prefix)
{
	struct net_interface *interface = net->interface;
	u32 mask = prefix_mask(prefix);
	int err = 0;

	if (interface->address == address && interface->mask == mask)
		return 0;
	if (interface->address)
		remove_network(net);
	if (address)
		err = add_network(net, address, mask);
	if (err)
		address = 0;
	WRITE_ONCE(interface->mask, address ? mask : 0);
	WRITE_ONCE(interface->address, address);
	net_changed();
	if (address)
		work_queue(&interface->announce);
	return err;
}

static void announce(struct work *work)
{
	struct net_interface *interface =
		container_of(work, struct net_interface, announce);

	preempt_disable();
	arp_announce(interface->device);
	preempt_enable();
}

int interface_create(struct net_device *net)
{
	struct net_interface *interface = kzalloc(sizeof(*interface));

	if (!interface)
		return -ENOMEM;
	interface->device = net;
	interface->announce.fn = announce;
	interface->loopback = net->features & NET_LOOPBACK;
	net->interface = interface;
	return 0;
}

void interface_leave(struct net_device *net)
{
	interface_set_address(net, 0, 0);
	route_remove_device(net);
	neighbour_forget(net);
}

void interface_destroy(struct net_device *net)
{
	work_cancel(&net->interface->announce);
	kfree(net->interface);
	net->interface = NULL;
}
