/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Datagrams that come in fragments (RFC 791, 815). Anybody can send beginnings
 * of datagrams that never end, so there are few of them, with bounded memory,
 * for a short time; the oldest goes first. Fragments that overlap are nothing
 * that a sound sender makes: the whole datagram goes (as RFC 5722 has it for
 * IPv6).
 */
#include "stack.h"
#include <kernel/mm/slab.h>
#include <kernel/string.h>
#include <kernel/time.h>

/* Policy. */
#define DATAGRAMS_MAX 32
#define FRAGMENTS_MAX 128 /* of each: 64 KiB in the smallest sound pieces */
#define BYTES_MAX     (1024 * 1024) /* of memory */
#define LIFE_NS	      (15 * NSEC_PER_SEC)
#define TICK_NS	      NSEC_PER_SEC

#define PAYLOAD_MAX (65535 - sizeof(struct ipv4_header))

/* A fragment is its packet; `source` of that says where it begins. */
struct datagram {
	struct datagram *next; /* a younger one */
	u32 source, destination;
	u16 identification;
	u8 protocol;
	u64 since_ns;
	unsigned count;	      /* fragments */
	u32 bytes;	      /* of payload so far */
	u32 end;	      /* of all payload; 0: not known yet */
	struct packet *first; /* by their places */
	struct packet *last;
};

static void tick(struct work *work);

static struct {
	struct spinlock lock;
	unsigned count;
	u32 bytes;
	bool ticking;
	struct datagram *first;
	struct delayed_work tick;
} table = { .tick.work.fn = tick };

/* Unlink it; its fragments are the caller's. */
static struct datagram *take(struct datagram **link)
{
	struct datagram *gone = *link;

	*link = gone->next;
	table.count--;
	for (struct packet *it = gone->first; it; it = it->next)
		table.bytes -= packet_memory(it);
	return gone;
}

static void discard(struct datagram *datagram)
{
	struct packet *it = datagram->first;

	while (it) {
		struct packet *next = it->next;

		net_drop(it, NET_DROP_FRAGMENT);
		it = next;
	}
	kfree(datagram);
}

static bool is_same(const struct datagram *it, const struct ipv4_info *info)
{
	return it->identification ==
		       be16_to_cpu(info->header->identification) &&
	       it->source == info->source &&
	       it->destination == info->destination &&
	       it->protocol == info->protocol;
}

static struct datagram **find_link(const struct ipv4_info *info)
{
	struct datagram **link = &table.first;

	while (*link && !is_same(*link, info))
		link = &(*link)->next;
	return link;
}

/* At @link, which is the end of the list. */
static struct datagram *create(struct datagram **link,
			       const struct ipv4_info *info)
{
	struct datagram *new = kzalloc(sizeof(*new));

	if (!new)
		return NULL;
	new->source = info->source;
	new->destination = info->destination;
	new->protocol = info->protocol;
	new->identification = be16_to_cpu(info->header->identification);
	new->since_ns = time_ns();
	*link = new;
	table.count++;
	if (!table.ticking) {
		table.ticking = true;
		(void)work_queue_at(&table.tick, time_ns() + TICK_NS);
	}
	return new;
}

enum added {
	ADDED,
	ADDED_TWICE,
	ADDED_WRONG
};

/* Put @packet, which begins at packet->source, where it belongs. */
static enum added insert(struct datagram *datagram, struct packet *packet)
{
	u32 begin = packet->source, end = begin + packet->total;
	struct packet *before = NULL, *after = datagram->first;

	if (datagram->last && datagram->last->source < begin) {
		before = datagram->last;
		after = NULL;
	}
	while (after && after->source < begin) {
		before = after;
		after = after->next;
	}
	if (after && after->source == begin && after->total == packet->total)
		return ADDED_TWICE;
	if ((before && before->source + before->total > begin) ||
	    (after && after->source < end) || datagram->count == FRAGMENTS_MAX)
		return ADDED_WRONG;
	packet->next = after;
	*(before ? &before->next : &datagram->first) = packet;
	if (!after)
		datagram->last = packet;
	datagram->count++;
	datagram->bytes += packet->total;
	table.bytes += packet_memory(packet);
	return ADDED;
}

/* The last fragment ends at @end; what is there must agree. */
static bool set_end(struct datagram *datagram, u32 end, bool last)
{
	if (last && datagram->end && datagram->end != end)
		return false;
	if (last)
		datagram->end = end;
	if (!datagram->end)
		return true;
	return end <= datagram->end &&
	       (!datagram->last ||
		datagram->last->source + datagram->last->total <=
			datagram->end);
}

