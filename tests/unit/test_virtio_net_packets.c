/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames through the network driver, from devices good and bad. */
#include "virtio_net_checks.h"

static u8 wire[RIG_FRAME_MAX];

/* A header with @buffers, and @size bytes behind it. All of it. */
static size_t make_wire(unsigned header, unsigned buffers, size_t size)
{
	struct virtio_net_hdr hdr = { .num_buffers =
					      cpu_to_le16((u16)buffers) };

	memcpy(wire, &hdr, header);
	for (size_t i = 0; i < size; i++)
		wire[header + i] = rig_byte(i);
	return header + size;
}

static bool kept_is(unsigned n, size_t size)
{
	const struct packet *packet = rig.kept[n];
	size_t at = 0;
	bool same = CHECK(n < rig.kept_count) && CHECK_EQ(packet->total, size);

	for (; same && at < packet->length; at++)
		same = packet->data[at] == rig_byte(at);
	for (unsigned i = 0; same && i < packet->fragments; i++) {
		const u8 *data = packet->fragment[i].data;

		for (unsigned j = 0; same && j < packet->fragment[i].length;)
			same = data[j++] == rig_byte(at++);
	}
	return same && CHECK_EQ(at, size);
}

static void expect_frame(unsigned header, unsigned buffers, size_t size)
{
	size_t bytes = make_wire(header, buffers, size);

	CHECK_EQ(rig_inject(0, wire, bytes), buffers);
	CHECK_EQ(rig_poll(0), buffers);
	CHECK(kept_is(rig.kept_count - 1, size));
	rig_free_kept();
}

/* One that must be dropped: of @size bytes, with this header. */
static void expect_drop(const struct virtio_net_hdr *hdr, size_t size)
{
	u64 errors = rig.net->pair[0].rx.errors;

	make_wire(HDR, 1, size);
	memcpy(wire, hdr, HDR);
	rig_inject(0, wire, size);
	rig_poll(0);
	CHECK_EQ(rig.kept_count, 0);
	CHECK_EQ(rig.net->pair[0].rx.errors, errors + 1);
	/* The next one is none the worse for it. */
	expect_frame(HDR, 1, 60);
}

TEST(frame_is_received_as_it_was_sent)
{
	RIG_DEVICE(1, VIRTIO_NET_F_MAC, VIRTIO_NET_F_MRG_RXBUF);
	if (!started())
		return;
	for (unsigned i = 0; i < 3 * RIG_QUEUE_SIZE; i++)
		expect_frame(HDR, 1, 60 + 7 * i);
	CHECK_EQ(rig.net->pair[0].rx.packets, 3 * RIG_QUEUE_SIZE);
	finish();
}

TEST(memory_is_used_again)
{
	unsigned pages;

	RIG_DEVICE(1, VIRTIO_NET_F_MRG_RXBUF);
	if (!started())
		return;
	expect_frame(HDR, 1, 60);
	pages = rig.pages;
	for (unsigned i = 0; i < 10 * RIG_QUEUE_SIZE; i++)
		expect_frame(HDR, 1, 1514);
	CHECK(rig.pages <= pages + RIG_QUEUE_SIZE);
	finish();
}

/* 5.1.6.4: num_buffers */
TEST(frame_over_several_buffers)
{
	RIG_DEVICE(1, VIRTIO_NET_F_MRG_RXBUF);
	if (!started())
		return;
	for (unsigned buffers = 2; buffers <= 17; buffers++)
		expect_frame(HDR, buffers,
			     (buffers - 1) * (HDR + RX_ROOM) - HDR + buffers);
	finish();
}

TEST(largest_packet_fits_into_what_describes_it)
{
	struct virtio_net_hdr hdr = {
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.gso_type = VIRTIO_NET_HDR_GSO_UDP,
		.gso_size = cpu_to_le16(1400),
		.csum_start = cpu_to_le16(34),
		.csum_offset = cpu_to_le16(6),
		.num_buffers = cpu_to_le16(RX_PAGES_MAX),
	};
	size_t bytes;

	RIG_DEVICE(1, VIRTIO_NET_F_MRG_RXBUF, VIRTIO_NET_F_GUEST_CSUM,
		   VIRTIO_NET_F_GUEST_UFO);
	if (!started())
		return;
	bytes = make_wire(HDR, RX_PAGES_MAX, VIRTIO_NET_LARGE_FRAME);
	memcpy(wire, &hdr, HDR);
	CHECK_EQ(rig_inject(0, wire, bytes), RX_PAGES_MAX);
	rig_poll(0);
	CHECK(kept_is(0, VIRTIO_NET_LARGE_FRAME));
	CHECK_EQ(rig.kept[0]->fragments, PACKET_FRAGMENTS_MAX);
	CHECK_EQ(rig.kept[0]->segmentation, PACKET_GSO_UDP);
	finish();
}

