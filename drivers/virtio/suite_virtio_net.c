/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A real network device, below the stack: the suite opens it itself, and asks
 * QEMU's user network who has its gateway's address.
 */
#include <kernel/errno.h>
#include <kernel/sched.h>
#include <kernel/selftest.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include "virtio_net.h"

#define ARP_BYTES     42
#define ARP_TARGET_AT 38
#define ANSWER_MS     2000
#define BATCH	      64
#define POLL_BUDGET   64

/* Who has 10.0.2.2? Tell 10.0.2.15. */
static const u8 arp_request[ARP_BYTES] = {
	0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0,	  0, 0, 0, 0,  0, 0x08, 0x06,
	0x00, 0x01, 0x08, 0x00, 0x06, 0x04, 0x00, 1, 0, 0, 0,  0, 0,	0,
	10,   0,    2,	  15,	0,    0,    0,	  0, 0, 0, 10, 0, 2,	2,
};

typedef void check_device(struct selftest *t, struct virtnet *vn);

/* @check all devices that the stack does not use. */
static void on_each_device(struct selftest *t, check_device *check)
{
	unsigned found = 0, used = 0;

	for (struct device *dev = device_next(NULL); dev;
	     dev = device_next(dev)) {
		struct virtnet *vn = device_data(dev);

		if (dev->driver != &virtio_net_driver.driver)
			continue;
		found++;
		if (vn->pair[0].net)
			used++;
		else
			check(t, vn);
	}
	if (found == used)
		selftest_skip(t, found ? "all devices are in use"
				       : "no virtio network device here");
}

/* All that was sent comes back, and not only because it has to. */
static void stop(struct selftest *t, struct virtnet *vn)
{
	u64 before = time_ns();

	vn->net.ops->stop(&vn->net);
	EXPECT(t,
	       time_ns() - before < VIRTNET_DRAIN_TIMEOUT_MS * NSEC_PER_MSEC);
	for (unsigned i = 0; i < vn->pairs; i++) {
		EXPECT_EQ(t, virtqueue_outstanding(vn->pair[i].tx.vq), 0);
		EXPECT_EQ(t, vn->net.pair[i].rx.errors, 0);
	}
}

/* 0, or the test has failed. */
static int open(struct selftest *t, struct virtnet *vn)
{
	int err = vn->net.ops->open(&vn->net);

	EXPECT_EQ(t, err, 0);
	return err;
}

static struct packet *make_request(const struct virtnet *vn)
{
	struct packet *packet = packet_alloc(ARP_BYTES);

	if (!packet)
		return NULL;
	memcpy(packet->data, arp_request, ARP_BYTES);
	memcpy(packet->data + 6, vn->net.address, ETH_ADDRESS_LENGTH);
	memcpy(packet->data + 22, vn->net.address, ETH_ADDRESS_LENGTH);
	packet->length = packet->total = ARP_BYTES;
	return packet;
}

static int transmit(struct virtnet *vn, unsigned n, bool more)
{
	struct net_pair *pair = &vn->net.pair[n];
	struct packet *packet = make_request(vn);
	int err = -ENOMEM;

	if (!packet)
		return err;
	spin_lock(&pair->transmit_lock);
	err = vn->net.ops->transmit(pair, packet, more);
	spin_unlock(&pair->transmit_lock);
	if (err)
		packet_free(packet);
	return err;
}

/* Frames that came in on any queue. */
static u64 received(const struct virtnet *vn)
{
	u64 sum = 0;

	for (unsigned i = 0; i < vn->pairs; i++)
		sum += vn->net.pair[i].rx.packets;
	return sum;
}

/* Poll, as the stack's pollers would, until @wanted more have come. */
static bool poll_for(struct virtnet *vn, u64 before, u64 wanted)
{
	u64 deadline = time_ns() + ANSWER_MS * NSEC_PER_MSEC;

	while (received(vn) < before + wanted && time_ns() < deadline) {
		for (unsigned i = 0; i < vn->pairs; i++)
			vn->net.ops->poll(&vn->net.pair[i], POLL_BUDGET);
		thread_sleep_ns(NSEC_PER_MSEC / 10);
	}
	return received(vn) >= before + wanted;
}

static void both_ways(struct selftest *t, struct virtnet *vn)
{
	u64 before = received(vn);

	if (open(t, vn))
		return;
	EXPECT_EQ(t, transmit(vn, 0, false), 0);
	if (!poll_for(vn, before, 1))
		selftest_skip(t, "%s: nobody answers for 10.0.2.2",
			      vn->net.name);
	stop(t, vn);
}

static void test_both_ways(struct selftest *t)
{
	on_each_device(t, both_ways);
}

static void every_pair(struct selftest *t, struct virtnet *vn)
{
	if (open(t, vn))
		return;
	for (unsigned i = 0; i < vn->pairs; i++)
		if (!EXPECT_EQ(t, transmit(vn, i, false), 0))
			break;
	stop(t, vn);
}

static void test_every_pair(struct selftest *t)
{
	on_each_device(t, every_pair);
}

