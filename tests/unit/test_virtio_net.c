/* SPDX-License-Identifier: BSD-2-Clause */
/* The network driver's device: what it says, and what it is told. */
#include "unit.h"
#include <kernel/mm/slab.h>
#include "virtio_net_rig.h"

#define COMMANDS_OF_READY 3 /* no filter: two modes and the table */

static bool added(void)
{
	return CHECK_EQ(fake_virtio_add(&fake), 0) && CHECK(rig.net);
}

static void finish(void)
{
	fake_virtio_remove(&fake);
	CHECK_EQ(rig.pages, 0);
	CHECK_EQ(rig.packets, 0);
}

/* The last but @back command was just that. */
static void expect_command(unsigned back, const void *bytes, size_t size)
{
	__auto_type command =
		&rig.command[(rig.commands - 1 - back) % RIG_CTRL_MAX];

	if (CHECK(back < rig.commands) && CHECK_EQ(command->size, size))
		CHECK_MEM(command->bytes, bytes, size);
}

#define EXPECT_COMMAND(back, ...)                  \
 expect_command(back, (const u8[]){ __VA_ARGS__ }, \
		sizeof((const u8[]){ __VA_ARGS__ }))

/* virtio 1.3, drivernormative 5.1.4.2: Device configuration layout */
TEST(address_and_mtu_are_the_devices)
{
	static const u8 address[] = { 0x52, 0x54, 0, 0x12, 0x34, 0x56 };

	RIG_DEVICE(1, VIRTIO_NET_F_MAC, VIRTIO_NET_F_MTU, VIRTIO_NET_F_STATUS);
	rig_config()->mtu = cpu_to_le16(1400);
	if (!added())
		return;
	CHECK_MEM(rig.net->address, address, sizeof(address));
	CHECK_EQ(rig.net->mtu, 1400);
	CHECK_EQ(rig.net->mtu_max, 1400);
	CHECK(rig.net->link);
	CHECK_EQ(rig.net->ops->set_mtu(rig.net, 1400), 0);
	CHECK_EQ(rig.net->ops->set_mtu(rig.net, 1401), -EINVAL);
	CHECK_EQ(fake.config_written, 0);
	finish();
}

/* IEEE 802, 9.2: locally administered, and not of a group */
TEST(address_is_made_up_where_there_is_none)
{
	RIG_DEVICE(1, VIRTIO_NET_F_STATUS);
	if (!added())
		return;
	CHECK_EQ(rig.net->address[0] & 3, 2);
	finish();
	RIG_DEVICE(1, VIRTIO_NET_F_MAC);
	rig_config()->mac[0] = 1;
	if (!added())
		return;
	CHECK_EQ(rig.net->address[0] & 3, 2);
	CHECK_EQ(host_said_count, 2);
	finish();
	RIG_DEVICE(1, VIRTIO_NET_F_MAC);
	memset(rig_config()->mac, 0, 6);
	if (!added())
		return;
	CHECK_EQ(rig.net->address[0] & 3, 2);
	finish();
}

/* 5.1.6.5.2.2: a device that can be told of it is. */
TEST(made_up_address_is_told_to_the_device)
{
	u8 bytes[8] = { VIRTIO_NET_CTRL_MAC, VIRTIO_NET_CTRL_MAC_ADDR_SET };

	RIG_DEVICE(1, VIRTIO_NET_F_CTRL_VQ, VIRTIO_NET_F_CTRL_RX,
		   VIRTIO_NET_F_CTRL_MAC_ADDR);
	if (!added())
		return;
	memcpy(bytes + 2, rig.net->address, 6);
	expect_command(0, bytes, sizeof(bytes));
	finish();
}

TEST(link_is_up_where_nobody_says)
{
	RIG_DEVICE(1, VIRTIO_NET_F_MAC);
	rig_config()->status = cpu_to_le16(0);
	if (!added())
		return;
	CHECK(rig.net->link);
	finish();
}

