/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who is where on a network: what ARP found out. The table is bounded, and so
 * is what waits for an answer; a neighbour that is not heard of goes after a
 * few questions.
 *
 * Ages are looked at once a second while there is anybody in the table, and
 * not at all otherwise. Senders keep copies of what they found: net_changed()
 * has them ask again, which is also how it is seen that an entry is in use.
 */
#include "stack.h"
#include <kernel/errno.h>
#include <kernel/mm/slab.h>
#include <kernel/string.h>
#include <kernel/time.h>

/* Policy, as in Linux: when to doubt, when to forget, how often to ask. */
#define REACHABLE_S    60
#define STALE_S	       600
#define REQUESTS_MAX   3
#define NEIGHBOURS_MAX 256
#define BUCKETS	       32
#define WAITING_MAX    16 /* packets, for each neighbour */
#define TICK_NS	       NSEC_PER_SEC

struct neighbour {
	struct neighbour *next;
	struct net_device *device;
	u32 address;
	u8 hardware[ETH_ADDRESS_LENGTH];
	u8 state;    /* enum neighbour_state */
	u8 requests; /* without an answer */
	u16 age_s;   /* in this state */
	u8 waiting;
	struct packet *first, *last; /* they wait, as IP packets */
};

static void tick(struct work *work);

static struct {
	struct spinlock lock;
	unsigned count;
	bool ticking;
	struct neighbour *bucket[BUCKETS];
	struct delayed_work tick;
} table = { .tick.work.fn = tick };

static struct neighbour **bucket_of(u32 address)
{
	return &table.bucket[(address ^ address >> 8) % BUCKETS];
}

/* The link to it, or to the bucket's end. */
static struct neighbour **find_link(const struct net_device *net, u32 address)
{
	struct neighbour **link = bucket_of(address);

	while (*link && ((*link)->device != net || (*link)->address != address))
		link = &(*link)->next;
	return link;
}

static void drop_all(struct packet *packet)
{
	while (packet) {
		struct packet *next = packet->next;

		net_drop(packet, NET_DROP_NEIGHBOUR);
		packet = next;
	}
}

static void remove(struct neighbour **link)
{
	struct neighbour *gone = *link;

	*link = gone->next;
	table.count--;
	drop_all(gone->first);
	kfree(gone);
}

/* Of two the one to forget: what nobody waits for, then what is older. */
static bool is_worse(const struct neighbour *a, const struct neighbour *b)
{
	bool a_open = a->state == NEIGHBOUR_INCOMPLETE;
	bool b_open = b->state == NEIGHBOUR_INCOMPLETE;

	return a_open != b_open ? b_open : a->age_s > b->age_s;
}

static void evict(void)
{
	struct neighbour **worst = NULL;

	for (unsigned i = 0; i < BUCKETS; i++)
		for (struct neighbour **it = &table.bucket[i]; *it;
		     it = &(*it)->next)
			if (!worst || is_worse(*it, *worst))
				worst = it;
	remove(worst);
}

static struct neighbour *create(struct net_device *net, u32 address)
{
	struct neighbour **link, *new = kzalloc(sizeof(*new));

	if (!new)
		return NULL;
	if (table.count == NEIGHBOURS_MAX)
		evict();
	new->device = net;
	new->address = address;
	link = bucket_of(address);
	new->next = *link;
	*link = new;
	table.count++;
	if (!table.ticking) {
		table.ticking = true;
		(void)work_queue_at(&table.tick, time_ns() + TICK_NS);
	}
	return new;
}

/* It is about to be used: what was heard long ago is asked for again. */
static void use(struct neighbour *neighbour)
{
	if (neighbour->state != NEIGHBOUR_STALE)
		return;
	neighbour->state = NEIGHBOUR_PROBE;
	neighbour->requests = 0;
	/* The next tick asks. */
	neighbour->age_s = 0;
}

bool neighbour_find(struct net_device *net, u32 address, u8 *hardware)
{
	struct neighbour *found;
	bool known;

	if (net->interface->loopback) {
		memcpy(hardware, net->address, ETH_ADDRESS_LENGTH);
		return true;
	}
	spin_lock(&table.lock);
	found = *find_link(net, address);
	known = found && found->state != NEIGHBOUR_INCOMPLETE;
	if (known) {
		use(found);
		memcpy(hardware, found->hardware, ETH_ADDRESS_LENGTH);
	}
	spin_unlock(&table.lock);
	return known;
}

static void queue_packet(struct neighbour *neighbour, struct packet *packet)
{
	packet->next = NULL;
	if (neighbour->waiting == WAITING_MAX) {
		net_drop(packet, NET_DROP_NEIGHBOUR);
		return;
	}
	if (neighbour->waiting++)
		neighbour->last->next = packet;
	else
		neighbour->first = packet;
	neighbour->last = packet;
}

/*
 * Let @packet wait for @address, who must be asked for now if *@ask: 1. 0: the
 * address is known after all. -ENOMEM: neither.
 */
static int wait_for(struct net_device *net, u32 address, struct packet *packet,
		    bool *ask)
{
	struct neighbour *found;
	int result = 1;

	*ask = false;
	spin_lock(&table.lock);
	found = *find_link(net, address);
	if (!found) {
		found = create(net, address);
		if (found)
			found->requests = 1;
		*ask = found;
	}
	if (!found)
		result = -ENOMEM;
	else if (found->state != NEIGHBOUR_INCOMPLETE)
		result = 0;
	else
		queue_packet(found, packet);
	spin_unlock(&table.lock);
	return result;
}

