/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Control messages (virtio 1.3, 5.3.6.2). Those from the device are handled by
 * work, in their order.
 *
 * A device that has no buffer for a message loses it, as QEMU's does, and it
 * answers PORT_READY with several. So only one message is sent at a time, and
 * the next one when all answers to it were taken.
 */
#include <kernel/byteorder.h>
#include <kernel/errno.h>
#include <kernel/string.h>
#include "console.h"

/* The port that the device speaks of, if it exists. */
static struct vcon_port *known_port(struct vcon *vcon, u32 id)
{
	if (id < vcon->port_count && vcon->ports[id].added)
		return &vcon->ports[id];
	vcon_complain(vcon, VCON_UNKNOWN,
		      "speaks of a port that does not exist", id);
	return NULL;
}

static void tell_ready(struct vcon_port *port, bool success)
{
	unsigned long state = spin_lock_irqsave(&port->vcon->control_lock);

	port->tell_ready = true;
	port->ready_value = success;
	spin_unlock_irqrestore(&port->vcon->control_lock, state);
}

static void add_port(struct vcon *vcon, u32 id)
{
	if (id >= vcon->max_ports)
		vcon_complain(vcon, VCON_BAD_ID,
			      "adds a port beyond its own limit", id);
	else if (id >= vcon->port_count)
		vcon_complain(vcon, VCON_FULL,
			      "has more ports than this driver uses: no port",
			      id);
	else if (vcon->ports[id].added)
		vcon_complain(vcon, VCON_KNOWN, "adds a port that exists", id);
	else
		tell_ready(&vcon->ports[id], !vcon_port_add(&vcon->ports[id]));
}

/* The answer is a must, whatever became of it. */
static void console_port(struct vcon_port *port)
{
	unsigned long state;

	if (!port->hvc)
		vcon_hvc_add(port);
	state = spin_lock_irqsave(&port->vcon->control_lock);
	port->guest_open = true;
	port->tell_open = true;
	spin_unlock_irqrestore(&port->vcon->control_lock, state);
}

static void open_port(struct vcon_port *port, u16 value)
{
	if (value > 1)
		vcon_complain(port->vcon, VCON_BAD_VALUE,
			      "neither opens nor closes a port, but", value);
	else
		vcon_port_set_host_open(port, value);
}

static void resize(struct vcon_port *port, const u8 *rest, u32 length)
{
	struct virtio_console_resize size;

	if (length < sizeof(size)) {
		vcon_complain(port->vcon, VCON_SHORT,
			      "sends a size that is too short:", length);
		return;
	}
	memcpy(&size, rest, sizeof(size));
	vcon_hvc_set_size(port, le16_to_cpu(size.cols), le16_to_cpu(size.rows));
}

/* QEMU's names end with a NUL, though they should not. */
static void name_port(struct vcon_port *port, const char *name, u32 length)
{
	if (length && !name[length - 1])
		length--;
	vcon_port_set_name(port, name, length);
}

static void port_event(struct vcon_port *port, unsigned event, u16 value,
		       const u8 *rest, u32 length)
{
	switch (event) {
	case VIRTIO_CONSOLE_DEVICE_REMOVE: vcon_port_remove(port); break;
	case VIRTIO_CONSOLE_CONSOLE_PORT: console_port(port); break;
	case VIRTIO_CONSOLE_RESIZE: resize(port, rest, length); break;
	case VIRTIO_CONSOLE_PORT_OPEN: open_port(port, value); break;
	case VIRTIO_CONSOLE_PORT_NAME:
		name_port(port, (const char *)rest, length);
		break;
	default:
		vcon_complain(port->vcon, VCON_EVENT, "sends an unknown event",
			      event);
	}
}

void vcon_control(struct vcon *vcon, const u8 *message, u32 length)
{
	struct virtio_console_control head;
	struct vcon_port *port;
	unsigned event;
	u32 id;

	if (length < sizeof(head)) {
		vcon_complain(vcon, VCON_SHORT,
			      "sends a control message that is too short:",
			      length);
		return;
	}
	memcpy(&head, message, sizeof(head));
	id = le32_to_cpu(head.id);
	event = le16_to_cpu(head.event);
	if (event == VIRTIO_CONSOLE_DEVICE_ADD) {
		add_port(vcon, id);
		return;
	}
	/* QEMU speaks of what its ports' backends do at any time. */
	if (event == VIRTIO_CONSOLE_PORT_OPEN && id < vcon->port_count &&
	    !vcon->ports[id].added)
		return;
	port = known_port(vcon, id);
	if (port)
		port_event(port, event, le16_to_cpu(head.value),
			   message + sizeof(head), length - (u32)sizeof(head));
}

static unsigned number_of(const struct vcon *vcon, const u8 *message)
{
	return (unsigned)(message - vcon->control_memory) / VCON_CONTROL_BYTES;
}
_Static_assert(VCON_CONTROL_BUFFERS <= 32, "bits of control_missing");

/* Called with the control lock held, as what follows. */
static void post(struct vcon *vcon, u8 *message)
{
	struct virtio_segment segment = { message, VCON_CONTROL_BYTES };

	/* There was room for all of them at the start, but in the ring only. */
	if (virtqueue_add(vcon->control_rx, &segment, 0, 1, message) == -EAGAIN)
		vcon->control_missing |= BIT(number_of(vcon, message));
}