TEST(link_follows_the_configuration)
{
	RIG_DEVICE(1, VIRTIO_NET_F_STATUS, VIRTIO_NET_F_SPEED_DUPLEX);
	rig_config()->speed = cpu_to_le32(10000);
	rig_config()->status = cpu_to_le16(0);
	if (!added())
		return;
	CHECK(!rig.net->link);
	CHECK_EQ(rig.net->speed, 10000);
	rig_config()->status = cpu_to_le16(VIRTIO_NET_S_LINK_UP);
	rig_config()->speed = cpu_to_le32(0x80000000);
	fake_config_interrupt(&fake);
	host_run_work();
	CHECK(rig.net->link);
	CHECK_EQ(rig.net->speed, 0);
	finish();
}

/* virtio 1.3, drivernormative 5.1.6.5.4.1: Gratuitous Packet Sending */
TEST(announcement_is_made_and_acknowledged)
{
	RIG_DEVICE(1, VIRTIO_NET_F_STATUS, VIRTIO_NET_F_CTRL_VQ,
		   VIRTIO_NET_F_GUEST_ANNOUNCE);
	if (!added())
		return;
	CHECK_EQ(rig.commands, 0);
	rig_config()->status =
		cpu_to_le16(VIRTIO_NET_S_LINK_UP | VIRTIO_NET_S_ANNOUNCE);
	fake_config_interrupt(&fake);
	host_run_work();
	CHECK_EQ(rig.announces, 1);
	EXPECT_COMMAND(0, VIRTIO_NET_CTRL_ANNOUNCE,
		       VIRTIO_NET_CTRL_ANNOUNCE_ACK);
	finish();
}

TEST(announcement_that_was_not_negotiated_is_none)
{
	RIG_DEVICE(1, VIRTIO_NET_F_STATUS, VIRTIO_NET_F_CTRL_VQ);
	rig_config()->status =
		cpu_to_le16(VIRTIO_NET_S_LINK_UP | VIRTIO_NET_S_ANNOUNCE);
	if (!added())
		return;
	CHECK_EQ(rig.announces, 0);
	CHECK_EQ(rig.commands, 0);
	finish();
}

/* 5.1.3.1: what needs others is not taken without them. */
TEST(features_that_need_others_are_left)
{
	static const u8 lonely[] = {
		VIRTIO_NET_F_GUEST_TSO4,
		VIRTIO_NET_F_GUEST_ECN,
		VIRTIO_NET_F_GUEST_UFO,
		VIRTIO_NET_F_GUEST_USO4,
		VIRTIO_NET_F_HOST_TSO6,
		VIRTIO_NET_F_HOST_ECN,
		VIRTIO_NET_F_HOST_UFO,
		VIRTIO_NET_F_HOST_USO,
		VIRTIO_NET_F_CTRL_RX,
		VIRTIO_NET_F_CTRL_VLAN,
		VIRTIO_NET_F_MQ,
		VIRTIO_NET_F_CTRL_MAC_ADDR,
		VIRTIO_NET_F_RSS,
		VIRTIO_NET_F_HASH_REPORT,
		VIRTIO_NET_F_NOTF_COAL,
		VIRTIO_NET_F_GUEST_ANNOUNCE,
		VIRTIO_NET_F_CTRL_GUEST_OFFLOADS,
	};

	rig_device(1, lonely, sizeof(lonely));
	if (!added())
		return;
	for (unsigned i = 0; i < sizeof(lonely); i++)
		CHECK(!virtio_has(&fake.vdev, lonely[i]));
	finish();
	/* The class of its command is another feature's (5.1.6.5.2.2). */
	RIG_DEVICE(1, VIRTIO_NET_F_CTRL_VQ, VIRTIO_NET_F_CTRL_MAC_ADDR);
	if (!added())
		return;
	CHECK(!virtio_has(&fake.vdev, VIRTIO_NET_F_CTRL_MAC_ADDR));
	finish();
}

/* A configuration that cannot be: the feature is not used, the rest is. */
static void expect_left(unsigned feature)
{
	if (!added())
		return;
	CHECK(!virtio_has(&fake.vdev, feature));
	CHECK_EQ(rig_start(), 0);
	finish();
}

