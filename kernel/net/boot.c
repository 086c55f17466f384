/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The boot parameter ip=, as Linux has it:
 *
 *	ip=dhcp | ip=off
 *	ip=CLIENT:SERVER:GATEWAY:MASK:HOSTNAME:DEVICE:AUTOCONF:DNS0:DNS1
 *
 * and dracut's ip=DEVICE:dhcp. It is done to each device when that is
 * registered, in the background: the boot does not wait for it.
 */
#define pr_fmt(fmt) "ip: " fmt

#include "boot.h"
#include "dhcp.h"
#include "text.h"
#include <kernel/errno.h>
#include <kernel/param.h>
#include <kernel/printk.h>
#include <kernel/string.h>

#define FIELDS_MAX 10
#define FIELD_MAX  64

enum field {
	FIELD_CLIENT,
	FIELD_SERVER,
	FIELD_GATEWAY,
	FIELD_MASK,
	FIELD_HOSTNAME,
	FIELD_DEVICE,
	FIELD_AUTOCONF,
	FIELD_DNS0,
	FIELD_DNS1,
};

static struct {
	bool wanted, dhcp;
	u32 client, gateway, mask, dns[2];
	char device[NET_NAME_MAX]; /* "": any */
} config;

/* Cut at colons. How many fields, or -EINVAL. */
static int split(const char *text, char fields[][FIELD_MAX])
{
	int n = 0;

	for (;;) {
		const char *colon = strchr(text, ':');
		size_t length = colon ? (size_t)(colon - text) : strlen(text);

		if (n == FIELDS_MAX || length >= FIELD_MAX)
			return -EINVAL;
		memcpy(fields[n], text, length);
		fields[n++][length] = 0;
		if (!colon)
			return n;
		text = colon + 1;
	}
}

static bool means_dhcp(const char *word)
{
	return !strcmp(word, "dhcp") || !strcmp(word, "on") ||
	       !strcmp(word, "any");
}

static bool means_static(const char *word)
{
	return !*word || !strcmp(word, "off") || !strcmp(word, "none");
}

static int take_address(const char *text, u32 *address)
{
	*address = 0;
	return *text ? ipv4_parse(text, address) : 0;
}

static int take_device(const char *text)
{
	return strscpy(config.device, text, sizeof(config.device)) < 0 ? -EINVAL
								       : 0;
}

/* What Linux takes where no mask is given: that of the address's class. */
static u32 class_mask(u32 address)
{
	if (!(address >> 31))
		return prefix_mask(8);
	return prefix_mask(address >> 30 == 2 ? 16 : 24);
}

static int take_fields(char fields[][FIELD_MAX])
{
	bool dhcp = means_dhcp(fields[FIELD_AUTOCONF]);

	if ((!dhcp && !means_static(fields[FIELD_AUTOCONF])) ||
	    take_address(fields[FIELD_CLIENT], &config.client) ||
	    take_address(fields[FIELD_GATEWAY], &config.gateway) ||
	    take_address(fields[FIELD_MASK], &config.mask) ||
	    take_address(fields[FIELD_DNS0], &config.dns[0]) ||
	    take_address(fields[FIELD_DNS1], &config.dns[1]) ||
	    take_device(fields[FIELD_DEVICE]))
		return -EINVAL;
	/* Ones, then zeros. */
	if (~config.mask & (~config.mask + 1))
		return -EINVAL;
	if (!config.mask)
		config.mask = class_mask(config.client);
	/* As in Linux: without an address it is asked for. */
	config.dhcp = dhcp || !config.client;
	config.wanted = true;
	return 0;
}

static int set_ip(const struct param *p __unused, const char *value)
{
	static char fields[FIELDS_MAX][FIELD_MAX];
	int n;

	memset(&config, 0, sizeof(config));
	memset(fields, 0, sizeof(fields));
	if (!value)
		return -EINVAL;
	n = split(value, fields);
	if (n < 0)
		return n;
	if (n == 1 && means_static(fields[0]) && *value)
		return 0;
	if (n == 1 && means_dhcp(fields[0])) {
		config.wanted = config.dhcp = true;
		return 0;
	}
	if (n == 2 && means_dhcp(fields[1])) {
		config.wanted = config.dhcp = true;
		return take_device(fields[0]);
	}
	return n == 1 && ipv4_parse(fields[0], &config.client)
		       ? -EINVAL
		       : take_fields(fields);
}
__param(ip, "ip", "network: dhcp, off, or client::gateway:mask::device:off",
	set_ip, NULL, false);

static int configure_static(struct net_device *net)
{
	struct route route = { .gateway = config.gateway, .device = net };
	struct net_interface *interface = net->interface;
	int err = net_open(net);

	if (!err)
		err = interface_set_address(net, config.client,
					    mask_prefix(config.mask));
	if (!err && config.gateway)
		err = route_add(&route);
	for (unsigned i = 0; i < ARRAY_SIZE(config.dns) && !err; i++)
		if (config.dns[i])
			interface->dns[interface->dns_count++] = config.dns[i];
	return err;
}

static void configure(struct work *work)
{
	struct net_device *net =
		container_of(work, struct net_interface, boot)->device;
	int err;

	if (config.dhcp) {
		err = dhcp_start(net);
	} else {
		mutex_lock(&net_config);
		err = configure_static(net);
		mutex_unlock(&net_config);
	}
	if (err)
		pr_err("%s cannot be configured: error %d\n", net->name, err);
}

void net_boot_configure(struct net_device *net)
{
	static bool done;

	if (!config.wanted || net->interface->loopback ||
	    (*config.device && strcmp(net->name, config.device) != 0))
		return;
	/* One address is one device's: the first one's. */
	if (!config.dhcp && atomic_xchg(&done, true))
		return;
	net->interface->boot.fn = configure;
	work_queue(&net->interface->boot);
}
