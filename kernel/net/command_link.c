/* SPDX-License-Identifier: BSD-2-Clause */
/* `ip link`: devices. */
#include "command.h"
#include "dhcp.h"
#include <kernel/console.h>
#include <kernel/errno.h>
#include <kernel/string.h>

static void print_counters(const char *name, const struct net_counters *c)
{
	console_printf("    %s: %llu packets, %llu bytes, %llu dropped, "
		       "%llu errors\n",
		       name, (unsigned long long)c->packets,
		       (unsigned long long)c->bytes,
		       (unsigned long long)c->dropped,
		       (unsigned long long)c->errors);
}

static void add_counters(struct net_counters *sum, const struct net_counters *c)
{
	sum->packets += c->packets;
	sum->bytes += c->bytes;
	sum->dropped += c->dropped;
	sum->errors += c->errors;
}

static void print_statistics(struct net_device *net)
{
	struct net_counters rx = { 0 }, tx = { 0 };
	struct net_costs costs = { 0 }, sum = { 0 };

	for (unsigned i = 0; i < net->pairs; i++) {
		add_counters(&rx, &net->pair[i].rx);
		add_counters(&tx, &net->pair[i].tx);
		if (net->ops->get_costs && net_is_open(net))
			net->ops->get_costs(&net->pair[i], &costs);
		sum.notifications += costs.notifications;
		sum.interrupts += costs.interrupts;
	}
	print_counters("RX", &rx);
	print_counters("TX", &tx);
	if (net->ops->get_costs)
		console_printf("    %llu notifications, %llu interrupts\n",
			       (unsigned long long)sum.notifications,
			       (unsigned long long)sum.interrupts);
}

static void print_link(struct net_device *net, bool statistics)
{
	const struct net_interface *interface = net->interface;
	bool up = net_is_open(net);
	char mac[MAC_TEXT_MAX];

	console_printf("%s%s%s: <%s%s%s> mtu %u state %s", net->name,
		       interface->parent ? "@" : "",
		       interface->parent ? interface->parent->name : "",
		       interface->loopback ? "LOOPBACK" : "BROADCAST",
		       up ? ",UP" : "", up && net->link ? ",LOWER_UP" : "",
		       net->mtu,
		       !up	   ? "DOWN"
		       : net->link ? "UP"
				   : "NO-CARRIER");
	if (net->speed)
		console_printf(" speed %u", net->speed);
	if (net->pairs > 1)
		console_printf(" queues %u", net->pairs);
	console_printf("\n    link/%s %s\n",
		       interface->loopback ? "loopback" : "ether",
		       mac_text(net->address, mac));
	if (statistics)
		print_statistics(net);
}

/* All, or the one named. */
static int show(const char *name, bool statistics)
{
	bool found = !name;

	mutex_lock(&net_config);
	for (struct net_device *net = net_first(); net; net = net->next) {
		if (name && strcmp(net->name, name))
			continue;
		print_link(net, statistics);
		found = true;
	}
	mutex_unlock(&net_config);
	if (!found)
		console_printf("ip: there is no device %s\n", name);
	return found ? 0 : -ENODEV;
}

static int set_down(struct net_device *net)
{
	dhcp_stop(net);
	mutex_lock(&net_config);
	net_close(net);
	neighbour_forget(net);
	mutex_unlock(&net_config);
	return 0;
}

static int set_up(struct net_device *net)
{
	int err;

	mutex_lock(&net_config);
	err = net_open(net);
	mutex_unlock(&net_config);
	return err;
}

static int set_mtu_locked(struct net_device *net, u64 mtu)
{
	int err = 0;

	if (mtu < NET_MTU_MIN || mtu > net->mtu_max)
		return -EINVAL;
	if (net->ops->set_mtu)
		err = net->ops->set_mtu(net, (unsigned)mtu);
	if (err)
		return err;
	net->mtu = (u16)mtu;
	net_changed();
	return 0;
}

static int set_mtu(struct net_device *net, const char *text)
{
	u64 mtu;
	int err = command_number(text, NET_MTU_MAX, &mtu);

	if (err)
		return err;
	mutex_lock(&net_config);
	err = set_mtu_locked(net, mtu);
	mutex_unlock(&net_config);
	if (err == -EINVAL)
		console_printf("ip: %s takes an mtu of %u to %u\n", net->name,
			       NET_MTU_MIN, net->mtu_max);
	return err == -EINVAL ? -ERANGE : err;
}