TEST(impossible_configurations_cost_their_feature)
{
	RIG_DEVICE(1, VIRTIO_NET_F_MTU);
	rig_config()->mtu = cpu_to_le16(67);
	expect_left(VIRTIO_NET_F_MTU);
	RIG_DEVICE(1, VIRTIO_NET_F_CTRL_VQ, VIRTIO_NET_F_MQ);
	rig_config()->max_virtqueue_pairs = cpu_to_le16(0);
	expect_left(VIRTIO_NET_F_MQ);
	RIG_DEVICE(1, VIRTIO_NET_F_CTRL_VQ, VIRTIO_NET_F_MQ);
	rig_config()->max_virtqueue_pairs = cpu_to_le16(0x8001);
	expect_left(VIRTIO_NET_F_MQ);
	RIG_DEVICE(1, VIRTIO_NET_F_CTRL_VQ, VIRTIO_NET_F_RSS);
	rig_config()->rss_max_key_size = 39;
	expect_left(VIRTIO_NET_F_RSS);
	RIG_DEVICE(1, VIRTIO_NET_F_CTRL_VQ, VIRTIO_NET_F_RSS);
	rig_config()->rss_max_indirection_table_length = cpu_to_le16(127);
	expect_left(VIRTIO_NET_F_RSS);
	RIG_DEVICE(1, VIRTIO_NET_F_CTRL_VQ, VIRTIO_NET_F_HASH_REPORT);
	rig_config()->supported_hash_types = cpu_to_le32(0xffffffc0);
	expect_left(VIRTIO_NET_F_HASH_REPORT);
	/* Shorter than the fields that it should have. */
	RIG_DEVICE(1, VIRTIO_NET_F_CTRL_VQ, VIRTIO_NET_F_MQ);
	fake.config_size = 6;
	expect_left(VIRTIO_NET_F_MQ);
}

TEST(queue_too_small_for_a_frame_is_refused)
{
	RIG_DEVICE(1, VIRTIO_NET_F_MTU, VIRTIO_NET_F_MRG_RXBUF);
	rig_config()->mtu = cpu_to_le16(9000);
	fake.queues[0].size_max = 2;
	CHECK_EQ(fake_virtio_add(&fake), -EINVAL);
	fake_virtio_remove(&fake);
	RIG_DEVICE(1, VIRTIO_NET_F_GUEST_CSUM, VIRTIO_NET_F_GUEST_TSO4);
	fake.queues[0].size_max = 8;
	CHECK_EQ(fake_virtio_add(&fake), -EINVAL);
	fake_virtio_remove(&fake);
}

TEST(queue_that_is_missing_is_refused)
{
	RIG_DEVICE(2, VIRTIO_NET_F_CTRL_VQ, VIRTIO_NET_F_MQ);
	fake.queues[3].size_max = 0;
	CHECK_EQ(fake_virtio_add(&fake), -ENOENT);
	fake_virtio_remove(&fake);
}

TEST(memory_that_fails_is_no_harm)
{
	int err = -ENOMEM;

	for (unsigned n = 0; err; n++) {
		RIG_DEVICE(1, VIRTIO_NET_F_CTRL_VQ, VIRTIO_NET_F_MAC);
		/* The device's registration is not what is tested. */
		host_heap_fail_after(n);
		err = fake_virtio_add(&fake);
		host_heap_fail_after(HOST_HEAP_NEVER);
		if (err && !CHECK_EQ(err, -ENOMEM))
			break;
		fake_virtio_remove(&fake);
		CHECK_EQ(host_dma_bytes, 0);
	}
}

