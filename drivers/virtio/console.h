/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The virtio console driver (virtio 1.3, 5.3): what its files share.
 *
 *	virtio_console.c   the device: queues, coming and going
 *	console_control.c  control messages
 *	console_data.c     a port's bytes: receive and transmit queue
 *	console_port.c     a port as one of <drivers/port.h>
 *	console_hvc.c      a port as console hvc0 and so on
 *	console_early.c    earlycon=virtio, before there are drivers
 */
#pragma once

#include <abi/virtio/console.h>
#include <drivers/port.h>
#include <drivers/virtio.h>
#include <kernel/console.h>
#include <kernel/mutex.h>
#include <kernel/spinlock.h>

/* Policy: no device uses more; each costs two pages for its rings. */
#define VCON_PORTS_MAX 32
/* A port's buffers for each direction: so much is on its way at most. */
#define VCON_BUFFERS	  8
#define VCON_BUFFER_BYTES 4096
/*
 * Room for control messages. A device that has none for a message loses it
 * (QEMU does), so there is some for each port it may announce at once.
 */
#define VCON_CONTROL_BUFFERS 32
#define VCON_CONTROL_BYTES   512
/* Control messages that are handled before other work has its turn. */
#define VCON_CONTROL_RUN 64

_Static_assert(VCON_CONTROL_BYTES >=
		       sizeof(struct virtio_console_control) + PORT_NAME_MAX,
	       "a message with a name fits");

struct vcon_buffer {
	struct vcon_buffer *next;
	u8 *data;
	u32 length; /* received, or to be sent */
};

/* A first-in, first-out list. */
struct vcon_list {
	struct vcon_buffer *first, *last;
};

struct vcon_hvc;

struct vcon_port {
	struct vcon *vcon;
	u32 id;
	struct virtqueue *rx, *tx;

	/* Receiving. Taken in interrupts. */
	struct spinlock rx_lock;
	struct vcon_list received; /* to be read, from rx_offset on */
	struct vcon_list rx_spare; /* to be posted */
	u32 rx_offset;
	bool reading; /* somebody wants what comes; else it is thrown away */
	struct port *rx_port; /* whom to wake; NULL: nobody */
	struct vcon_hvc *rx_hvc;

	/* Transmitting. Taken in interrupts; in a panic by force. */
	struct spinlock tx_lock;
	struct vcon_list tx_spare;
	struct port *tx_port;

	/* Both sides' doors. Written under the control lock. */
	bool host_open;
	bool is_open;	  /* somebody has it open */
	bool is_console;  /* or it is one: not both */
	bool guest_open;  /* as it shall be */
	bool told_open;	  /* as the device was told */
	bool tell_ready;  /* what the device must be told, */
	bool tell_open;	  /* the latter again though it knows */
	bool ready_value; /* of the former */

	/* The control work's, or the driver's when that does not run. */
	bool added;
	bool named;
	struct port *port;
	struct vcon_hvc *hvc;
	struct vcon_buffer *buffers; /* both directions'; kept when it goes */
	u8 *memory;
	u16 columns, rows;
};

/* Complaints that were made, each once for a device. */
enum vcon_wrong {
	VCON_SHORT = BIT(0),
	VCON_EVENT = BIT(1),
	VCON_BAD_ID = BIT(2),
	VCON_KNOWN = BIT(3),
	VCON_UNKNOWN = BIT(4),
	VCON_BAD_NAME = BIT(5),
	VCON_BAD_VALUE = BIT(6),
	VCON_FULL = BIT(7),
};

struct vcon {
	struct virtio_device *vdev;
	bool multiport;
	u32 port_count; /* that the driver has queues for */
	u32 max_ports;	/* that the device may announce */
	struct vcon_port *ports;

	struct spinlock control_lock; /* taken in interrupts */
	struct virtqueue *control_rx, *control_tx;
	bool stopped;
	bool control_unsent; /* control_out waits for memory of the pool */
	u32 control_missing; /* buffers that do: bit n is the n-th */
	bool tell_device_ready;
	struct work control_work;
	u8 *control_memory; /* the received ones' buffers, and the sent one's */
	struct virtio_console_control *control_out;

