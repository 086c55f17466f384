/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the tests of the network driver share: a stack that keeps what it is
 * given, pages that are counted, and a device that answers commands and takes
 * frames, on a fake transport.
 */
#pragma once

#include <kernel/byteorder.h>
#include <kernel/errno.h>
#include <kernel/smp.h>
#include <kernel/string.h>
#include "../../drivers/virtio/virtio_net.h"
#include "fake_virtio.h"
#include "host.h"

#define RIG_FRAME_MAX  72000
#define RIG_KEPT_MAX   600
#define RIG_QUEUE_SIZE 64
#define RIG_CTRL_MAX   8

static struct fake_virtio fake;

static struct {
	/* The stack. */
	struct net_device *net; /* registered */
	unsigned wakes, readies, announces;
	struct packet *kept[RIG_KEPT_MAX];
	unsigned kept_count;
	unsigned packets; /* that packet_alloc() gave out */

	/* Memory. */
	unsigned pages;
	bool no_pages;
	struct timer *timer;

	/* The device's side. */
	unsigned ctrl_queue; /* 0: none */
	u8 ack;
	bool mute;    /* commands are not answered */
	bool hold_tx; /* frames are not taken */
	struct {
		u8 bytes[1024];
		size_t size;
	} command[RIG_CTRL_MAX]; /* the last ones */
	unsigned commands;
	u8 sent[RIG_FRAME_MAX]; /* the last one, with its header */
	size_t sent_size;
	unsigned sent_count, sent_segments, sent_first;
} rig;

phys_addr_t alloc_pages(unsigned order, unsigned flags)
{
	void *page;

	if (rig.no_pages || order)
		return 0;
	page = aligned_alloc(PAGE_SIZE, PAGE_SIZE);
	memset(page, 0xa5, PAGE_SIZE);
	rig.pages++;
	return (uintptr_t)page;
}

int free_pages(phys_addr_t phys, unsigned order)
{
	rig.pages--;
	free((void *)(uintptr_t)phys);
	return 0;
}

int timer_start(struct timer *timer, u64 expires_ns)
{
	rig.timer = timer;
	return 0;
}

bool timer_cancel(struct timer *timer)
{
	bool set = rig.timer == timer;

	if (set)
		rig.timer = NULL;
	return set;
}

void complete(struct completion *completion)
{
	completion->done++;
}

bool completion_wait_until(struct completion *completion, u64 until_ns)
{
	if (!completion->done) {
		host_time_now_ns = MAX(host_time_now_ns, until_ns);
		return false;
	}
	completion->done--;
	return true;
}

int net_device_register(struct net_device *net)
{
	net->pairs = net->pairs_max;
	net->pair = calloc(net->pairs, sizeof(*net->pair));
	for (unsigned i = 0; i < net->pairs; i++) {
		net->pair[i].device = net;
		net->pair[i].index = i;
	}
	rig.net = net;
	return 0;
}

static bool rig_open;

static __unused int rig_start(void)
{
	int err = rig.net->ops->open(rig.net);

	rig_open = !err;
	return err;
}

static void rig_stop(void)
{
	if (rig_open)
		rig.net->ops->stop(rig.net);
	rig_open = false;
}

void net_device_unregister(struct net_device *net)
{
	rig_stop();
	free(net->pair);
	rig.net = NULL;
}

void net_set_link(struct net_device *net, bool up, bool announce)
{
	net->link = up;
	rig.announces += announce;
}

void net_wake(struct net_pair *pair)
{
	rig.wakes++;
}

void net_transmit_ready(struct net_pair *pair)
{
	rig.readies++;
}

void net_receive(struct net_pair *pair, struct packet *packet)
{
	pair->rx.packets++;
	if (rig.kept_count == RIG_KEPT_MAX)
		abort();
	rig.kept[rig.kept_count++] = packet;
}

static __unused void rig_free_kept(void)
{
	while (rig.kept_count)
		packet_free(rig.kept[--rig.kept_count]);
}

static void rig_release(struct packet *packet)
{
	rig.packets--;
	free(packet);
}

struct packet *packet_alloc(unsigned length)
{
	struct packet *packet =
		calloc(1, sizeof(*packet) + PACKET_HEADROOM + length);

	packet->head = (u8 *)(packet + 1);
	packet->end = packet->head + PACKET_HEADROOM + length;
	packet->data = packet->head + PACKET_HEADROOM;
	packet->length = packet->total = length;
	packet->release = rig_release;
	rig.packets++;
	return packet;
}