/* virtio 1.3, drivernormative 5.1.6.5.1.2: Packet Receive Filtering */
/* virtio 1.3, drivernormative 5.1.6.5.2.2: Setting MAC Address Filtering */
TEST(filters_are_as_the_specification_has_them)
{
	static const u8 groups[2][6] = { { 1, 0, 0x5e, 0, 0, 1 },
					 { 0x33, 0x33, 0, 0, 0, 2 } };
	struct net_filter filter = { NET_RX_ALL_MULTICAST, 2, groups };

	RIG_DEVICE(1, VIRTIO_NET_F_CTRL_VQ, VIRTIO_NET_F_CTRL_RX);
	if (!added())
		return;
	/* A device begins promiscuous. */
	CHECK_EQ(rig.commands, COMMANDS_OF_READY);
	EXPECT_COMMAND(2, VIRTIO_NET_CTRL_RX, VIRTIO_NET_CTRL_RX_PROMISC, 0);
	EXPECT_COMMAND(1, VIRTIO_NET_CTRL_RX, VIRTIO_NET_CTRL_RX_ALLMULTI, 0);
	EXPECT_COMMAND(0, VIRTIO_NET_CTRL_MAC, VIRTIO_NET_CTRL_MAC_TABLE_SET, 0,
		       0, 0, 0, 0, 0, 0, 0);
	CHECK_EQ(rig.net->ops->set_filter(rig.net, &filter), 0);
	EXPECT_COMMAND(2, VIRTIO_NET_CTRL_RX, VIRTIO_NET_CTRL_RX_PROMISC, 0);
	EXPECT_COMMAND(1, VIRTIO_NET_CTRL_RX, VIRTIO_NET_CTRL_RX_ALLMULTI, 1);
	EXPECT_COMMAND(0, VIRTIO_NET_CTRL_MAC, VIRTIO_NET_CTRL_MAC_TABLE_SET, 0,
		       0, 0, 0, 2, 0, 0, 0, 1, 0, 0x5e, 0, 0, 1, 0x33, 0x33, 0,
		       0, 0, 2);
	finish();
}

TEST(too_many_addresses_are_all_of_them)
{
	static const u8 groups[65][6];
	struct net_filter filter = { 0, 65, groups };

	RIG_DEVICE(1, VIRTIO_NET_F_CTRL_VQ, VIRTIO_NET_F_CTRL_RX);
	if (!added())
		return;
	CHECK_EQ(rig.net->ops->set_filter(rig.net, &filter), 0);
	EXPECT_COMMAND(1, VIRTIO_NET_CTRL_RX, VIRTIO_NET_CTRL_RX_ALLMULTI, 1);
	EXPECT_COMMAND(0, VIRTIO_NET_CTRL_MAC, VIRTIO_NET_CTRL_MAC_TABLE_SET, 0,
		       0, 0, 0, 0, 0, 0, 0);
	finish();
}

TEST(commands_that_were_not_negotiated_are_not_sent)
{
	static const u8 address[6] = { 2 };
	struct net_filter filter = { 0 };
	const struct net_device_ops *ops;

	RIG_DEVICE(1, VIRTIO_NET_F_CTRL_VQ);
	if (!added())
		return;
	ops = rig.net->ops;
	CHECK_EQ(ops->set_filter(rig.net, &filter), -EOPNOTSUPP);
	CHECK_EQ(ops->set_address(rig.net, address), -EOPNOTSUPP);
	CHECK_EQ(ops->set_vlan(rig.net, 1, true), -EOPNOTSUPP);
	CHECK_EQ(ops->set_offloads(rig.net, 0), -EOPNOTSUPP);
	CHECK_EQ(rig_start(), 0);
	CHECK_EQ(rig.commands, 0);
	CHECK_EQ(fake.config_written, 0);
	finish();
}

TEST(address_is_set_by_command)
{
	static const u8 address[] = { 2, 1, 2, 3, 4, 5 };

	RIG_DEVICE(1, VIRTIO_NET_F_MAC, VIRTIO_NET_F_CTRL_VQ,
		   VIRTIO_NET_F_CTRL_RX, VIRTIO_NET_F_CTRL_MAC_ADDR);
	if (!added())
		return;
	CHECK_EQ(rig.net->ops->set_address(rig.net, address), 0);
	EXPECT_COMMAND(0, VIRTIO_NET_CTRL_MAC, VIRTIO_NET_CTRL_MAC_ADDR_SET, 2,
		       1, 2, 3, 4, 5);
	CHECK_EQ(fake.config_written, 0);
	finish();
}