	struct mutex teardown;
	unsigned wrong; /* enum vcon_wrong */
};

static inline void vcon_list_put(struct vcon_list *list,
				 struct vcon_buffer *buffer)
{
	buffer->next = NULL;
	if (list->first)
		list->last->next = buffer;
	else
		list->first = buffer;
	list->last = buffer;
}

static inline struct vcon_buffer *vcon_list_take(struct vcon_list *list)
{
	struct vcon_buffer *buffer = list->first;

	if (buffer)
		list->first = buffer->next;
	return buffer;
}

/* virtio_console.c */

/** Say, once for each kind, that the device did @what wrong. */
void vcon_complain(struct vcon *vcon, enum vcon_wrong kind, const char *what,
		   u32 value);

/* console_control.c */

/**
 * A control message of @length bytes came. In the control work. The device is
 * not trusted: any bytes are good for a call.
 */
void vcon_control(struct vcon *vcon, const u8 *message, u32 length);
/** Have the device told what it must be told. Any context. */
void vcon_control_later(struct vcon *vcon);
/** Post the buffers for control messages. */
void vcon_control_start(struct vcon *vcon);
void vcon_control_work(struct work *work);
void vcon_control_received(struct virtqueue *vq);
void vcon_control_sent(struct virtqueue *vq);

/* console_data.c */

/** Buffers for @port: 0 or -ENOMEM. Those it has already are kept. */
int vcon_data_make(struct vcon_port *port);
void vcon_data_free(struct vcon_port *port);
/** Receive from now on; or throw away what comes, and what is there. */
void vcon_data_start(struct vcon_port *port);
void vcon_data_stop(struct vcon_port *port);
/** At most @size bytes of what has come: how many. Any context. */
size_t vcon_data_read(struct vcon_port *port, u8 *buffer, size_t size);
bool vcon_data_readable(struct vcon_port *port);
void vcon_data_received(struct virtqueue *vq);
/* These four under tx_lock. */
/** True if there is room; else the queue's callback is called when there is. */
bool vcon_data_writable(struct vcon_port *port);
/** The next buffer to fill, or NULL: all are on their way. */
struct vcon_buffer *vcon_data_room(struct vcon_port *port);
/**
 * Send @buffer with what is in it; the device is to be told by a kick. 0, or
 * -errno of virtqueue_add(): then it was not sent, and is room again.
 */
int vcon_data_send(struct vcon_port *port, struct vcon_buffer *buffer);
/** True if all that was sent has gone out, or never will. */
bool vcon_data_drain(struct vcon_port *port);
void vcon_data_sent(struct virtqueue *vq);

/* console_port.c: in the control work, or where that does not run. */

/** @port is there: 0 or -errno. */
int vcon_port_add(struct vcon_port *port);
/** It is not there any more, if it was. Sleeps. */
void vcon_port_remove(struct vcon_port *port);
void vcon_port_set_host_open(struct vcon_port *port, bool open);
/** The host calls it by the @length bytes at @name, which is no string. */
void vcon_port_set_name(struct vcon_port *port, const char *name, u32 length);

/* console_hvc.c */

/** Make @port a console: 0 or -errno. Sleeps. */
int vcon_hvc_add(struct vcon_port *port);
/** It is none any more, if it was. Sleeps. */
void vcon_hvc_remove(struct vcon_port *port);
/**
 * Its device is broken: output goes on by emergency writes, where it has
 * them, until vcon_hvc_remove(), which may also be done now. Sleeps.
 */
void vcon_hvc_fail(struct vcon_port *port);
void vcon_hvc_set_size(struct vcon_port *port, u16 columns, u16 rows);
/** A device will say which of its ports are consoles: the boot may wait. */
void vcon_hvc_expect(void);
const char *vcon_hvc_name(const struct vcon_hvc *hvc);
/** Input has come. Under rx_lock. */
void vcon_hvc_input(struct vcon_hvc *hvc);

/* console_early.c */

/** The console that earlycon= made, once: it is replaced by a real one. */
struct console *vcon_take_early(void);