static void rig_take_command(struct fake_buffer *buffer)
{
	__auto_type command = &rig.command[rig.commands++ % RIG_CTRL_MAX];

	command->size =
		fake_read(buffer, 0, command->bytes, sizeof(command->bytes));
	fake_write(buffer, 0, &rig.ack, 1);
}

static void rig_take_frame(struct fake_buffer *buffer)
{
	rig.sent_size = fake_read(buffer, 0, rig.sent, sizeof(rig.sent));
	rig.sent_segments = buffer->out;
	rig.sent_first = buffer->segment[0].length;
	rig.sent_count++;
}

/* The device: it answers commands, and takes what is sent. */
static void rig_serve(struct fake_virtio *device, unsigned queue)
{
	static struct fake_buffer buffer;
	bool ctrl = queue == rig.ctrl_queue && queue;

	if ((ctrl && rig.mute) || (!ctrl && (!(queue & 1) || rig.hold_tx)))
		return;
	while (fake_take(device, queue, &buffer)) {
		if (ctrl)
			rig_take_command(&buffer);
		else
			rig_take_frame(&buffer);
		fake_use(device, queue, &buffer, ctrl);
	}
	fake_interrupt(device, queue);
}

static __unused struct virtio_net_config *rig_config(void)
{
	return (struct virtio_net_config *)fake.config;
}

/* A modern device with a control queue, @pairs pairs and these features. */
static __unused void rig_device(unsigned pairs, const u8 *features,
				unsigned count)
{
	static const u8 address[] = { 0x52, 0x54, 0, 0x12, 0x34, 0x56 };

	memset(&rig, 0, sizeof(rig));
	rig_open = false;
	cpu_online_mask.bits[0] = (1U << pairs) - 1;
	fake_virtio_init(&fake, VIRTIO_ID_NET);
	fake.queue_count = 2 * pairs + 1;
	for (unsigned i = 0; i < fake.queue_count; i++)
		fake.queues[i].size_max = RIG_QUEUE_SIZE;
	rig.ctrl_queue = 2 * pairs;
	fake.config_size = sizeof(struct virtio_net_config);
	memcpy(rig_config()->mac, address, sizeof(address));
	rig_config()->status = cpu_to_le16(VIRTIO_NET_S_LINK_UP);
	rig_config()->max_virtqueue_pairs = cpu_to_le16((u16)pairs);
	rig_config()->mtu = cpu_to_le16(1500);
	rig_config()->rss_max_key_size = VIRTIO_NET_RSS_KEY_MIN;
	rig_config()->rss_max_indirection_table_length =
		cpu_to_le16(VIRTIO_NET_RSS_TABLE_MIN);
	rig_config()->supported_hash_types = cpu_to_le32(0x3f);
	for (unsigned i = 0; i < count; i++)
		fake_offer(&fake, features[i]);
	fake.serve = rig_serve;
	host_said_count = 0;
}

#define RIG_DEVICE(pairs, ...)                  \
 rig_device(pairs, (const u8[]){ __VA_ARGS__ }, \
	    sizeof((const u8[]){ __VA_ARGS__ }))

/*
 * The device writes the @size bytes at @data, header and frame, into @queue's
 * next buffers, as it has to, and gives them back. How many it took.
 */
static __unused unsigned rig_inject(unsigned queue, const void *data,
				    size_t size)
{
	static struct fake_buffer buffer[RIG_QUEUE_SIZE];
	unsigned count = 0;
	size_t at = 0;

	do {
		if (count == RIG_QUEUE_SIZE ||
		    !fake_take(&fake, queue, &buffer[count]))
			abort();
		at += fake_write(&buffer[count++], 0, (const u8 *)data + at,
				 size - at);
	} while (at < size);
	for (unsigned i = 0; i < count; i++) {
		size_t room = buffer[i].writable;

		fake_use(&fake, queue, &buffer[i], (u32)MIN(room, size));
		size -= MIN(room, size);
	}
	fake_interrupt(&fake, queue);
	return count;
}

static __unused unsigned rig_poll(unsigned pair)
{
	return rig.net->ops->poll(&rig.net->pair[pair], 64);
}

static __unused int rig_transmit(unsigned pair, struct packet *packet,
				 bool more)
{
	return rig.net->ops->transmit(&rig.net->pair[pair], packet, more);
}

/* Byte @n of a frame, the same for both sides. */
static inline u8 rig_byte(size_t n)
{
	return (u8)(n * 7 + n / 251);
}