/* 5.1.4.3: there only, the configuration may be written. */
TEST(legacy_address_is_written)
{
	static const u8 address[] = { 2, 1, 2, 3, 4, 5 };

	RIG_DEVICE(1, VIRTIO_NET_F_MAC);
	virtio_feature_clear(&fake.offered, VIRTIO_F_VERSION_1);
	fake.vdev.legacy = true;
	if (!added())
		return;
	CHECK_EQ(rig.net->ops->set_address(rig.net, address), 0);
	CHECK_MEM(rig_config()->mac, address, 6);
	finish();
}

TEST(vlans_are_added_and_removed)
{
	RIG_DEVICE(1, VIRTIO_NET_F_CTRL_VQ, VIRTIO_NET_F_CTRL_VLAN);
	if (!added())
		return;
	CHECK(rig.net->features & NET_VLAN_FILTER);
	CHECK_EQ(rig.net->ops->set_vlan(rig.net, 0x123, true), 0);
	EXPECT_COMMAND(0, VIRTIO_NET_CTRL_VLAN, VIRTIO_NET_CTRL_VLAN_ADD, 0x23,
		       1);
	CHECK_EQ(rig.net->ops->set_vlan(rig.net, 0x123, false), 0);
	EXPECT_COMMAND(0, VIRTIO_NET_CTRL_VLAN, VIRTIO_NET_CTRL_VLAN_DEL, 0x23,
		       1);
	CHECK_EQ(rig.net->ops->set_vlan(rig.net, 4096, true), -EINVAL);
	finish();
}

/* virtio 1.3, drivernormative 5.1.6.5.8.2: Setting Offloads State */
TEST(only_negotiated_offloads_are_asked_for)
{
	RIG_DEVICE(1, VIRTIO_NET_F_CTRL_VQ, VIRTIO_NET_F_CTRL_GUEST_OFFLOADS,
		   VIRTIO_NET_F_GUEST_CSUM, VIRTIO_NET_F_GUEST_TSO4,
		   VIRTIO_NET_F_MRG_RXBUF);
	if (!added())
		return;
	CHECK_EQ(rig.net->ops->set_offloads(rig.net, ~0U), 0);
	EXPECT_COMMAND(0, VIRTIO_NET_CTRL_GUEST_OFFLOADS,
		       VIRTIO_NET_CTRL_GUEST_OFFLOADS_SET, 0x82, 0, 0, 0, 0, 0,
		       0, 0);
	CHECK_EQ(rig.net->ops->set_offloads(rig.net, NET_RX_CHECKSUM), 0);
	EXPECT_COMMAND(0, VIRTIO_NET_CTRL_GUEST_OFFLOADS,
		       VIRTIO_NET_CTRL_GUEST_OFFLOADS_SET, 2, 0, 0, 0, 0, 0, 0,
		       0);
	/* Large packets need checksums (5.1.3.1). */
	CHECK_EQ(rig.net->ops->set_offloads(rig.net, NET_LARGE_RX), 0);
	EXPECT_COMMAND(0, VIRTIO_NET_CTRL_GUEST_OFFLOADS,
		       VIRTIO_NET_CTRL_GUEST_OFFLOADS_SET, 0, 0, 0, 0, 0, 0, 0,
		       0);
	finish();
}

/* virtio 1.3, drivernormative 5.1.6.5.6.1: Automatic receive steering */
TEST(pairs_are_enabled_when_they_have_buffers)
{
	RIG_DEVICE(4, VIRTIO_NET_F_CTRL_VQ, VIRTIO_NET_F_MQ);
	if (!added())
		return;
	CHECK_EQ(rig.net->pairs_max, 4);
	CHECK_EQ(rig.commands, 0);
	CHECK_EQ(rig_start(), 0);
	EXPECT_COMMAND(0, VIRTIO_NET_CTRL_MQ, VIRTIO_NET_CTRL_MQ_VQ_PAIRS_SET,
		       4, 0);
	finish();
}

