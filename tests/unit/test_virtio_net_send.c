/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames that the network driver sends, and what becomes of them. */
#include "virtio_net_checks.h"

static bool sent_is(size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (rig.sent[HDR + i] != rig_byte(i))
			return false;
	return CHECK_EQ(rig.sent_size, HDR + size);
}

TEST(frame_is_sent_in_one_descriptor)
{
	static const u8 empty[HDR];

	RIG_DEVICE(1, VIRTIO_NET_F_MAC);
	if (!started())
		return;
	CHECK_EQ(rig_transmit(0, outgoing(100), false), 0);
	CHECK(sent_is(100));
	CHECK_MEM(rig.sent, empty, HDR);
	CHECK_EQ(rig.sent_segments, 1);
	finish();
}

TEST(fragments_follow_the_head)
{
	static u8 part[2][100];
	struct packet *packet;

	RIG_DEVICE(1, VIRTIO_NET_F_MAC);
	if (!started())
		return;
	packet = outgoing(50);
	for (unsigned i = 0; i < sizeof(part); i++)
		((u8 *)part)[i] = rig_byte(50 + i);
	packet->fragment[0] = (struct packet_fragment){ part[0], 100 };
	packet->fragment[1] = (struct packet_fragment){ part[1], 100 };
	packet->fragments = 2;
	packet->total = 250;
	CHECK_EQ(rig_transmit(0, packet, false), 0);
	CHECK(sent_is(250));
	finish();
}

/* What cannot be sent stays the caller's. */
static void expect_refused(struct packet *packet, int err)
{
	unsigned sent = rig.sent_count;

	CHECK_EQ(rig_transmit(0, packet, false), err);
	CHECK_EQ(rig.sent_count, sent);
	packet_free(packet);
}

TEST(what_cannot_be_sent_is_refused)
{
	struct packet *packet;

	RIG_DEVICE(1, VIRTIO_NET_F_MAC);
	if (!started())
		return;
	expect_refused(outgoing(ETH_HEADER_LENGTH - 1), -EINVAL);
	expect_refused(outgoing(2000), -EINVAL);
	packet = outgoing(100);
	packet->data = packet->head + HDR - 1;
	expect_refused(packet, -EINVAL);
	packet = outgoing(100);
	packet->fragments = PACKET_FRAGMENTS_MAX + 1;
	expect_refused(packet, -EINVAL);
	packet = outgoing(100);
	packet->checksum = PACKET_CHECKSUM_PARTIAL;
	packet->checksum_start = 34;
	packet->checksum_offset = 6;
	expect_refused(packet, -EINVAL);
	finish();
}

TEST(batch_is_announced_when_it_ends)
{
	RIG_DEVICE(1, VIRTIO_NET_F_MAC);
	if (!started())
		return;
	for (unsigned i = 0; i < 10; i++)
		CHECK_EQ(rig_transmit(0, outgoing(100), true), 0);
	CHECK_EQ(fake.queues[1].notifications, 0);
	CHECK_EQ(rig_transmit(0, NULL, false), 0);
	CHECK_EQ(fake.queues[1].notifications, 1);
	CHECK_EQ(rig.sent_count, 10);
	finish();
}

TEST(sent_packets_come_back_without_interrupts)
{
	RIG_DEVICE(1, VIRTIO_NET_F_MAC, VIRTIO_F_EVENT_IDX);
	if (!started())
		return;
	for (unsigned i = 0; i < 10 * RIG_QUEUE_SIZE; i++) {
		CHECK_EQ(rig_transmit(0, outgoing(100), false), 0);
		CHECK(rig.packets <= RIG_QUEUE_SIZE);
	}
	CHECK_EQ(fake.interrupts, 0);
	rig_poll(0);
	CHECK_EQ(rig.packets, 0);
	finish();
}

TEST(full_ring_says_when_there_is_room)
{
	struct packet *packet;
	unsigned sent = 0;

	RIG_DEVICE(1, VIRTIO_NET_F_MAC, VIRTIO_F_EVENT_IDX);
	if (!started())
		return;
	rig.hold_tx = true;
	while (!rig_transmit(0, packet = outgoing(100), false))
		sent++;
	CHECK_EQ(sent, RIG_QUEUE_SIZE);
	CHECK_EQ(rig_transmit(0, packet, false), -ENOSPC);
	rig.hold_tx = false;
	rig.wakes = 0;
	rig_serve(&fake, 1);
	CHECK(rig.wakes);
	rig_poll(0);
	CHECK_EQ(rig.packets, 1);
	CHECK_EQ(rig_transmit(0, packet, false), 0);
	finish();
}

