/* SPDX-License-Identifier: BSD-2-Clause */
/* The rings of Xen's console: see console_ring.h. */
#include <kernel/atomic.h>
#include <kernel/errno.h>
#include "console_ring.h"

/*
 * Acquire, in both: what the host did before it stored the index, bytes that
 * it wrote, or read, is done before we read, or write, there.
 */
static u32 index_of_host(const u32 *index)
{
	return atomic_load_acquire(index);
}

/* How much is on its way to the host. */
static u32 out_used(struct xen_console_ring *ring)
{
	u32 used = ring->out_prod - index_of_host(&ring->page->out_cons);

	if (used > XENCONS_OUT_SIZE)
		ring->broken = true;
	return ring->broken ? 0 : used;
}

/* How much came from it. */
static u32 in_used(struct xen_console_ring *ring)
{
	u32 used = index_of_host(&ring->page->in_prod) - ring->in_cons;

	if (used > XENCONS_IN_SIZE)
		ring->broken = true;
	return ring->broken ? 0 : used;
}

int xen_console_ring_init(struct xen_console_ring *ring,
			  struct xencons_interface *page)
{
	*ring = (struct xen_console_ring){
		.page = page,
		.in_cons = atomic_read(&page->in_cons),
		.out_prod = atomic_read(&page->out_prod),
	};
	out_used(ring);
	in_used(ring);
	return ring->broken ? -EIO : 0;
}

size_t xen_console_ring_room(struct xen_console_ring *ring)
{
	u32 used = out_used(ring);

	return ring->broken ? 0 : XENCONS_OUT_SIZE - used;
}

bool xen_console_ring_empty(struct xen_console_ring *ring)
{
	return !in_used(ring);
}

size_t xen_console_ring_put(struct xen_console_ring *ring, const char *s,
			    size_t n)
{
	n = MIN(n, xen_console_ring_room(ring));
	for (size_t i = 0; i < n; i++)
		ring->page->out[ring->out_prod++ % XENCONS_OUT_SIZE] = (u8)s[i];
	/* Release: the bytes are there before the host sees the index. */
	atomic_store_release(&ring->page->out_prod, ring->out_prod);
	return n;
}

int xen_console_ring_get(struct xen_console_ring *ring)
{
	u8 byte;

	if (!in_used(ring))
		return -1;
	byte = ring->page->in[ring->in_cons++ % XENCONS_IN_SIZE];
	/* Release: it was read before the host may write there again. */
	atomic_store_release(&ring->page->in_cons, ring->in_cons);
	return byte;
}

bool xen_console_ring_drained(struct xen_console_ring *ring)
{
	return !out_used(ring);
}

u32 xen_console_ring_taken(const struct xen_console_ring *ring)
{
	return atomic_read(&ring->page->out_cons);
}
