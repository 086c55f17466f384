/* SPDX-License-Identifier: BSD-2-Clause */
/* Packets, inside of the stack. */
#pragma once

#include <kernel/net.h>

/* 64 KiB of IP, and what is before it in a frame. */
#define PACKET_LENGTH_MAX (65535 + 64)

/** Copy @bytes from @offset of the frame on, out of head and fragments. */
bool packet_copy(const struct packet *packet, unsigned offset, void *out,
		 unsigned bytes);

/**
 * The same frame all in the head: @packet itself, or a copy, and @packet is
 * freed. NULL, and @packet is freed: no memory, or its parts do not fit.
 */
struct packet *packet_linear(struct packet *packet);

/** All that is said about a frame, but where it is. */
void packet_copy_description(struct packet *to, const struct packet *from);

/** Free what no CPU needs soon. */
void packet_trim(void);

/** Take @bytes from the front, which must be in the head. */
static inline void packet_pull(struct packet *packet, unsigned bytes)
{
	packet->data += bytes;
	packet->length -= bytes;
	packet->total -= bytes;
}

/** @bytes more in front, for which there must be room. Where they are. */
static inline void *packet_push(struct packet *packet, unsigned bytes)
{
	packet->data -= bytes;
	packet->length += bytes;
	packet->total += bytes;
	return packet->data;
}

/** Cut a packet without fragments to @length. */
static inline void packet_cut(struct packet *packet, unsigned length)
{
	packet->length = length;
	packet->total = length;
}

/** Cut @packet to @total, which is no more than it has. */
void packet_trim_to(struct packet *packet, unsigned total);

/** Bytes of memory that keeping @packet keeps. */
static inline u32 packet_memory(const struct packet *packet)
{
	u32 bytes = (u32)(packet->end - packet->head + sizeof(*packet));

	for (unsigned i = 0; i < packet->fragments; i++)
		bytes += packet->fragment[i].length;
	return bytes;
}
