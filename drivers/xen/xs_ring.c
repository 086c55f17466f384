/* SPDX-License-Identifier: BSD-2-Clause */
/* The rings to and from xenstore: see xs_ring.h. */
#include <kernel/atomic.h>
#include <kernel/errno.h>
#include "xs_ring.h"

/* @used: what two indices make of it. */
static size_t checked(struct xs_ring *ring, u32 used)
{
	if (used > XENSTORE_RING_SIZE)
		ring->broken = true;
	return used;
}

/*
 * Acquire, in both: what the host read, or wrote, before it stored the index
 * is done before we write, or read, there.
 */
size_t xs_ring_room(struct xs_ring *ring)
{
	u32 cons = atomic_load_acquire(&ring->page->req_cons);
	size_t used = checked(ring, ring->req_prod - cons);

	return ring->broken ? 0 : XENSTORE_RING_SIZE - used;
}

size_t xs_ring_available(struct xs_ring *ring)
{
	u32 prod = atomic_load_acquire(&ring->page->rsp_prod);
	size_t used = checked(ring, prod - ring->rsp_cons);

	return ring->broken ? 0 : used;
}

int xs_ring_init(struct xs_ring *ring, struct xenstore_domain_interface *page)
{
	*ring = (struct xs_ring){
		.page = page,
		.req_prod = atomic_read(&page->req_prod),
		.rsp_cons = atomic_read(&page->rsp_cons),
	};
	xs_ring_room(ring);
	ring->rsp_cons += (u32)xs_ring_available(ring);
	atomic_write(&page->rsp_cons, ring->rsp_cons);
	return ring->broken ? -EIO : 0;
}

size_t xs_ring_put(struct xs_ring *ring, const void *data, size_t n)
{
	const u8 *from = data;

	n = MIN(n, xs_ring_room(ring));
	for (size_t i = 0; i < n; i++)
		ring->page->req[ring->req_prod++ % XENSTORE_RING_SIZE] =
			from[i];
	/* Release: the bytes are there before the host sees the index. */
	atomic_store_release(&ring->page->req_prod, ring->req_prod);
	return n;
}

size_t xs_ring_get(struct xs_ring *ring, void *data, size_t n)
{
	u8 *to = data;

	n = MIN(n, xs_ring_available(ring));
	for (size_t i = 0; i < n; i++)
		to[i] = ring->page->rsp[ring->rsp_cons++ % XENSTORE_RING_SIZE];
	/* Release: they were read before the host may write there again. */
	atomic_store_release(&ring->page->rsp_cons, ring->rsp_cons);
	return n;
}