TEST(frame_that_is_not_complete_yet_is_waited_for)
{
	static struct fake_buffer buffer;
	const size_t room = HDR + RX_ROOM;

	RIG_DEVICE(1, VIRTIO_NET_F_MRG_RXBUF);
	if (!started())
		return;
	make_wire(HDR, 2, room);
	fake_take(&fake, 0, &buffer);
	fake_write(&buffer, 0, wire, room);
	fake_use(&fake, 0, &buffer, (u32)room);
	rig_poll(0);
	CHECK_EQ(rig.kept_count, 0);
	fake_take(&fake, 0, &buffer);
	fake_write(&buffer, 0, wire + room, HDR);
	fake_use(&fake, 0, &buffer, HDR);
	rig_poll(0);
	CHECK(kept_is(0, room));
	finish();
}

TEST(frame_that_is_never_completed_ends_with_the_device)
{
	static struct fake_buffer buffer;

	RIG_DEVICE(1, VIRTIO_NET_F_MRG_RXBUF);
	if (!started())
		return;
	make_wire(HDR, 3, RX_ROOM);
	fake_take(&fake, 0, &buffer);
	fake_write(&buffer, 0, wire, HDR + RX_ROOM);
	fake_use(&fake, 0, &buffer, HDR + RX_ROOM);
	rig_poll(0);
	CHECK_EQ(rig.kept_count, 0);
	rig_stop();
	CHECK_EQ(rig_start(), 0);
	expect_frame(HDR, 1, 100);
	finish();
}

TEST(headers_without_sense_lose_their_frame_only)
{
	struct virtio_net_hdr hdr = { .num_buffers = cpu_to_le16(1) };

	RIG_DEVICE(1, VIRTIO_NET_F_MRG_RXBUF, VIRTIO_NET_F_GUEST_CSUM,
		   VIRTIO_NET_F_MTU);
	if (!started())
		return;
	expect_drop(&hdr, 0);
	expect_drop(&hdr, HDR);
	expect_drop(&hdr, HDR + ETH_HEADER_LENGTH - 1);
	expect_drop(&hdr, HDR + 1500 + ETH_HEADER_LENGTH + 5);
	hdr.num_buffers = cpu_to_le16(0);
	expect_drop(&hdr, 100);
	hdr.num_buffers = cpu_to_le16(1);
	hdr.gso_type = VIRTIO_NET_HDR_GSO_TCPV4;
	expect_drop(&hdr, 100);
	hdr.gso_type = 0;
	hdr.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	hdr.csum_start = cpu_to_le16(1000);
	expect_drop(&hdr, 100);
	CHECK_EQ(host_said_count, 1);
	finish();
}

TEST(frame_in_more_pieces_than_can_be_described_is_dropped)
{
	RIG_DEVICE(1, VIRTIO_NET_F_MRG_RXBUF);
	if (!started())
		return;
	make_wire(HDR, RX_PAGES_MAX + 1, RIG_FRAME_MAX - HDR);
	CHECK_EQ(rig_inject(0, wire, (RX_PAGES_MAX + 1) * (HDR + RX_ROOM)),
		 RX_PAGES_MAX + 1);
	rig_poll(0);
	CHECK_EQ(rig.kept_count, 0);
	CHECK_EQ(rig.net->pair[0].rx.errors, 1);
	expect_frame(HDR, 1, 60);
	finish();
}

TEST(frame_with_a_gap_is_dropped)
{
	static struct fake_buffer buffer;

	RIG_DEVICE(1, VIRTIO_NET_F_MRG_RXBUF);
	if (!started())
		return;
	make_wire(HDR, 2, 200);
	for (unsigned i = 0; i < 2; i++) {
		fake_take(&fake, 0, &buffer);
		fake_write(&buffer, 0, wire, 100);
		fake_use(&fake, 0, &buffer, 100);
	}
	rig_poll(0);
	CHECK_EQ(rig.kept_count, 0);
	CHECK_EQ(rig.net->pair[0].rx.errors, 1);
	expect_frame(HDR, 1, 60);
	finish();
}

