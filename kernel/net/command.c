/* SPDX-License-Identifier: BSD-2-Clause */
#include "command.h"
#include "dns.h"
#include <kernel/console.h>
#include <kernel/errno.h>
#include <kernel/shell.h>
#include <kernel/string.h>
#include <kernel/time.h>

/* Ends a command that goes on: Ctrl-C and Ctrl-D. */
#define KEY_INTERRUPT 3
#define KEY_END	      4

struct net_device *command_device(const char *command, const char *name)
{
	struct net_device *net = net_get(name);

	if (!net)
		console_printf("%s: there is no device %s\n", command, name);
	return net;
}

static const char *describe(int err)
{
	switch (err) {
	case -ENODATA: return "no name server is configured";
	case -ENOENT: return "not found";
	case -ENETUNREACH: return "network is unreachable";
	case -EHOSTUNREACH: return "the address is being asked for: try again";
	case -ENETDOWN: return "the device is down, or has no link";
	case -ENOBUFS: return "the device is too busy";
	case -ETIMEDOUT: return "no answer in time";
	case -ENOMEM: return "out of memory";
	case -EEXIST: return "exists already";
	case -EMSGSIZE: return "too long";
	case -EADDRINUSE: return "the port is in use";
	case -EADDRNOTAVAIL: return "not an address of this machine";
	case -ENOSPC: return "there is no room for more";
	case -EOPNOTSUPP: return "the device cannot do that";
	case -ECONNREFUSED: return "connection refused";
	case -EBUSY: return "the device is up: set it down first";
	default: return NULL;
	}
}

int command_result(const char *command, int err)
{
	const char *text = describe(err);

	/* The shell itself says what it is given. */
	if (err && text)
		console_printf("%s: %s\n", command, text);
	return err;
}

int command_resolve(const char *command, const char *name, u32 *address)
{
	int err = dns_resolve(name, address);

	if (!err)
		return 0;
	console_printf("%s: %s: ", command, name);
	if (describe(err))
		console_printf("%s\n", describe(err));
	else
		console_printf("not a name (error %d)\n", err);
	/* Not one for the usage line. */
	return err == -EINVAL ? -ENOENT : err;
}

int command_number(const char *text, u64 max, u64 *value)
{
	if (!text || kstrtou64(text, 10, value) || *value > max)
		return -EINVAL;
	return 0;
}

int command_seconds(const char *text, u64 *ns)
{
	u64 whole = 0, scale = NSEC_PER_SEC, fraction = 0;
	const char *at = text;

	if (!text || !*text)
		return -EINVAL;
	for (; *at >= '0' && *at <= '9' && whole < 100000; at++)
		whole = whole * 10 + (u64)(*at - '0');
	if (*at == '.') {
		for (at++; *at >= '0' && *at <= '9' && scale > 1; at++) {
			scale /= 10;
			fraction += (u64)(*at - '0') * scale;
		}
	}
	*ns = whole * NSEC_PER_SEC + fraction;
	return *at ? -EINVAL : 0;
}

bool command_interrupted(void)
{
	int c;

	while ((c = console_getc()) >= 0)
		if (c == KEY_INTERRUPT || c == KEY_END)
			return true;
	return false;
}

static int ip_command(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(int argc, char **argv);
	} objects[] = { { "address", ip_address },
			{ "route", ip_route },
			{ "neighbour", ip_neighbour },
			{ "neighbor", ip_neighbour } };
	bool statistics = argc > 1 && !strcmp(argv[1], "-s");

	argc -= statistics;
	argv += statistics;
	if (argc < 2)
		return -EINVAL;
	/* Any beginning of the name does, as with Linux's. */
	if (str_has_prefix("link", argv[1]))
		return ip_link(argc - 2, argv + 2, statistics);
	for (unsigned i = 0; i < ARRAY_SIZE(objects); i++)
		if (str_has_prefix(objects[i].name, argv[1]))
			return objects[i].run(argc - 2, argv + 2);
	return -EINVAL;
}

static const char *ip_words(unsigned n)
{
	static const char *const words[] = { "address", "link", "neighbour",
					     "route",	"add",	"del",
					     "set",	"show", NULL };

	return words[MIN(n, ARRAY_SIZE(words) - 1)];
}
SHELL_COMMAND_COMPLETE(
	ip,
	"[-s] link|address|route|neighbour [show|set|add|del ...] (docs/net.md)",
	"Show and configure network devices, addresses and routes", ip_command,
	ip_words);

static const char *const drop_names[NET_DROPS] = {
	[NET_DROP_SHORT] = "InTruncated",
	[NET_DROP_OTHER] = "InOtherHost",
	[NET_DROP_PROTOCOL] = "InUnknownProtos",
	[NET_DROP_VLAN] = "InUnknownVlan",
	[NET_DROP_HEADER] = "InHdrErrors",
	[NET_DROP_CHECKSUM] = "InCsumErrors",
	[NET_DROP_MARTIAN] = "InMartians",
	[NET_DROP_FRAGMENT] = "ReasmFails",
	[NET_DROP_PORT] = "UdpNoPorts",
	[NET_DROP_QUEUE] = "QueueErrors",
	[NET_DROP_ARP] = "ArpErrors",
	[NET_DROP_NEIGHBOUR] = "NeighbourFails",
	[NET_DROP_MEMORY] = "NoMemory",
	[NET_DROP_RATE] = "IcmpOutRateLimited",
};

static int nstat_command(int argc, char **argv __unused)
{
	if (argc != 1)
		return -EINVAL;
	for (unsigned i = 0; i < NET_DROPS; i++)
		console_printf("%-24s %llu\n", drop_names[i],
			       (unsigned long long)net_drop_count(i));
	return 0;
}
SHELL_COMMAND(nstat, "", "Show how many packets were dropped, and why",
	      nstat_command);

static int host_command(int argc, char **argv)
{
	char text[IPV4_TEXT_MAX];
	u32 address;
	int err;

	if (argc != 2)
		return -EINVAL;
	err = command_resolve("host", argv[1], &address);
	if (!err)
		console_printf("%s has address %s\n", argv[1],
			       ipv4_text(address, text));
	return err;
}
SHELL_COMMAND(host, "NAME", "Look up the address of a machine", host_command);
