/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A network device that offers, configures, receives and answers whatever the
 * input says. What the driver hands up must be memory of its own.
 */
#include <stdlib.h>
#include "../unit/virtio_net_rig.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

#define STEPS_MAX  64
#define FRAME_SIZE 100

static const u8 *input;
static size_t input_left;
static volatile u32 sum;

static void take(void *out, size_t size)
{
	size_t there = MIN(size, input_left);

	memset(out, 0, size);
	memcpy(out, input, there);
	input += there;
	input_left -= there;
}

static u16 take16(void)
{
	u16 v;

	take(&v, sizeof(v));
	return v;
}

static bool is_there(unsigned queue)
{
	return fake.queues[queue].enabled &&
	       fake.status & VIRTIO_STATUS_DRIVER_OK;
}

/* A buffer with any header, and as much as it may say, or more. */
static void receive(void)
{
	static struct fake_buffer buffer;
	u8 bytes[VIRTIO_NET_HDR_HASH + 64];
	u32 length = take16();

	if (!is_there(0) || !fake_take(&fake, 0, &buffer))
		return;
	take(bytes, sizeof(bytes));
	fake_write(&buffer, 0, bytes, sizeof(bytes));
	if (length % 4)
		length = MIN(length, (u32)buffer.writable);
	else if (length % 8)
		length = (u32)buffer.writable;
	fake_use(&fake, 0, &buffer, length);
	fake_interrupt(&fake, 0);
}

static void lie(void)
{
	unsigned queue = take16() % 3;
	u16 id = take16(), length = take16();

	if (!is_there(queue))
		return;
	if (fake_has(&fake, VIRTIO_F_RING_PACKED))
		fake_packed_say(&fake, queue, id, length, 1);
	else
		fake_split_say(&fake, queue, id, length);
	fake_interrupt(&fake, queue);
}

static void transmit(void)
{
	struct packet *packet = packet_alloc(FRAME_SIZE);

	take(&packet->checksum, 1);
	take(&packet->segmentation, 1);
	packet->checksum %= 3;
	packet->segmentation %= 6;
	packet->ecn =
		packet->checksum == PACKET_CHECKSUM_PARTIAL && take16() % 2;
	packet->checksum_start = take16();
	packet->checksum_offset = take16();
	packet->segment_size = take16();
	take(packet->data, FRAME_SIZE);
	if (rig_transmit(0, packet, take16() % 2))
		packet_free(packet);
}

static void command(void)
{
	struct net_filter filter = { take16() % 4, 0, NULL };

	take(&rig.ack, 1);
	rig.mute = take16() % 16 == 15;
	rig.net->ops->set_filter(rig.net, &filter);
	rig.net->ops->set_vlan(rig.net, take16(), true);
	rig.net->ops->set_offloads(rig.net, take16());
	rig.mute = false;
}

static void change(void)
{
	take(fake.config, sizeof(struct virtio_net_config));
	fake.generation++;
	fake_config_interrupt(&fake);
	host_run_work();
}

/* Every byte is there. */
static void look_at_kept(void)
{
	for (unsigned n = 0; n < rig.kept_count; n++) {
		const struct packet *packet = rig.kept[n];
		u32 total = packet->length;

		for (u32 i = 0; i < packet->length; i++)
			sum += packet->data[i];
		for (unsigned i = 0; i < packet->fragments; i++) {
			const u8 *part = packet->fragment[i].data;

			total += packet->fragment[i].length;
			for (u32 j = 0; j < packet->fragment[i].length; j++)
				sum += part[j];
		}
		if (total != packet->total ||
		    (packet->checksum == PACKET_CHECKSUM_PARTIAL &&
		     packet->checksum_start + packet->checksum_offset + 2U >
			     packet->length) ||
		    packet->header_length > packet->length)
			abort();
	}
	rig_free_kept();
}

static void poll(void)
{
	rig_poll(0);
	look_at_kept();
	rig.net->ops->arm(rig.net->pair);
}

static void step(void)
{
	static void (*const steps[])(void) = {
		receive, receive, receive, poll, transmit, command, change, lie,
	};

	steps[take16() % ARRAY_SIZE(steps)]();
}

static void use(void)
{
	if (rig_start())
		return;
	for (unsigned n = 0; n < STEPS_MAX && input_left; n++)
		step();
	poll();
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	u64 offered;

	input = data;
	input_left = size;
	RIG_DEVICE(1, VIRTIO_NET_F_MAC);
	take(&offered, sizeof(offered));
	fake.offered.word[0] = offered;
	if (offered & BIT64(VIRTIO_F_VERSION_1))
		fake_offer(&fake, VIRTIO_F_VERSION_1);
	else
		fake.vdev.legacy = true;
	take(fake.config, sizeof(struct virtio_net_config));
	/* Where the driver will look for the control queue. */
	if (offered & (BIT64(VIRTIO_NET_F_MQ) | BIT64(VIRTIO_NET_F_RSS)))
		rig_config()->max_virtqueue_pairs = cpu_to_le16(1);
	if (!fake_virtio_add(&fake))
		use();
	/* A stack that stops gets all of its packets back, later at most. */
	rig.hold_tx = false;
	fake_virtio_remove(&fake);
	host_run_work();
	if (rig.pages || rig.packets)
		abort();
	return 0;
}
