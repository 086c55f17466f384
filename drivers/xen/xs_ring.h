/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rings to and from xenstore, against a host that is not trusted: as
 * console_ring.h.
 */
#pragma once

#include <abi/xen/xs_wire.h>
#include <kernel/compiler.h>

struct xs_ring {
	struct xenstore_domain_interface *page;
	u32 req_prod; /* ours: the page has a copy */
	u32 rsp_cons; /* the same */
	bool broken;
};

/** Begin where @page stands; answers to others are passed over. 0 or -EIO. */
int xs_ring_init(struct xs_ring *ring, struct xenstore_domain_interface *page);

/** How many bytes of a request there is room for. */
size_t xs_ring_room(struct xs_ring *ring);

/** How many bytes of answers there are. */
size_t xs_ring_available(struct xs_ring *ring);

/** Put in as many of @n bytes as there is room for: how many. */
size_t xs_ring_put(struct xs_ring *ring, const void *data, size_t n);

/** Take as many of @n bytes as there are: how many. */
size_t xs_ring_get(struct xs_ring *ring, void *data, size_t n);
