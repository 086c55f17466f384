/* SPDX-License-Identifier: BSD-2-Clause */
/* What xenstore says, taken apart. It may be anything. */
#pragma once

#include <abi/xen/xs_wire.h>
#include <kernel/compiler.h>

/* One message, as far as it has come. */
struct xs_message {
	struct xsd_sockmsg head;
	size_t have; /* bytes of both */
	/* Followed by a NUL that is not part of it when it is complete. */
	char body[XENSTORE_PAYLOAD_MAX + 1];
};

/** Where the next bytes belong, and in *@n how many; 0: it is complete. */
void *xs_message_room(struct xs_message *m, size_t *n);

/** @n bytes have come there. 0, or -EIO: no message is that long. */
int xs_message_came(struct xs_message *m, size_t n);

/** Begin the next one. */
static inline void xs_message_begin(struct xs_message *m)
{
	m->have = 0;
}

/** The -errno that an answer of type XS_ERROR names; -EIO: none that we know.
 */
int xs_message_error(const struct xs_message *m);

/** The two texts of a watch's event: 0 or -EIO. */
int xs_message_event(const struct xs_message *m, const char **path,
		     const char **token);

/**
 * The text behind @text in a list of them, the first for NULL, or NULL. One
 * whose end is missing is not one.
 */
const char *xs_message_next(const struct xs_message *m, const char *text);
