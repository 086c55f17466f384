/* SPDX-License-Identifier: BSD-2-Clause */
/* Echoes: what `ping` is made of. */
#pragma once

#include <kernel/types.h>

/* An answer to an echo request. */
struct icmp_echo {
	u32 source;
	u16 sequence;
	u8 ttl;
	const void *data;
	size_t length;
};

/* Somebody who waits for answers. The caller's memory. */
struct icmp_listener {
	/* In the poller: must not sleep. */
	void (*heard)(struct icmp_listener *listener,
		      const struct icmp_echo *echo);
	u16 identifier; /* chosen by icmp_listen() */
	struct icmp_listener *next;
};

void icmp_listen(struct icmp_listener *listener);
/** heard() neither runs nor will. */
void icmp_unlisten(struct icmp_listener *listener);

/** Ask @destination to send back @length bytes. 0 or -errno. */
int icmp_send_echo(const struct icmp_listener *listener, u32 destination,
		   u16 sequence, const void *data, size_t length);