static int set_address_locked(struct net_device *net, const u8 *address)
{
	int err;

	if (!net->ops->set_address)
		return -EOPNOTSUPP;
	err = net->ops->set_address(net, address);
	if (err)
		return err;
	memcpy(net->address, address, ETH_ADDRESS_LENGTH);
	net_changed();
	work_queue(&net->interface->announce);
	return 0;
}

static int set_address(struct net_device *net, const char *text)
{
	u8 address[ETH_ADDRESS_LENGTH];
	int err = text ? mac_parse(text, address) : -EINVAL;

	/* One that is a group's cannot send. */
	if (err || (address[0] & 1))
		return -EINVAL;
	mutex_lock(&net_config);
	err = set_address_locked(net, address);
	mutex_unlock(&net_config);
	return err;
}

static int set_promiscuous(struct net_device *net, const char *text)
{
	struct net_filter filter = { 0 };
	int err = -EOPNOTSUPP;

	if (!text || (strcmp(text, "on") && strcmp(text, "off")))
		return -EINVAL;
	if (!strcmp(text, "on"))
		filter.modes = NET_RX_PROMISCUOUS;
	mutex_lock(&net_config);
	if (net->ops->set_filter && net_is_open(net))
		err = net->ops->set_filter(net, &filter);
	mutex_unlock(&net_config);
	return err;
}

static int set_one(struct net_device *net, const char *what, const char *value)
{
	if (!strcmp(what, "up") && !value)
		return set_up(net);
	if (!strcmp(what, "down") && !value)
		return set_down(net);
	if (!strcmp(what, "mtu"))
		return set_mtu(net, value);
	if (!strcmp(what, "address"))
		return set_address(net, value);
	if (!strcmp(what, "promisc"))
		return set_promiscuous(net, value);
	return -EINVAL;
}

static int set(int argc, char **argv)
{
	struct net_device *net;
	int err;

	/* "dev" may be left out. */
	if (argc && !strcmp(argv[0], "dev")) {
		argc--;
		argv++;
	}
	if (argc < 2 || argc > 3)
		return -EINVAL;
	net = command_device("ip", argv[0]);
	if (!net)
		return -ENODEV;
	err = set_one(net, argv[1], argc == 3 ? argv[2] : NULL);
	net_put(net);
	return err;
}

/* "link PARENT name NAME type vlan id N", in Linux's order. */
static int add(int argc, char **argv)
{
	static const char *const words[] = { "link", NULL,   "name", NULL,
					     "type", "vlan", "id",   NULL };
	struct net_device *parent;
	u64 vlan;
	int err;

	if (argc != ARRAY_SIZE(words) ||
	    command_number(argv[7], VLAN_ID_LAST, &vlan))
		return -EINVAL;
	for (unsigned i = 0; i < ARRAY_SIZE(words); i++)
		if (words[i] && strcmp(argv[i], words[i]) != 0)
			return -EINVAL;
	parent = command_device("ip", argv[1]);
	if (!parent)
		return -ENODEV;
	err = vlan_create(parent, argv[3], (u16)vlan);
	net_put(parent);
	return err;
}

static int del(int argc, char **argv)
{
	int err;

	if (argc != 1)
		return -EINVAL;
	err = vlan_remove(argv[0]);
	if (err == -ENODEV)
		console_printf("ip: there is no device %s\n", argv[0]);
	return err;
}

int ip_link(int argc, char **argv, bool statistics)
{
	const char *verb = argc ? argv[0] : "show";
	int err;

	if (!strcmp(verb, "show"))
		return argc > 2 ? -EINVAL
				: show(argc == 2 ? argv[1] : NULL, statistics);
	if (!strcmp(verb, "set"))
		err = set(argc - 1, argv + 1);
	else if (!strcmp(verb, "add"))
		err = add(argc - 1, argv + 1);
	else if (!strcmp(verb, "del") || !strcmp(verb, "delete"))
		err = del(argc - 1, argv + 1);
	else
		return -EINVAL;
	/* Those two have had their message. */
	return err == -ENODEV || err == -ERANGE ? err
						: command_result("ip", err);
}