TEST(stopping_waits_for_what_was_sent)
{
	RIG_DEVICE(1, VIRTIO_NET_F_MAC);
	if (!started())
		return;
	CHECK_EQ(rig_transmit(0, outgoing(100), true), 0);
	rig_stop();
	CHECK_EQ(rig.packets, 0);
	CHECK_EQ(rig.sent_count, 1);
	finish();
}

TEST(packets_that_are_never_sent_end_with_the_device)
{
	RIG_DEVICE(1, VIRTIO_NET_F_MAC, VIRTIO_F_RING_RESET);
	if (!started())
		return;
	rig.hold_tx = true;
	CHECK_EQ(rig_transmit(0, outgoing(100), false), 0);
	host_time_step_ns = 100000000;
	rig_stop();
	host_time_step_ns = 1000;
	CHECK(virtio_is_broken(&fake.vdev));
	host_run_work();
	CHECK_EQ(rig.packets, 0);
	CHECK_EQ(rig_start(), -EIO);
	finish();
}

TEST(broken_device_gives_packets_back)
{
	struct packet *packet;

	RIG_DEVICE(1, VIRTIO_NET_F_MAC);
	if (!started())
		return;
	rig.hold_tx = true;
	CHECK_EQ(rig_transmit(0, outgoing(100), false), 0);
	virtio_break(&fake.vdev, "for a test");
	host_run_work();
	CHECK_EQ(rig.packets, 0);
	CHECK(!rig.net->link);
	packet = outgoing(100);
	expect_refused(packet, -EIO);
	CHECK_EQ(rig_poll(0), 0);
	finish();
}

TEST(what_was_sent_does_not_stay_for_long)
{
	RIG_DEVICE(1, VIRTIO_NET_F_MAC, VIRTIO_F_EVENT_IDX);
	if (!started())
		return;
	CHECK_EQ(rig_transmit(0, outgoing(100), false), 0);
	CHECK_EQ(rig.packets, 1);
	if (!CHECK(rig.timer))
		return;
	rig.timer->handler(rig.timer);
	CHECK_EQ(rig.wakes, 1);
	rig.timer = NULL;
	rig_poll(0);
	CHECK_EQ(rig.packets, 0);
	CHECK(!rig.timer);
	finish();
}

TEST(device_that_makes_no_progress_is_notified_again)
{
	RIG_DEVICE(1, VIRTIO_NET_F_MAC);
	if (!started())
		return;
	rig.hold_tx = true;
	CHECK_EQ(rig_transmit(0, outgoing(100), false), 0);
	CHECK_EQ(fake.queues[1].notifications, 1);
	fake_set_notify(&fake, 1, false);
	CHECK_EQ(rig_transmit(0, outgoing(100), false), 0);
	CHECK_EQ(fake.queues[1].notifications, 1);
	rig.hold_tx = false;
	if (!CHECK(rig.timer))
		return;
	rig.timer->handler(rig.timer);
	rig_poll(0);
	CHECK_EQ(rig.sent_count, 2);
	/* It goes on until all was sent. */
	CHECK(rig.timer);
	rig.timer->handler(rig.timer);
	rig_poll(0);
	CHECK_EQ(rig.packets, 0);
	finish();
}

TEST(costs_are_counted_from_opening_on)
{
	struct net_costs before = { 1, 1 }, after;

	RIG_DEVICE(1, VIRTIO_NET_F_MAC);
	CHECK_EQ(fake_virtio_add(&fake), 0);
	rig.net->ops->get_costs(rig.net->pair, &before);
	CHECK_EQ(before.notifications, 0);
	CHECK_EQ(before.interrupts, 0);
	CHECK_EQ(rig_start(), 0);
	rig.net->ops->get_costs(rig.net->pair, &before);
	CHECK_EQ(rig_transmit(0, outgoing(100), false), 0);
	rig.net->ops->get_costs(rig.net->pair, &after);
	CHECK_EQ(after.notifications, before.notifications + 1);
	finish();
}
