/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory that is received into: pages, used again and again. The stack gives
 * them back on whatever CPU, onto a list that everybody pushes to and the
 * poller takes as a whole: that needs no lock, and no page can be taken and
 * pushed again in between.
 */
#include <kernel/atomic.h>
#include <kernel/mm/map.h>
#include <kernel/mm/slab.h>
#include "virtio_net.h"

/* In `returned` of a closed pool. */
#define POOL_CLOSED ((struct rx_buffer *)1)

struct rx_pool *rx_pool_create(unsigned keep)
{
	struct rx_pool *pool = kzalloc(sizeof(*pool));

	if (pool) {
		pool->keep = keep;
		pool->references = 1;
	}
	return pool;
}

static void put_references(struct rx_pool *pool, unsigned count)
{
	/* A full barrier: whoever is last has seen all others' stores. */
	if (count && atomic_fetch_add(&pool->references, -count) == count)
		kfree(pool);
}

static void free_page(struct rx_buffer *buffer)
{
	free_pages(virt_to_phys(buffer), 0);
}

/* How many there were. */
static unsigned free_list(struct rx_buffer *buffer)
{
	unsigned count = 0;

	for (; buffer; count++) {
		struct rx_buffer *next = buffer->next;

		free_page(buffer);
		buffer = next;
	}
	return count;
}

void rx_pool_close(struct rx_pool *pool)
{
	/* Pairs with release_list(): what was pushed is seen. */
	struct rx_buffer *returned = atomic_xchg(&pool->returned, POOL_CLOSED);
	unsigned count = free_list(returned) + free_list(pool->free);

	put_references(pool, count + 1);
}

static struct rx_buffer *create_buffer(struct rx_pool *pool)
{
	phys_addr_t page = alloc_pages(0, 0);
	struct rx_buffer *buffer;

	if (!page)
		return NULL;
	buffer = phys_to_virt(page);
	buffer->pool = pool;
	buffer->packet.head = (u8 *)(buffer + 1);
	buffer->packet.end = (u8 *)buffer + PAGE_SIZE;
	buffer->packet.release = rx_pool_release;
	buffer->packet.owner = NULL;
	atomic_fetch_add_relaxed(&pool->references, 1U);
	return buffer;
}

/* Take over what came back, less what was only needed at a busy time. */
static void collect(struct rx_pool *pool)
{
	struct rx_buffer *buffer, *next;
	unsigned surplus = 0;

	if (!atomic_read(&pool->returned))
		return;
	/* Pairs with release_list(): the pages are the poller's now. */
	buffer = atomic_xchg(&pool->returned, NULL);
	for (; buffer; buffer = next) {
		next = buffer->next;
		if (unlikely(pool->free_count >= pool->keep)) {
			free_page(buffer);
			surplus++;
			continue;
		}
		buffer->next = pool->free;
		pool->free = buffer;
		pool->free_count++;
	}
	/* The owner's reference remains: it is not the last. */
	atomic_fetch_add_relaxed(&pool->references, -surplus);
}

struct rx_buffer *rx_pool_take(struct rx_pool *pool)
{
	struct rx_buffer *buffer;

	if (unlikely(!pool->free))
		collect(pool);
	buffer = pool->free;
	if (unlikely(!buffer))
		return create_buffer(pool);
	pool->free = buffer->next;
	pool->free_count--;
	return buffer;
}

void rx_pool_put(struct rx_pool *pool, struct rx_buffer *buffer)
{
	while (buffer) {
		struct rx_buffer *next = buffer->next;

		buffer->next = pool->free;
		pool->free = buffer;
		pool->free_count++;
		buffer = next;
	}
}

static void release_list(struct rx_pool *pool, struct rx_buffer *first,
			 struct rx_buffer *last)
{
	struct rx_buffer *head = atomic_read(&pool->returned);

	do {
		if (unlikely(head == POOL_CLOSED)) {
			last->next = NULL;
			put_references(pool, free_list(first));
			return;
		}
		last->next = head;
		/* The stack's use of the pages is before the poller's. */
	} while (!atomic_cmpxchg_release(&pool->returned, &head, first));
}

void rx_pool_release(struct packet *packet)
{
	struct rx_buffer *first =
		container_of(packet, struct rx_buffer, packet);

	release_list(first->pool, first, first->last);
}
