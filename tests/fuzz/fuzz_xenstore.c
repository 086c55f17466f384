/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What xenstore says, in pieces of any size, through a ring whose indices are
 * the input's as well.
 */
#include "../../drivers/xen/xs_message.h"
#include "../../drivers/xen/xs_ring.h"
#include <kernel/string.h>

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static struct xenstore_domain_interface page;
static struct xs_message message;

/* All that is made of a message; each text ends inside of it. */
static void use(const struct xs_message *m)
{
	const char *text = NULL, *path, *token;

	if (!xs_message_event(m, &path, &token) &&
	    token + strlen(token) >= m->body + m->head.len)
		__builtin_trap();
	while ((text = xs_message_next(m, text)))
		if (text + strlen(text) >= m->body + m->head.len)
			__builtin_trap();
	if (xs_message_error(m) >= 0)
		__builtin_trap();
}

/* As xenstore.c receives. False: it would not go on. */
static bool receive(struct xs_ring *ring)
{
	size_t wanted, n;

	do {
		void *to = xs_message_room(&message, &wanted);

		if (!wanted) {
			use(&message);
			xs_message_begin(&message);
			return true;
		}
		n = xs_ring_get(ring, to, wanted);
		if (ring->broken || xs_message_came(&message, n))
			return false;
	} while (n);
	return true;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct xs_ring ring;

	memset(&page, 0, sizeof(page));
	if (xs_ring_init(&ring, &page))
		__builtin_trap();
	xs_message_begin(&message);
	while (size > 1) {
		size_t n = data[0] & 0x7f;

		/* A piece, or an index that is anything. */
		if (data[0] & 0x80) {
			page.rsp_prod += data[1] * 5U;
			n = 0;
		}
		for (size_t i = 0; i < n && size > 1; i++, data++, size--)
			page.rsp[page.rsp_prod++ % XENSTORE_RING_SIZE] =
				data[1];
		data++;
		size--;
		while (xs_ring_available(&ring))
			if (!receive(&ring))
				return 0;
	}
	return 0;
}
