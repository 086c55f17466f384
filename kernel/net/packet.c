/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Packets from a cache of each CPU (Bonwick and Adams 2001). A CPU has two
 * lists: one that it takes from and gives to, and a spare one, which is full
 * or empty. Full lists go through a depot, so that CPUs that send and CPUs on
 * which packets are released come together without a lock for each packet.
 *
 * The lists are used with preemption disabled and not in interrupts, which go
 * to the slab: so nothing needs to be masked.
 */
#include "packet.h"
#include <kernel/errno.h>
#include <kernel/mm/slab.h>
#include <kernel/percpu.h>
#include <kernel/preempt.h>
#include <kernel/spinlock.h>
#include <kernel/string.h>

/* Policy: packets of a list, and full lists that the depot keeps. */
#define LIST_PACKETS 32
#define DEPOT_LISTS  16

/* Where a packet's head is: behind its description. */
#define HEAD_OFFSET ALIGN_UP(sizeof(struct packet), (size_t)64)

#define CACHED_BYTES (HEAD_OFFSET + PACKET_HEADROOM + PACKET_CACHED_MAX)
_Static_assert(CACHED_BYTES <= 2048, "a cached packet is a 2 KiB object");

struct packet_list {
	struct packet *first;
	unsigned count;
};

struct packet_cache {
	struct packet_list loaded, spare;
};

static DEFINE_PER_CPU(struct packet_cache, packet_cache);

static struct {
	struct spinlock lock;
	unsigned count;
	struct packet *lists[DEPOT_LISTS]; /* of LIST_PACKETS each */
} depot;

static void swap_lists(struct packet_cache *cache)
{
	struct packet_list loaded = cache->loaded;

	cache->loaded = cache->spare;
	cache->spare = loaded;
}

/* Fill the empty list @list from the depot, if that has one. */
static void list_fetch(struct packet_list *list)
{
	spin_lock(&depot.lock);
	if (depot.count) {
		list->first = depot.lists[--depot.count];
		list->count = LIST_PACKETS;
	}
	spin_unlock(&depot.lock);
}

static void list_free(struct packet *packet)
{
	while (packet) {
		struct packet *next = packet->next;

		kfree(packet);
		packet = next;
	}
}

/* Empty the full list @list: into the depot, or if that is full for good. */
static void list_give(struct packet_list *list)
{
	struct packet *first = list->first;

	spin_lock(&depot.lock);
	if (depot.count < DEPOT_LISTS) {
		depot.lists[depot.count++] = first;
		first = NULL;
	}
	spin_unlock(&depot.lock);
	list_free(first);
	*list = (struct packet_list){ 0 };
}

static struct packet *cache_take(void)
{
	struct packet_cache *cache;
	struct packet *packet;

	preempt_disable();
	cache = this_cpu_ptr(packet_cache);
	if (unlikely(!cache->loaded.first)) {
		swap_lists(cache);
		if (!cache->loaded.first)
			list_fetch(&cache->loaded);
	}
	packet = cache->loaded.first;
	if (likely(packet)) {
		cache->loaded.first = packet->next;
		cache->loaded.count--;
	}
	preempt_enable();
	return packet;
}

static void cache_give(struct packet *packet)
{
	struct packet_cache *cache;

	if (unlikely(in_interrupt())) {
		kfree(packet);
		return;
	}
	preempt_disable();
	cache = this_cpu_ptr(packet_cache);
	if (unlikely(cache->loaded.count == LIST_PACKETS)) {
		if (cache->spare.first)
			list_give(&cache->spare);
		swap_lists(cache);
	}
	packet->next = cache->loaded.first;
	cache->loaded.first = packet;
	cache->loaded.count++;
	preempt_enable();
}

static void free_uncached(struct packet *packet)
{
	kfree(packet);
}

static struct packet *packet_create(size_t bytes)
{
	struct packet *packet = kmalloc(bytes);

	if (!packet)
		return NULL;
	packet->head = (u8 *)packet + HEAD_OFFSET;
	packet->end = (u8 *)packet + bytes;
	return packet;
}

