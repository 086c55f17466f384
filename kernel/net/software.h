/* SPDX-License-Identifier: BSD-2-Clause */
/* What a device cannot do, done here before it gets a packet. */
#pragma once

#include <kernel/net.h>

typedef int (*transmit_fn)(struct net_device *net, struct packet *packet,
			   bool more);

/**
 * Make one or several packets of @packet that @net can send, and give them to
 * @transmit, which is net_transmit()'s last step. Its results; when only some
 * got through, the others are lost and counted, and it is 0.
 */
int net_transmit_by_software(struct net_device *net, struct packet *packet,
			     transmit_fn transmit);

/** Complete a partial checksum. 0 or -EINVAL: it would not be in the packet. */
int packet_complete_checksum(struct packet *packet);
