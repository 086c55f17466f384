/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * VLANs (802.1Q): a device for each tag on another device, which carries its
 * frames. What is received has no poller of its own: the parent's hands it up.
 */
#include "stack.h"
#include <kernel/errno.h>
#include <kernel/mm/slab.h>
#include <kernel/string.h>

struct net_device *vlan_find(const struct net_device *parent, u16 vlan)
{
	struct net_device *net = net_first();

	while (net && (net->interface->parent != parent ||
		       net->interface->vlan != vlan))
		net = net->next;
	return net && net_is_open(net) ? net : NULL;
}

/* Between the addresses and the type. */
static void push_tag(struct packet *packet, u16 vlan)
{
	size_t before = offsetof(struct ethernet_header, type);
	u8 *frame = packet->data;
	be16 tag[2] = { cpu_to_be16(ETHERTYPE_VLAN), cpu_to_be16(vlan) };

	packet_push(packet, sizeof(struct vlan_tag));
	memmove(packet->data, frame, before);
	memcpy(packet->data + before, tag, sizeof(tag));
	packet->checksum_start += sizeof(struct vlan_tag);
	if (packet->header_length)
		packet->header_length += sizeof(struct vlan_tag);
}

/* Under this device's lock comes the parent's. */
static int vlan_transmit(struct net_pair *pair, struct packet *packet,
			 bool more)
{
	const struct net_interface *interface = pair->device->interface;

	push_tag(packet, interface->vlan);
	if (net_transmit(interface->parent, packet, more)) {
		pair->tx.dropped++;
		packet_free(packet);
	}
	return 0;
}

static void vlan_flush(struct net_pair *pair)
{
	net_transmit_end(pair->device->interface->parent);
}

static unsigned vlan_poll(struct net_pair *pair, unsigned budget)
{
	(void)pair;
	(void)budget;
	return 0;
}

static bool vlan_arm(struct net_pair *pair)
{
	(void)pair;
	return true;
}

static int ask_filter(struct net_device *net, bool wanted)
{
	const struct net_interface *interface = net->interface;
	struct net_device *parent = interface->parent;

	if (!(parent->features & NET_VLAN_FILTER) || !parent->ops->set_vlan)
		return 0;
	return parent->ops->set_vlan(parent, interface->vlan, wanted);
}

static int vlan_open(struct net_device *net)
{
	int err = ask_filter(net, true);

	if (!err)
		/* Its parent's link decides when it sends. */
		net_set_link(net, true, false);
	return err;
}

static void vlan_stop(struct net_device *net)
{
	(void)ask_filter(net, false);
}

static const struct net_device_ops vlan_ops = {
	.open = vlan_open,
	.stop = vlan_stop,
	.transmit = vlan_transmit,
	.flush = vlan_flush,
	.poll = vlan_poll,
	.arm = vlan_arm,
};

/* Under net_config. */
static int check(const struct net_device *parent, const char *name, u16 vlan)
{
	if (!vlan || vlan > VLAN_ID_LAST || !*name ||
	    strlen(name) >= NET_NAME_MAX || parent->interface->parent ||
	    parent->interface->loopback)
		return -EINVAL;
	for (const struct net_device *it = net_first(); it; it = it->next)
		if (it->interface->parent == parent &&
		    it->interface->vlan == vlan)
			return -EEXIST;
	return 0;
}

int vlan_create(struct net_device *parent, const char *name, u16 vlan)
{
	struct net_device *net;
	int err;

	mutex_lock(&net_config);
	err = check(parent, name, vlan);
	mutex_unlock(&net_config);
	if (err)
		return err;
	net = kzalloc(sizeof(*net));
	if (!net)
		return -ENOMEM;
	strscpy(net->name, name, sizeof(net->name));
	net->ops = &vlan_ops;
	net->mtu = net->mtu_max = parent->mtu;
	/* Segmentation behind a tag is not every device's. */
	net->features = parent->features & (NET_TX_CHECKSUM | NET_RX_CHECKSUM);
	net->pairs_max = 1;
	memcpy(net->address, parent->address, ETH_ADDRESS_LENGTH);
	err = net_register(net);
	if (err) {
		kfree(net);
		return err;
	}
	net->interface->vlan = vlan;
	WRITE_ONCE(net->interface->parent, parent);
	return 0;
}

void vlan_destroy(struct net_device *net)
{
	net_unregister(net);
	kfree(net);
}

int vlan_remove(const char *name)
{
	struct net_device *net;
	int err = 0;

	mutex_lock(&net_config);
	net = net_find(name);
	if (net && !net->interface->parent)
		err = -EINVAL;
	else if (!net || !net_begin_leaving(net))
		err = -ENODEV;
	mutex_unlock(&net_config);
	if (!err)
		vlan_destroy(net);
	return err;
}