TEST(more_buffers_than_there_are_break_the_device)
{
	RIG_DEVICE(1, VIRTIO_NET_F_MRG_RXBUF);
	if (!started())
		return;
	host_said_count = 0;
	make_wire(HDR, RIG_QUEUE_SIZE + 1, 100);
	rig_inject(0, wire, 100);
	rig_poll(0);
	CHECK(virtio_is_broken(&fake.vdev));
	CHECK_EQ(host_said_count, 1);
	host_run_work();
	CHECK(!rig.net->link);
	finish();
}

/*
 * virtio 1.3, drivernormative 5.1.6.3.1: without mergeable buffers each holds
 * the largest packet.
 */
TEST(big_buffers_hold_the_largest_packet)
{
	RIG_DEVICE(1, VIRTIO_NET_F_GUEST_CSUM, VIRTIO_NET_F_GUEST_TSO4,
		   VIRTIO_F_INDIRECT_DESC);
	if (!started())
		return;
	/* What it says of buffers is not looked at: QEMU 7.2 says nothing. */
	make_wire(HDR, 0, 60000);
	CHECK_EQ(rig_inject(0, wire, HDR + 60000), 1);
	CHECK_EQ(rig_poll(0), 1);
	CHECK(kept_is(0, 60000));
	CHECK_EQ(rig.kept[0]->fragments, 16);
	rig_free_kept();
	expect_frame(HDR, 1, 60);
	finish();
}

TEST(small_buffers_hold_a_frame)
{
	RIG_DEVICE(1, VIRTIO_NET_F_MAC);
	if (!started())
		return;
	expect_frame(HDR, 1, 1514);
	finish();
}

/* 5.1.6.1 and 5.1.6.12: two bytes less, in a descriptor of its own. */
TEST(legacy_header_stands_alone)
{
	static struct fake_buffer buffer;

	RIG_DEVICE(1, VIRTIO_NET_F_MAC, VIRTIO_NET_F_MRG_RXBUF);
	virtio_feature_clear(&fake.offered, VIRTIO_F_VERSION_1);
	fake.vdev.legacy = true;
	if (!started())
		return;
	CHECK(!virtio_has(&fake.vdev, VIRTIO_NET_F_MRG_RXBUF));
	make_wire(VIRTIO_NET_HDR_LEGACY, 0, 100);
	fake_take(&fake, 0, &buffer);
	CHECK_EQ(buffer.in, 2);
	CHECK_EQ(buffer.segment[0].length, VIRTIO_NET_HDR_LEGACY);
	CHECK(buffer.segment[1].length >= 1514);
	fake_write(&buffer, 0, wire, VIRTIO_NET_HDR_LEGACY + 100);
	fake_use(&fake, 0, &buffer, VIRTIO_NET_HDR_LEGACY + 100);
	rig_poll(0);
	CHECK(kept_is(0, 100));
	CHECK_EQ(rig_transmit(0, packet_alloc(100), false), 0);
	CHECK_EQ(rig.sent_segments, 2);
	CHECK_EQ(rig.sent_first, VIRTIO_NET_HDR_LEGACY);
	CHECK_EQ(rig.sent_size, VIRTIO_NET_HDR_LEGACY + 100);
	finish();
}

TEST(received_packet_outlives_the_device)
{
	RIG_DEVICE(1, VIRTIO_NET_F_MRG_RXBUF);
	if (!started())
		return;
	rig_inject(0, wire, make_wire(HDR, 1, 60));
	rig_inject(0, wire, make_wire(HDR, 2, HDR + RX_ROOM));
	rig_poll(0);
	CHECK_EQ(rig.kept_count, 2);
	fake_virtio_remove(&fake);
	CHECK(kept_is(0, 60));
	CHECK_EQ(rig.pages, 3);
	rig_free_kept();
	CHECK_EQ(rig.pages, 0);
}