static int send_to(struct net_device *net, const u8 *hardware,
		   struct packet *packet)
{
	int err;

	ethernet_push(packet, net, hardware, ETHERTYPE_IPV4);
	packet->checksum_start += IP_ROOM;
	packet->header_length += IP_ROOM;
	err = net_transmit(net, packet, false);
	if (!err)
		return 0;
	packet->checksum_start -= IP_ROOM;
	packet->header_length -= IP_ROOM;
	packet_pull(packet, IP_ROOM);
	return err;
}

int neighbour_send(struct net_device *net, u32 address, struct packet *packet)
{
	u8 hardware[ETH_ADDRESS_LENGTH];
	bool ask;
	int result;

	while (!neighbour_find(net, address, hardware)) {
		result = wait_for(net, address, packet, &ask);
		if (ask)
			arp_request(net, address, NULL);
		if (result)
			return MIN(result, 0);
	}
	return send_to(net, hardware, packet);
}

/* @first and what follows waited for @hardware. */
static void send_waiting(struct net_device *net, struct packet *first,
			 const u8 *hardware)
{
	while (first) {
		struct packet *next = first->next;

		if (send_to(net, hardware, first))
			net_drop(first, NET_DROP_QUEUE);
		first = next;
	}
}

/* Under the lock. What waited for it, or NULL; *@changed: others care. */
static struct packet *update(struct neighbour *neighbour, const u8 *hardware,
			     bool *changed)
{
	struct packet *waiting = neighbour->first;

	*changed = neighbour->state == NEIGHBOUR_INCOMPLETE ||
		   memcmp(neighbour->hardware, hardware, ETH_ADDRESS_LENGTH);
	memcpy(neighbour->hardware, hardware, ETH_ADDRESS_LENGTH);
	neighbour->state = NEIGHBOUR_REACHABLE;
	neighbour->requests = 0;
	neighbour->age_s = 0;
	neighbour->first = NULL;
	neighbour->waiting = 0;
	return waiting;
}

bool neighbour_heard(struct net_device *net, u32 address, const u8 *hardware,
		     bool create_it)
{
	struct packet *waiting = NULL;
	struct neighbour *found;
	bool changed = false;

	spin_lock(&table.lock);
	found = *find_link(net, address);
	if (!found && create_it)
		found = create(net, address);
	if (found)
		waiting = update(found, hardware, &changed);
	spin_unlock(&table.lock);
	if (changed)
		net_changed();
	send_waiting(net, waiting, hardware);
	return found;
}

/* What is to be done about a neighbour, found out under the lock. */
enum due {
	DUE_NOTHING,
	DUE_STALE,
	DUE_REQUEST,
	DUE_REMOVE
};

static enum due look(struct neighbour *it)
{
	it->age_s++;
	switch (it->state) {
	case NEIGHBOUR_REACHABLE:
		return it->age_s >= REACHABLE_S ? DUE_STALE : DUE_NOTHING;
	case NEIGHBOUR_STALE:
		return it->age_s >= STALE_S ? DUE_REMOVE : DUE_NOTHING;
	default: return it->requests < REQUESTS_MAX ? DUE_REQUEST : DUE_REMOVE;
	}
}

struct request {
	struct net_device *device;
	u32 address;
};

/* Requests of one tick; more wait for the next one. */
#define TICK_REQUESTS_MAX 16

/* Look at one bucket. How many @requests there are to send now. */
static unsigned look_at(struct neighbour **link, struct request *requests,
			unsigned n)
{
	while (*link) {
		struct neighbour *it = *link;
		enum due due = look(it);

		if (due == DUE_REMOVE || due == DUE_STALE)
			net_changed();
		if (due == DUE_REMOVE) {
			remove(link);
			continue;
		}
		if (due == DUE_STALE) {
			it->state = NEIGHBOUR_STALE;
			it->age_s = 0;
		}
		if (due == DUE_REQUEST && n < TICK_REQUESTS_MAX) {
			it->requests++;
			requests[n++] =
				(struct request){ it->device, it->address };
		}
		link = &it->next;
	}
	return n;
}

static void tick(struct work *work __unused)
{
	struct request requests[TICK_REQUESTS_MAX];
	unsigned n = 0;

	preempt_disable();
	spin_lock(&table.lock);
	for (unsigned i = 0; i < BUCKETS; i++)
		n = look_at(&table.bucket[i], requests, n);
	table.ticking = table.count;
	if (table.ticking)
		(void)work_queue_at(&table.tick, time_ns() + TICK_NS);
	spin_unlock(&table.lock);
	for (unsigned i = 0; i < n; i++)
		arp_request(requests[i].device, requests[i].address, NULL);
	preempt_enable();
}

void neighbour_forget(const struct net_device *net)
{
	spin_lock(&table.lock);
	for (unsigned i = 0; i < BUCKETS; i++) {
		struct neighbour **link = &table.bucket[i];

		while (*link) {
			if ((*link)->device == net)
				remove(link);
			else
				link = &(*link)->next;
		}
	}
	spin_unlock(&table.lock);
	net_changed();
}

bool neighbour_get(unsigned n, struct neighbour_info *info)
{
	const struct neighbour *it = NULL;

	spin_lock(&table.lock);
	for (unsigned i = 0; i < BUCKETS && !it; i++)
		for (it = table.bucket[i]; it && n; it = it->next)
			n--;
	if (it) {
		info->device = it->device;
		info->address = it->address;
		info->state = it->state;
		memcpy(info->hardware, it->hardware, ETH_ADDRESS_LENGTH);
	}
	spin_unlock(&table.lock);
	return it;
}
