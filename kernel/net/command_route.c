/* SPDX-License-Identifier: BSD-2-Clause */
/* `ip address`, `ip route` and `ip neighbour`. */
#include "command.h"
#include <kernel/console.h>
#include <kernel/errno.h>
#include <kernel/string.h>

static void print_address(const struct net_device *net)
{
	const struct net_interface *interface = net->interface;
	char text[IPV4_TEXT_MAX];

	console_printf("%s: %s\n", net->name, net_is_open(net) ? "UP" : "DOWN");
	if (interface->address)
		console_printf("    inet %s/%u%s\n",
			       ipv4_text(interface->address, text),
			       mask_prefix(interface->mask),
			       interface->dhcp ? " dynamic" : "");
	for (unsigned i = 0; i < interface->dns_count; i++)
		console_printf("    nameserver %s\n",
			       ipv4_text(interface->dns[i], text));
}

static int show_addresses(const char *name)
{
	mutex_lock(&net_config);
	for (struct net_device *net = net_first(); net; net = net->next)
		if (!name || !strcmp(net->name, name))
			print_address(net);
	mutex_unlock(&net_config);
	return 0;
}

static bool is_host_address(u32 address, unsigned prefix)
{
	u32 mask = prefix_mask(prefix);

	if (!address || is_multicast(address) || address >> 28 == 0xf)
		return false;
	return prefix >= 31 || ((address & ~mask) && (~address & ~mask));
}

/* One address for each device: another one takes its place when it is gone. */
static int change_address(struct net_device *net, u32 address, unsigned prefix,
			  bool add)
{
	struct net_interface *interface = net->interface;
	int err;

	mutex_lock(&net_config);
	if (interface->dhcp || (add && interface->address))
		err = -EEXIST;
	else if (!add && interface->address != address)
		err = -EADDRNOTAVAIL;
	else
		err = interface_set_address(net, add ? address : 0, prefix);
	mutex_unlock(&net_config);
	return err;
}

/* "ADDRESS/PREFIX dev DEVICE" */
static int edit_address(int argc, char **argv, bool add)
{
	struct net_device *net;
	unsigned prefix;
	u32 address;
	int err;

	if (argc != 3 || strcmp(argv[1], "dev") != 0 ||
	    ipv4_parse_prefix(argv[0], &address, &prefix) ||
	    !is_host_address(address, prefix))
		return -EINVAL;
	net = command_device("ip", argv[2]);
	if (!net)
		return -ENODEV;
	err = change_address(net, address, prefix, add);
	net_put(net);
	return command_result("ip", err);
}

int ip_address(int argc, char **argv)
{
	if (!argc || !strcmp(argv[0], "show"))
		return argc > 2 ? -EINVAL
				: show_addresses(argc == 2 ? argv[1] : NULL);
	if (!strcmp(argv[0], "add"))
		return edit_address(argc - 1, argv + 1, true);
	if (!strcmp(argv[0], "del"))
		return edit_address(argc - 1, argv + 1, false);
	return -EINVAL;
}

static int show_routes(void)
{
	char text[IPV4_TEXT_MAX];
	struct route route;

	mutex_lock(&net_config);
	for (unsigned n = 0; route_get(n, &route); n++) {
		if (route.mask)
			console_printf("%s/%u",
				       ipv4_text(route.destination, text),
				       mask_prefix(route.mask));
		else
			console_puts("default");
		if (route.gateway)
			console_printf(" via %s",
				       ipv4_text(route.gateway, text));
		console_printf(" dev %s", route.device->name);
		if (route.metric)
			console_printf(" metric %u", route.metric);
		console_puts("\n");
	}
	mutex_unlock(&net_config);
	return 0;
}

/* "default" or "NETWORK/PREFIX". */
static int parse_destination(const char *text, struct route *route)
{
	unsigned prefix = 0;

	if (strcmp(text, "default") != 0 &&
	    ipv4_parse_prefix(text, &route->destination, &prefix))
		return -EINVAL;
	route->mask = prefix_mask(prefix);
	return route->destination & ~route->mask ? -EINVAL : 0;
}

/* A word and its value, behind the destination. */
static int parse_option(const char *word, const char *value,
			struct route *route)
{
	u64 number;
	int err;

	if (!strcmp(word, "via"))
		return ipv4_parse(value, &route->gateway);
	if (!strcmp(word, "dev") && !route->device) {
		route->device = command_device("ip", value);
		return route->device ? 0 : -ENODEV;
	}
	if (strcmp(word, "metric") != 0)
		return -EINVAL;
	err = command_number(value, UINT32_MAX, &number);
	if (!err)
		route->metric = (u32)number;
	return err;
}

/* Without a device it is the one that leads to the gateway; net_get() it. */
static int find_device(struct route *route)
{
	struct route_result result;
	char name[NET_NAME_MAX];
	int err;

	if (route->device)
		return 0;
	if (!route->gateway)
		return -EINVAL;
	preempt_disable();
	err = route_lookup(route->gateway, &result);
	if (!err)
		strscpy(name, result.device->name, sizeof(name));
	preempt_enable();
	if (err)
		return err;
	route->device = net_get(name);
	return route->device ? 0 : -ENETUNREACH;
}

/* One default route for each device. */
static int edit_route(struct route *route, bool add)
{
	struct route same = { .device = route->device };
	int err;

	mutex_lock(&net_config);
	if (add && !route->mask && !route_remove(&same))
		console_printf("ip: the default route by %s is replaced\n",
			       route->device->name);
	err = add ? route_add(route) : route_remove(route);
	mutex_unlock(&net_config);
	return err;
}

static int parse_options(int argc, char **argv, struct route *route)
{
	int err = 0;

	for (int i = 0; i < argc && !err; i += 2)
		err = parse_option(argv[i], argv[i + 1], route);
	return err;
}

int ip_route(int argc, char **argv)
{
	struct route route = { 0 };
	bool add = argc && !strcmp(argv[0], "add");
	int err;

	if (!argc || (argc == 1 && !strcmp(argv[0], "show")))
		return show_routes();
	if ((!add && strcmp(argv[0], "del") != 0) || argc % 2 ||
	    parse_destination(argv[1], &route))
		return -EINVAL;
	err = parse_options(argc - 2, argv + 2, &route);
	if (!err)
		err = find_device(&route);
	if (!err)
		err = edit_route(&route, add);
	if (route.device)
		net_put(route.device);
	return command_result("ip", err);
}

static const char *const states[] = {
	[NEIGHBOUR_INCOMPLETE] = "INCOMPLETE",
	[NEIGHBOUR_REACHABLE] = "REACHABLE",
	[NEIGHBOUR_STALE] = "STALE",
	[NEIGHBOUR_PROBE] = "PROBE",
};

static int show_neighbours(void)
{
	char text[IPV4_TEXT_MAX], mac[MAC_TEXT_MAX];
	struct neighbour_info info;

	mutex_lock(&net_config);
	for (unsigned n = 0; neighbour_get(n, &info); n++)
		console_printf("%s dev %s lladdr %s %s\n",
			       ipv4_text(info.address, text), info.device->name,
			       mac_text(info.hardware, mac),
			       states[info.state]);
	mutex_unlock(&net_config);
	return 0;
}

int ip_neighbour(int argc, char **argv)
{
	if (!argc || (argc == 1 && !strcmp(argv[0], "show")))
		return show_neighbours();
	if (argc != 1 || strcmp(argv[0], "flush") != 0)
		return -EINVAL;
	mutex_lock(&net_config);
	for (struct net_device *net = net_first(); net; net = net->next)
		neighbour_forget(net);
	mutex_unlock(&net_config);
	return 0;
}