/* Make one packet of all: IP's header, then the payload. */
static struct packet *join(const struct datagram *datagram,
			   struct ipv4_info *info)
{
	unsigned header = sizeof(*info->header);
	struct packet *whole = NULL;
	u8 *at;

	if (datagram->first)
		whole = packet_alloc(header + datagram->end);
	if (!whole)
		return NULL;
	/* info->header is in one of the fragments, which will go. */
	memcpy(whole->data, info->header, header);
	info->header = (const void *)whole->data;
	at = whole->data + header;
	whole->data = at;
	for (struct packet *it = datagram->first; it; it = it->next) {
		memcpy(at, it->data, it->total);
		at += it->total;
	}
	packet_cut(whole, datagram->end);
	whole->device = datagram->first->device;
	return whole;
}

static struct packet *complete(struct datagram *datagram,
			       struct ipv4_info *info)
{
	struct packet *whole = join(datagram, info);
	struct packet *it = datagram->first;

	while (it) {
		struct packet *next = it->next;

		packet_free(it);
		it = next;
	}
	kfree(datagram);
	if (!whole)
		net_count(NET_DROP_MEMORY);
	return whole;
}

/* The caller discards what this returns; there may be nothing to do. */
static struct datagram *make_room(void)
{
	if (table.first &&
	    (table.count == DATAGRAMS_MAX || table.bytes > BYTES_MAX))
		return take(&table.first);
	return NULL;
}

/*
 * Under the lock: 1 and the datagram at *@link is complete, or 0. *@packet is
 * NULL if it was taken.
 */
static bool add(struct datagram **link, struct packet **packet, bool last,
		struct datagram **wrong)
{
	struct datagram *datagram = *link;
	u32 end = (*packet)->source + (*packet)->total;
	enum added added = ADDED_WRONG;

	if (set_end(datagram, end, last))
		added = insert(datagram, *packet);
	if (added == ADDED_WRONG)
		*wrong = take(link);
	if (added != ADDED)
		return false;
	*packet = NULL;
	return datagram->end && datagram->bytes == datagram->end;
}

/* Fragments but the last are multiples of 8 long (RFC 791, 3.2). */
static bool is_sound(const struct packet *packet, u32 begin, bool last)
{
	return packet->total && begin + packet->total <= PAYLOAD_MAX &&
	       (last || packet->total % 8 == 0);
}

struct packet *reassembly_add(struct packet *packet, struct ipv4_info *info)
{
	u16 field = be16_to_cpu(info->header->fragment);
	bool last = !(field & IPV4_MORE_FRAGMENTS), done = false;
	struct datagram *old, *wrong = NULL, *ready = NULL, **link;
	u32 begin = (field & IPV4_OFFSET_MASK) * 8U;

	if (packet->fragments || !is_sound(packet, begin, last)) {
		net_drop(packet, NET_DROP_FRAGMENT);
		return NULL;
	}
	packet->source = begin;
	spin_lock(&table.lock);
	old = make_room();
	link = find_link(info);
	if (*link || create(link, info))
		done = add(link, &packet, last, &wrong);
	if (done)
		ready = take(link);
	spin_unlock(&table.lock);
	if (old)
		discard(old);
	if (wrong)
		discard(wrong);
	if (packet)
		net_drop(packet, NET_DROP_FRAGMENT);
	return ready ? complete(ready, info) : NULL;
}

static bool came_by(const struct datagram *datagram,
		    const struct net_device *net)
{
	for (const struct packet *it = datagram->first; it; it = it->next)
		if (it->device == net)
			return true;
	return false;
}

void reassembly_forget(const struct net_device *net)
{
	struct datagram *gone = NULL, **link = &table.first;
	u64 now = time_ns();

	spin_lock(&table.lock);
	while (*link) {
		struct datagram *it = *link;

		if (net ? !came_by(it, net) : now - it->since_ns < LIFE_NS) {
			link = &it->next;
			continue;
		}
		take(link);
		it->next = gone;
		gone = it;
	}
	spin_unlock(&table.lock);
	while (gone) {
		struct datagram *next = gone->next;

		discard(gone);
		gone = next;
	}
}

static void tick(struct work *work __unused)
{
	preempt_disable();
	reassembly_forget(NULL);
	spin_lock(&table.lock);
	table.ticking = table.count;
	if (table.ticking)
		(void)work_queue_at(&table.tick, time_ns() + TICK_NS);
	spin_unlock(&table.lock);
	preempt_enable();
}

unsigned reassembly_count(void)
{
	return atomic_read(&table.count);
}
