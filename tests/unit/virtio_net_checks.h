/* SPDX-License-Identifier: BSD-2-Clause */
/* The rig, in unit tests: devices that work from the beginning to the end. */
#pragma once

#include "unit.h"
#include "virtio_net_rig.h"

#define HDR VIRTIO_NET_HDR_MODERN

static bool started(void)
{
	return CHECK_EQ(fake_virtio_add(&fake), 0) && CHECK_EQ(rig_start(), 0);
}

/* The device goes, and all memory comes back. */
static void finish(void)
{
	rig_free_kept();
	fake_virtio_remove(&fake);
	rig_free_kept();
	CHECK_EQ(rig.pages, 0);
	CHECK_EQ(rig.packets, 0);
}

static struct packet *outgoing(unsigned size)
{
	struct packet *packet = packet_alloc(size);

	for (unsigned i = 0; i < size; i++)
		packet->data[i] = rig_byte(i);
	return packet;
}