TEST(without_memory_it_is_tried_again)
{
	RIG_DEVICE(1, VIRTIO_NET_F_MRG_RXBUF);
	rig.no_pages = true;
	CHECK_EQ(fake_virtio_add(&fake), 0);
	CHECK_EQ(rig_start(), -ENOMEM);
	rig.no_pages = false;
	CHECK_EQ(rig_start(), 0);
	rig.no_pages = true;
	for (unsigned i = 0; i < RIG_QUEUE_SIZE; i++)
		rig_inject(0, wire, make_wire(HDR, 1, 60));
	rig_poll(0);
	CHECK_EQ(rig.kept_count, RIG_QUEUE_SIZE);
	if (!CHECK(rig.timer))
		return;
	rig_free_kept();
	rig.wakes = 0;
	rig.timer->handler(rig.timer);
	CHECK_EQ(rig.wakes, 1);
	rig_poll(0);
	expect_frame(HDR, 1, 60);
	finish();
}

/* What others find no room beside is no help to anybody. */
TEST(of_a_pool_it_takes_its_share)
{
	RIG_DEVICE(1, VIRTIO_NET_F_MRG_RXBUF);
	fake.vdev.dev.dma_pool = host_dma_pool;
	host_dma_pool_room = 1 << 20;
	host_dma_share = 20 * PAGE_SIZE;
	if (started()) {
		CHECK_EQ(host_dma_mappings, 20);
		for (unsigned i = 0; i < 50; i++)
			expect_frame(HDR, 1, 60);
		CHECK(host_dma_mappings <= 20);
		finish();
	}
	/* Less than a frame needs would be none. */
	host_dma_share = PAGE_SIZE;
	RIG_DEVICE(1, VIRTIO_NET_F_MRG_RXBUF, VIRTIO_NET_F_GUEST_CSUM,
		   VIRTIO_NET_F_GUEST_TSO4);
	fake.vdev.dev.dma_pool = host_dma_pool;
	if (started()) {
		CHECK_EQ(host_dma_mappings, MIN(RX_PAGES_MAX, RIG_QUEUE_SIZE));
		finish();
	}
	CHECK_EQ(host_dma_mappings, 0);
	host_dma_share = DMA_MAP_MAX;
}

TEST(with_a_full_pool_it_starts_and_waits)
{
	RIG_DEVICE(1, VIRTIO_NET_F_MRG_RXBUF);
	fake.vdev.dev.dma_pool = host_dma_pool;
	host_dma_pool_room = 0;
	if (!started())
		return;
	CHECK_EQ(host_dma_mappings, 0);
	CHECK_EQ(host_dma_waiters, 1);
	host_dma_pool_room = 1 << 20;
	rig_poll(0);
	CHECK(host_dma_mappings);
	expect_frame(HDR, 1, 60);
	finish();
}

TEST(queues_do_not_mix)
{
	RIG_DEVICE(2, VIRTIO_NET_F_CTRL_VQ, VIRTIO_NET_F_MQ,
		   VIRTIO_NET_F_MRG_RXBUF);
	if (!started())
		return;
	rig_inject(2, wire, make_wire(HDR, 1, 60));
	CHECK_EQ(rig_poll(0), 0);
	CHECK_EQ(rig_poll(1), 1);
	CHECK_EQ(rig.kept[0]->pair, 1);
	CHECK_EQ(rig_transmit(1, outgoing(60), false), 0);
	CHECK_EQ(fake.queues[1].notifications, 0);
	CHECK_EQ(fake.queues[3].notifications, 1);
	finish();
}

TEST(driver_is_quiet_while_it_polls)
{
	RIG_DEVICE(1, VIRTIO_NET_F_MRG_RXBUF);
	if (!started())
		return;
	rig_inject(0, wire, make_wire(HDR, 1, 60));
	CHECK_EQ(fake.interrupts, 0);
	CHECK_EQ(rig_poll(0), 1);
	CHECK(rig.net->ops->arm(rig.net->pair));
	rig_inject(0, wire, make_wire(HDR, 1, 60));
	CHECK_EQ(fake.interrupts, 1);
	CHECK_EQ(rig.wakes, 1);
	CHECK_EQ(rig_poll(0), 1);
	/* What comes before it is armed is not forgotten. */
	rig_inject(0, wire, make_wire(HDR, 1, 60));
	CHECK(!rig.net->ops->arm(rig.net->pair));
	CHECK_EQ(rig_poll(0), 1);
	finish();
}