TEST(no_more_pairs_than_cpus)
{
	RIG_DEVICE(4, VIRTIO_NET_F_CTRL_VQ, VIRTIO_NET_F_MQ);
	cpu_online_mask.bits[0] = 3;
	if (!added())
		return;
	CHECK_EQ(rig.net->pairs_max, 2);
	CHECK_EQ(rig_start(), 0);
	EXPECT_COMMAND(0, VIRTIO_NET_CTRL_MQ, VIRTIO_NET_CTRL_MQ_VQ_PAIRS_SET,
		       2, 0);
	finish();
}

/* virtio 1.3, drivernormative 5.1.6.5.7.2: Setting RSS parameters */
TEST(receive_side_scaling_uses_all_pairs)
{
	const u8 *bytes = rig.command[0].bytes;
	const unsigned at = 2 + 8 + 2 * VIRTIO_NET_RSS_TABLE_MIN;

	RIG_DEVICE(3, VIRTIO_NET_F_CTRL_VQ, VIRTIO_NET_F_MQ, VIRTIO_NET_F_RSS);
	rig_config()->supported_hash_types = cpu_to_le32(0x1ff);
	rig_config()->rss_max_indirection_table_length = cpu_to_le16(200);
	if (!added() || !CHECK_EQ(rig_start(), 0))
		return;
	CHECK_EQ(rig.commands, 1);
	CHECK_EQ(rig.command[0].size, at + 3 + VIRTIO_NET_RSS_KEY_MIN);
	CHECK_EQ(bytes[0], VIRTIO_NET_CTRL_MQ);
	CHECK_EQ(bytes[1], VIRTIO_NET_CTRL_MQ_RSS_CONFIG);
	/* Only kinds that both know; a mask; the queue for others is 0. */
	CHECK_MEM(bytes + 2, "\x3f\0\0\0\x7f\0\0\0", 8);
	for (unsigned i = 0; i < VIRTIO_NET_RSS_TABLE_MIN; i++)
		CHECK_EQ(bytes[10 + 2 * i] | bytes[11 + 2 * i] << 8, i % 3);
	CHECK_MEM(bytes + at, "\3\0\x28\x6d\x5a", 5);
	finish();
}

TEST(hashes_are_configured_without_steering)
{
	RIG_DEVICE(1, VIRTIO_NET_F_CTRL_VQ, VIRTIO_NET_F_HASH_REPORT);
	if (!added() || !CHECK_EQ(rig_start(), 0))
		return;
	CHECK_EQ(rig.commands, 1);
	CHECK_EQ(rig.command[0].size, 2 + 13 + VIRTIO_NET_RSS_KEY_MIN);
	CHECK_MEM(rig.command[0].bytes,
		  "\4\2\x3f\0\0\0\0\0\0\0\0\0\0\0\x28\x6d\x5a", 17);
	finish();
}

/* virtio 1.3, drivernormative 5.1.6.5.9.5: Notifications Coalescing */
TEST(coalescing_is_set_for_all_queues)
{
	RIG_DEVICE(1, VIRTIO_NET_F_CTRL_VQ, VIRTIO_NET_F_NOTF_COAL,
		   VIRTIO_NET_F_VQ_NOTF_COAL);
	if (!added() || !CHECK_EQ(rig_start(), 0))
		return;
	CHECK_EQ(rig.commands, 2);
	EXPECT_COMMAND(1, VIRTIO_NET_CTRL_NOTF_COAL,
		       VIRTIO_NET_CTRL_NOTF_COAL_RX_SET, 16, 0, 0, 0, 20, 0, 0,
		       0);
	EXPECT_COMMAND(0, VIRTIO_NET_CTRL_NOTF_COAL,
		       VIRTIO_NET_CTRL_NOTF_COAL_TX_SET, 64, 0, 0, 0, 100, 0, 0,
		       0);
	finish();
}

