/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rings of Xen's console, against a host that is not trusted: our own
 * indices are kept where it does not reach, and of its indices only those are
 * believed that can be. Once one cannot, nothing more goes through.
 *
 * Callers see to it that only one of them puts, and one gets, at a time.
 */
#pragma once

#include <abi/xen/console.h>
#include <kernel/compiler.h>

struct xen_console_ring {
	struct xencons_interface *page;
	u32 in_cons;  /* ours: the page has a copy */
	u32 out_prod; /* the same */
	bool broken;
};

/** Begin where @page stands. 0, or -EIO: what stands there cannot be. */
int xen_console_ring_init(struct xen_console_ring *ring,
			  struct xencons_interface *page);

/** Put in as many of @n bytes as there is room for: how many. */
size_t xen_console_ring_put(struct xen_console_ring *ring, const char *s,
			    size_t n);

/** The next byte, or -1. */
int xen_console_ring_get(struct xen_console_ring *ring);

/** True if there is no next byte. */
bool xen_console_ring_empty(struct xen_console_ring *ring);

/** How many bytes there is room for. */
size_t xen_console_ring_room(struct xen_console_ring *ring);

/** True if the host has taken all that was put; also when it is broken. */
bool xen_console_ring_drained(struct xen_console_ring *ring);

/** How much the host has taken, as a free-running count. */
u32 xen_console_ring_taken(const struct xen_console_ring *ring);
