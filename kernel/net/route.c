/* SPDX-License-Identifier: BSD-2-Clause */
/* Where packets go: a short table, in no order. */
#include "stack.h"
#include <kernel/errno.h>

static struct {
	struct spinlock lock;
	unsigned count;
	struct route routes[ROUTES_MAX];
} table;

/* True if @a should be taken rather than @b, both of which fit. */
static bool is_better(const struct route *a, const struct route *b)
{
	return a->mask != b->mask ? a->mask > b->mask : a->metric < b->metric;
}

static bool find_best(u32 destination, struct route *best)
{
	bool found = false;

	spin_lock(&table.lock);
	for (unsigned i = 0; i < table.count; i++) {
		const struct route *it = &table.routes[i];

		if ((destination & it->mask) != it->destination ||
		    !net_is_open(it->device) || (found && !is_better(it, best)))
			continue;
		*best = *it;
		found = true;
	}
	spin_unlock(&table.lock);
	return found;
}

/* What this machine sends to itself. */
static int route_local(u32 destination, struct route_result *result)
{
	struct net_device *net = net_first();

	while (net && !net->interface->loopback)
		net = net->next;
	if (!net || !net_is_open(net))
		return -ENETDOWN;
	*result = (struct route_result){ .device = net,
					 .source = destination,
					 .next_hop = destination };
	return 0;
}

int route_lookup(u32 destination, struct route_result *result)
{
	struct net_interface *interface;
	struct route route;

	if (is_loopback(destination) || interface_of_address(destination))
		return route_local(destination, result);
	if (!find_best(destination, &route))
		return -ENETUNREACH;
	interface = route.device->interface;
	result->device = route.device;
	result->source = READ_ONCE(interface->address);
	result->next_hop = route.gateway ? route.gateway : destination;
	result->broadcast = interface_is_broadcast(interface, destination);
	return is_multicast(destination) ? -ENETUNREACH : 0;
}

static struct route *find_equal(const struct route *route)
{
	for (unsigned i = 0; i < table.count; i++) {
		struct route *it = &table.routes[i];

		if (it->destination == route->destination &&
		    it->mask == route->mask && it->device == route->device &&
		    (!route->gateway || it->gateway == route->gateway))
			return it;
	}
	return NULL;
}

int route_add(const struct route *route)
{
	int err = 0;

	spin_lock(&table.lock);
	if (find_equal(route))
		err = -EEXIST;
	else if (table.count == ROUTES_MAX)
		err = -ENOSPC;
	else
		table.routes[table.count++] = *route;
	spin_unlock(&table.lock);
	net_changed();
	return err;
}

int route_remove(const struct route *route)
{
	struct route *found;

	spin_lock(&table.lock);
	found = find_equal(route);
	if (found)
		*found = table.routes[--table.count];
	spin_unlock(&table.lock);
	net_changed();
	return found ? 0 : -ENOENT;
}

void route_remove_device(const struct net_device *net)
{
	spin_lock(&table.lock);
	for (unsigned i = 0; i < table.count;) {
		if (table.routes[i].device == net)
			table.routes[i] = table.routes[--table.count];
		else
			i++;
	}
	spin_unlock(&table.lock);
	net_changed();
}

bool route_get(unsigned n, struct route *route)
{
	bool found;

	spin_lock(&table.lock);
	found = n < table.count;
	if (found)
		*route = table.routes[n];
	spin_unlock(&table.lock);
	return found;
}