/* The fragments behind a packet are described only as far as they exist. */
static struct packet *packet_reset(struct packet *packet,
				   void (*release)(struct packet *packet))
{
	packet->next = NULL;
	packet->device = NULL;
	packet->data = packet->head + PACKET_HEADROOM;
	packet->length = 0;
	packet->total = 0;
	packet->checksum = PACKET_CHECKSUM_NONE;
	packet->segmentation = PACKET_GSO_NONE;
	packet->ecn = false;
	packet->fragments = 0;
	packet->checksum_start = 0;
	packet->checksum_offset = 0;
	packet->segment_size = 0;
	packet->header_length = 0;
	packet->pair = 0;
	packet->hash = 0;
	packet->release = release;
	packet->owner = NULL;
	return packet;
}

static struct packet *packet_alloc_uncached(unsigned length)
{
	struct packet *packet;

	if (length > PACKET_LENGTH_MAX)
		return NULL;
	packet = packet_create(HEAD_OFFSET + PACKET_HEADROOM + length);
	return packet ? packet_reset(packet, free_uncached) : NULL;
}

struct packet *packet_alloc(unsigned length)
{
	struct packet *packet = NULL;

	if (unlikely(length > PACKET_CACHED_MAX))
		return packet_alloc_uncached(length);
	if (likely(!in_interrupt()))
		packet = cache_take();
	if (unlikely(!packet))
		packet = packet_create(CACHED_BYTES);
	return packet ? packet_reset(packet, cache_give) : NULL;
}

void packet_trim(void)
{
	struct packet_list list = { 0 };

	do {
		list_free(list.first);
		list.first = NULL;
		list_fetch(&list);
	} while (list.first);
}

bool packet_copy(const struct packet *packet, unsigned offset, void *out,
		 unsigned bytes)
{
	const u8 *from = packet->data;
	unsigned here = packet->length, n = 0;
	u8 *to = out;

	if (offset > packet->total || bytes > packet->total - offset)
		return false;
	for (;;) {
		unsigned part = offset < here ? MIN(here - offset, bytes) : 0;

		if (part)
			memcpy(to, from + offset, part);
		to += part;
		bytes -= part;
		if (!bytes)
			return true;
		offset = offset > here ? offset - here : 0;
		if (n == packet->fragments)
			return false;
		from = packet->fragment[n].data;
		here = packet->fragment[n++].length;
	}
}

/* True if its parts are inside of its memory and make up its length. */
static bool is_consistent(const struct packet *packet)
{
	u64 total = packet->length;

	if (packet->data < packet->head || packet->data > packet->end ||
	    packet->length > (size_t)(packet->end - packet->data) ||
	    packet->fragments > PACKET_FRAGMENTS_MAX)
		return false;
	for (unsigned i = 0; i < packet->fragments; i++)
		total += packet->fragment[i].length;
	return total == packet->total && total <= PACKET_LENGTH_MAX;
}

struct packet *packet_linear(struct packet *packet)
{
	struct packet *copy;

	if (likely(!packet->fragments))
		return packet;
	copy = is_consistent(packet) ? packet_alloc(packet->total) : NULL;
	if (copy) {
		packet_copy_description(copy, packet);
		packet_copy(packet, 0, copy->data, packet->total);
		copy->length = copy->total = packet->total;
	}
	packet_free(packet);
	return copy;
}

void packet_copy_description(struct packet *to, const struct packet *from)
{
	to->device = from->device;
	to->checksum = from->checksum;
	to->checksum_start = from->checksum_start;
	to->checksum_offset = from->checksum_offset;
	to->segmentation = from->segmentation;
	to->segment_size = from->segment_size;
	to->header_length = from->header_length;
	to->ecn = from->ecn;
	to->pair = from->pair;
	to->hash = from->hash;
}

void packet_trim_to(struct packet *packet, unsigned total)
{
	unsigned rest;

	packet->total = total;
	if (total <= packet->length) {
		packet->length = total;
		packet->fragments = 0;
		return;
	}
	rest = total - packet->length;
	for (unsigned i = 0; i < packet->fragments; i++) {
		struct packet_fragment *it = &packet->fragment[i];

		it->length = MIN(it->length, rest);
		rest -= it->length;
	}
}