TEST(coalescing_is_set_for_each_enabled_queue)
{
	RIG_DEVICE(2, VIRTIO_NET_F_CTRL_VQ, VIRTIO_NET_F_MQ,
		   VIRTIO_NET_F_VQ_NOTF_COAL);
	if (!added() || !CHECK_EQ(rig_start(), 0))
		return;
	CHECK_EQ(rig.commands, 1 + 4);
	EXPECT_COMMAND(1, VIRTIO_NET_CTRL_NOTF_COAL,
		       VIRTIO_NET_CTRL_NOTF_COAL_VQ_SET, 2, 0, 0, 0, 16, 0, 0,
		       0, 20, 0, 0, 0);
	EXPECT_COMMAND(0, VIRTIO_NET_CTRL_NOTF_COAL,
		       VIRTIO_NET_CTRL_NOTF_COAL_VQ_SET, 3, 0, 0, 0, 64, 0, 0,
		       0, 100, 0, 0, 0);
	finish();
}

TEST(refused_command_is_reported_and_no_more)
{
	RIG_DEVICE(1, VIRTIO_NET_F_MAC, VIRTIO_NET_F_CTRL_VQ,
		   VIRTIO_NET_F_CTRL_VLAN);
	if (!added())
		return;
	host_said_count = 0;
	rig.ack = VIRTIO_NET_ERR;
	CHECK_EQ(rig.net->ops->set_vlan(rig.net, 1, true), -EIO);
	rig.ack = 0x77;
	CHECK_EQ(rig.net->ops->set_vlan(rig.net, 1, true), -EIO);
	CHECK_EQ(host_said_count, 2);
	rig.ack = VIRTIO_NET_OK;
	CHECK_EQ(rig.net->ops->set_vlan(rig.net, 1, true), 0);
	CHECK(!virtio_is_broken(&fake.vdev));
	finish();
}

TEST(steering_that_is_refused_keeps_it_closed)
{
	RIG_DEVICE(2, VIRTIO_NET_F_CTRL_VQ, VIRTIO_NET_F_MQ);
	if (!added())
		return;
	rig.ack = VIRTIO_NET_ERR;
	CHECK_EQ(rig_start(), -EIO);
	rig.ack = VIRTIO_NET_OK;
	CHECK_EQ(rig_start(), 0);
	finish();
}

TEST(command_without_answer_breaks_the_device)
{
	RIG_DEVICE(1, VIRTIO_NET_F_MAC, VIRTIO_NET_F_CTRL_VQ,
		   VIRTIO_NET_F_CTRL_VLAN);
	if (!added())
		return;
	host_said_count = 0;
	rig.mute = true;
	CHECK_EQ(rig.net->ops->set_vlan(rig.net, 1, true), -ETIMEDOUT);
	CHECK_EQ(host_said_count, 1);
	CHECK(virtio_is_broken(&fake.vdev));
	host_run_work();
	CHECK_EQ(rig.net->ops->set_vlan(rig.net, 1, true), -EIO);
	CHECK_EQ(host_said_count, 1);
	finish();
}

TEST(bound_again_it_works_again)
{
	RIG_DEVICE(1, VIRTIO_NET_F_MAC, VIRTIO_NET_F_MRG_RXBUF);
	if (!added() || !CHECK_EQ(rig_start(), 0))
		return;
	virtio_break(&fake.vdev, "for a test");
	host_run_work();
	CHECK_EQ(device_unbind(&fake.vdev.dev), 0);
	CHECK(!rig.net);
	CHECK_EQ(device_bind(&fake.vdev.dev, NULL), 0);
	CHECK_EQ(rig_start(), 0);
	CHECK_EQ(rig_transmit(0, packet_alloc(60), false), 0);
	CHECK_EQ(rig.sent_count, 1);
	finish();
}

/* What a device may still write to is never used for anything else. */
TEST(lost_device_keeps_its_memory)
{
	struct virtnet_command *command;

	RIG_DEVICE(1, VIRTIO_NET_F_MAC);
	if (!added() || !CHECK_EQ(rig_start(), 0))
		return;
	command = to_virtnet(rig.net)->ctrl.command;
	fake.never_resets = true;
	fake.no_isolation = true;
	virtio_break(&fake.vdev, "for a test");
	host_run_work();
	CHECK(virtio_is_lost(&fake.vdev));
	CHECK_EQ(device_unbind(&fake.vdev.dev), 0);
	CHECK_EQ(rig.pages, RIG_QUEUE_SIZE);
	/* It is still there. */
	kfree(command);
}