static void post_missing(struct vcon *vcon)
{
	u32 missing = vcon->control_missing;

	vcon->control_missing = 0;
	for (unsigned i = 0; missing; i++, missing >>= 1)
		if (missing & 1)
			post(vcon,
			     vcon->control_memory + i * VCON_CONTROL_BYTES);
}

void vcon_control_start(struct vcon *vcon)
{
	unsigned long state = spin_lock_irqsave(&vcon->control_lock);
	unsigned count =
		MIN(VCON_CONTROL_BUFFERS, virtqueue_size(vcon->control_rx));

	for (unsigned i = 0; i < count; i++)
		post(vcon, vcon->control_memory + i * VCON_CONTROL_BYTES);
	virtqueue_kick(vcon->control_rx);
	vcon->tell_device_ready = true;
	spin_unlock_irqrestore(&vcon->control_lock, state);
	vcon_control_later(vcon);
}

static bool next_of_port(struct vcon_port *port,
			 enum virtio_console_event *event, u16 *value)
{
	if (port->tell_ready) {
		*event = VIRTIO_CONSOLE_PORT_READY;
		*value = port->ready_value;
		port->tell_ready = false;
		return true;
	}
	if (!port->tell_open && port->guest_open == port->told_open)
		return false;
	*event = VIRTIO_CONSOLE_PORT_OPEN;
	*value = port->guest_open;
	port->told_open = port->guest_open;
	port->tell_open = false;
	return true;
}

/* What the device must be told next, if anything. */
static bool next_message(struct vcon *vcon, u32 *id,
			 enum virtio_console_event *event, u16 *value)
{
	if (vcon->tell_device_ready) {
		vcon->tell_device_ready = false;
		*id = 0;
		*event = VIRTIO_CONSOLE_DEVICE_READY;
		*value = 1;
		return true;
	}
	for (*id = 0; *id < vcon->port_count; ++*id)
		if (next_of_port(&vcon->ports[*id], event, value))
			return true;
	return false;
}

/* The next message, or the one that there was no room for. */
static bool fill_out(struct vcon *vcon)
{
	enum virtio_console_event event;
	u16 value;
	u32 id;

	if (vcon->control_unsent)
		return true;
	if (!next_message(vcon, &id, &event, &value))
		return false;
	*vcon->control_out = (struct virtio_console_control){
		.id = cpu_to_le32(id),
		.event = cpu_to_le16((u16)event),
		.value = cpu_to_le16(value),
	};
	return true;
}

static void send_next(struct vcon *vcon)
{
	struct virtio_segment segment = { vcon->control_out,
					  sizeof(*vcon->control_out) };
	int err;

	if (virtqueue_outstanding(vcon->control_tx) || !fill_out(vcon))
		return;
	err = virtqueue_add(vcon->control_tx, &segment, 1, 0,
			    vcon->control_out);
	/* vcon_control_sent() is called when there is room. */
	vcon->control_unsent = err == -EAGAIN;
	if (!err)
		virtqueue_kick(vcon->control_tx);
	else if (err != -EAGAIN)
		virtqueue_break(vcon->control_tx, "no room for one message");
}

/* One message: false when there was none. */
static bool handle_one(struct vcon *vcon)
{
	unsigned long state = spin_lock_irqsave(&vcon->control_lock);
	u32 length;
	u8 *message = virtqueue_get(vcon->control_rx, &length);

	spin_unlock_irqrestore(&vcon->control_lock, state);
	if (!message)
		return false;
	vcon_control(vcon, message, length);
	state = spin_lock_irqsave(&vcon->control_lock);
	post(vcon, message);
	virtqueue_kick(vcon->control_rx);
	spin_unlock_irqrestore(&vcon->control_lock, state);
	return true;
}

void vcon_control_work(struct work *work)
{
	struct vcon *vcon = container_of(work, struct vcon, control_work);
	unsigned long state;
	unsigned handled = 0;

	while (handled < VCON_CONTROL_RUN && handle_one(vcon))
		handled++;
	if (handled == VCON_CONTROL_RUN) {
		vcon_control_later(vcon);
		return;
	}
	state = spin_lock_irqsave(&vcon->control_lock);
	if (unlikely(vcon->control_missing)) {
		post_missing(vcon);
		virtqueue_kick(vcon->control_rx);
	}
	send_next(vcon);
	spin_unlock_irqrestore(&vcon->control_lock, state);
}

void vcon_control_later(struct vcon *vcon)
{
	unsigned long state = spin_lock_irqsave(&vcon->control_lock);

	if (vcon->multiport && !vcon->stopped)
		work_queue(&vcon->control_work);
	spin_unlock_irqrestore(&vcon->control_lock, state);
}

void vcon_control_received(struct virtqueue *vq)
{
	vcon_control_later(virtqueue_data(vq));
}

void vcon_control_sent(struct virtqueue *vq)
{
	struct vcon *vcon = virtqueue_data(vq);
	unsigned long state = spin_lock_irqsave(&vcon->control_lock);
	u32 length;

	while (virtqueue_get(vq, &length))
		;
	spin_unlock_irqrestore(&vcon->control_lock, state);
	vcon_control_later(vcon);
}
