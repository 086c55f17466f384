/* SPDX-License-Identifier: BSD-2-Clause */
/* Console device: virtio 1.3, 5.3. */
#pragma once

#include <kernel/types.h>

/* Virtqueues (5.3.2). Those behind port 0's exist only with MULTIPORT. */
#define VIRTIO_CONSOLE_RECEIVEQ		 0
#define VIRTIO_CONSOLE_TRANSMITQ	 1
#define VIRTIO_CONSOLE_CONTROL_RECEIVEQ	 2
#define VIRTIO_CONSOLE_CONTROL_TRANSMITQ 3

/* The receive queue of port @port, any one; its transmit queue is the next. */
#define VIRTIO_CONSOLE_PORT_RECEIVEQ(port) ((port) ? 2 * (port) + 2 : 0)

/* Feature bits (5.3.3). */
#define VIRTIO_CONSOLE_F_SIZE	     0
#define VIRTIO_CONSOLE_F_MULTIPORT   1
#define VIRTIO_CONSOLE_F_EMERG_WRITE 2

/* Configuration (5.3.4). */
struct virtio_console_config {
	le16 cols; /* VIRTIO_CONSOLE_F_SIZE, as rows */
	le16 rows;
	le32 max_nr_ports; /* VIRTIO_CONSOLE_F_MULTIPORT */
	le32 emerg_wr;	   /* VIRTIO_CONSOLE_F_EMERG_WRITE */
};
_Static_assert(sizeof(struct virtio_console_config) == 12, "5.3.4");
_Static_assert(offsetof(struct virtio_console_config, max_nr_ports) == 4,
	       "5.3.4");
_Static_assert(offsetof(struct virtio_console_config, emerg_wr) == 8, "5.3.4");

/* What the control queues carry (5.3.6.2). */
struct virtio_console_control {
	le32 id; /* of the port */
	le16 event;
	le16 value;
};
_Static_assert(sizeof(struct virtio_console_control) == 8, "5.3.6.2");
_Static_assert(offsetof(struct virtio_console_control, event) == 4, "5.3.6.2");

enum virtio_console_event {
	VIRTIO_CONSOLE_DEVICE_READY,  /* to the device; value: success */
	VIRTIO_CONSOLE_DEVICE_ADD,    /* from the device */
	VIRTIO_CONSOLE_DEVICE_REMOVE, /* from the device */
	VIRTIO_CONSOLE_PORT_READY,    /* to the device; value: success */
	VIRTIO_CONSOLE_CONSOLE_PORT,  /* from the device */
	VIRTIO_CONSOLE_RESIZE,	      /* from the device, with a size */
	VIRTIO_CONSOLE_PORT_OPEN,     /* both ways; value: open */
	VIRTIO_CONSOLE_PORT_NAME,     /* from the device, with UTF-8 */
};

/* What follows VIRTIO_CONSOLE_RESIZE. */
struct virtio_console_resize {
	le16 cols;
	le16 rows;
};
_Static_assert(sizeof(struct virtio_console_resize) == 4, "5.3.6.2");