/* What is sent as one batch is announced as one. */
static void batch(struct selftest *t, struct virtnet *vn)
{
	struct net_costs before, after;

	if (open(t, vn))
		return;
	vn->net.ops->get_costs(vn->net.pair, &before);
	for (unsigned i = 0; i < BATCH; i++)
		if (!EXPECT_EQ(t, transmit(vn, 0, i + 1 < BATCH), 0))
			break;
	vn->net.ops->get_costs(vn->net.pair, &after);
	EXPECT(t, after.notifications - before.notifications <= 1);
	stop(t, vn);
}

static void test_batch(struct selftest *t)
{
	on_each_device(t, batch);
}

/* More than the ring holds: the device makes room. */
static void full_ring(struct selftest *t, struct virtnet *vn)
{
	u64 deadline = time_ns() + ANSWER_MS * NSEC_PER_MSEC;
	unsigned sent = 0, wanted = 3 * virtqueue_size(vn->pair[0].tx.vq);

	if (open(t, vn))
		return;
	while (sent < wanted && time_ns() < deadline) {
		int err = transmit(vn, 0, true);

		if (!err)
			sent++;
		else if (!EXPECT_EQ(t, err, -ENOSPC))
			break;
		if (!err)
			continue;
		thread_sleep_ns(NSEC_PER_MSEC / 10);
		vn->net.ops->poll(vn->net.pair, POLL_BUDGET);
	}
	EXPECT_EQ(t, sent, wanted);
	stop(t, vn);
}

static void test_full_ring(struct selftest *t)
{
	on_each_device(t, full_ring);
}

/* Each command that the device knows, and none is refused. */
static void commands(struct selftest *t, struct virtnet *vn)
{
	static const u8 groups[][ETH_ADDRESS_LENGTH] = {
		{ 0x01, 0x00, 0x5e, 0, 0, 1 }, { 0x33, 0x33, 0, 0, 0, 1 }
	};
	static const u8 address[] = { 0x02, 1, 2, 3, 4, 5 };
	const struct net_filter some = { NET_RX_ALL_MULTICAST, 2, groups };
	const struct net_filter all = { NET_RX_PROMISCUOUS, 0, NULL };
	const struct net_filter none = { 0 };
	struct net_device *net = &vn->net;
	unsigned refused = vn->ctrl.refused;

	if (virtnet_has(vn, VIRTIO_NET_F_CTRL_RX)) {
		EXPECT_EQ(t, virtnet_set_filter(net, &some), 0);
		EXPECT_EQ(t, virtnet_set_filter(net, &all), 0);
		EXPECT_EQ(t, virtnet_set_filter(net, &none), 0);
	}
	if (virtnet_has(vn, VIRTIO_NET_F_CTRL_MAC_ADDR)) {
		EXPECT_EQ(t, virtnet_set_address(net, address), 0);
		EXPECT_EQ(t, virtnet_set_address(net, net->address), 0);
	}
	if (virtnet_has(vn, VIRTIO_NET_F_CTRL_VLAN)) {
		EXPECT_EQ(t, virtnet_set_vlan(net, 7, true), 0);
		EXPECT_EQ(t, virtnet_set_vlan(net, 7, false), 0);
	}
	if (virtnet_has(vn, VIRTIO_NET_F_CTRL_GUEST_OFFLOADS)) {
		EXPECT_EQ(t, virtnet_set_offloads(net, 0), 0);
		EXPECT_EQ(t, virtnet_set_offloads(net, ~0U), 0);
	}
	EXPECT_EQ(t, vn->ctrl.refused, refused);
}

static void test_commands(struct selftest *t)
{
	on_each_device(t, commands);
}

/* Taken away and given back with packets on their way. */
static void rebind(struct selftest *t, struct virtnet *vn)
{
	struct device *dev = &vn->vdev->dev;

	if (open(t, vn))
		return;
	for (unsigned i = 0; i < BATCH; i++)
		if (!EXPECT_EQ(t, transmit(vn, 0, false), 0))
			break;
	stop(t, vn);
	if (!EXPECT_EQ(t, device_unbind(dev), 0) ||
	    !EXPECT_EQ(t, device_bind(dev, NULL), 0))
		return;
	vn = device_data(dev);
	if (open(t, vn))
		return;
	EXPECT_EQ(t, transmit(vn, 0, false), 0);
	stop(t, vn);
}

static void test_rebind(struct selftest *t)
{
	on_each_device(t, rebind);
}

static const struct selftest_case virtio_net_cases[] = {
	{ .name = "frames-go-both-ways", .run = test_both_ways },
	{ .name = "every-pair-sends", .run = test_every_pair },
	{ .name = "a-batch-is-announced-once", .run = test_batch },
	{ .name = "a-full-ring-empties", .run = test_full_ring },
	{ .name = "commands-are-answered", .run = test_commands },
	{ .name = "works-after-rebinding", .run = test_rebind },
	{},
};
SELFTEST_SUITE(virtio_net, "virtio_net", virtio_net_cases, 0);
