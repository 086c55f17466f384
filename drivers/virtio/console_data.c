/* SPDX-License-Identifier: BSD-2-Clause */
/* A port's bytes (virtio 1.3, 5.3.6). */
#include <kernel/cpu.h>
#include <kernel/errno.h>
#include <kernel/mm/slab.h>
#include <kernel/string.h>
#include "console.h"

int vcon_data_make(struct vcon_port *port)
{
	const unsigned count = 2 * VCON_BUFFERS;

	if (port->buffers)
		return 0;
	port->memory = kmalloc(count * VCON_BUFFER_BYTES);
	port->buffers = kzalloc(count * sizeof(*port->buffers));
	if (!port->memory || !port->buffers)
		goto err_free;
	for (unsigned i = 0; i < count; i++) {
		struct vcon_buffer *buffer = &port->buffers[i];

		buffer->data = port->memory + i * VCON_BUFFER_BYTES;
		vcon_list_put(i < VCON_BUFFERS ? &port->rx_spare
					       : &port->tx_spare,
			      buffer);
	}
	return 0;

err_free:
	kfree(port->memory);
	kfree(port->buffers);
	port->memory = NULL;
	port->buffers = NULL;
	return -ENOMEM;
}

void vcon_data_free(struct vcon_port *port)
{
	/* A device that is lost may still use them. */
	if (!virtio_is_lost(port->vcon->vdev))
		kfree(port->memory);
	kfree(port->buffers);
}

/*
 * Give the device all that it may write to. Called with rx_lock held. What
 * cannot be posted now, for lack of memory that the device reaches, is posted
 * when the queue's callback says that there is some.
 */
static void post_spare(struct vcon_port *port)
{
	struct vcon_buffer *buffer;
	bool posted = false;

	while ((buffer = port->rx_spare.first)) {
		struct virtio_segment segment = { buffer->data,
						  VCON_BUFFER_BYTES };

		/* 5.3.6.1: nothing readable in a receive queue. */
		if (virtqueue_add(port->rx, &segment, 0, 1, buffer))
			break;
		vcon_list_take(&port->rx_spare);
		posted = true;
	}
	if (posted)
		virtqueue_kick(port->rx);
}

static void drop_received(struct vcon_port *port)
{
	struct vcon_buffer *buffer;

	while ((buffer = vcon_list_take(&port->received)))
		vcon_list_put(&port->rx_spare, buffer);
	port->rx_offset = 0;
}

/* Called with rx_lock held. */
static void take_used(struct vcon_port *port)
{
	struct vcon_buffer *buffer;
	u32 length;

	while ((buffer = virtqueue_get(port->rx, &length))) {
		buffer->length = length;
		vcon_list_put(length && port->reading ? &port->received
						      : &port->rx_spare,
			      buffer);
	}
}

static void set_reading(struct vcon_port *port, bool reading)
{
	unsigned long state = spin_lock_irqsave(&port->rx_lock);

	/* What came before belongs to nobody. */
	take_used(port);
	port->reading = reading;
	drop_received(port);
	post_spare(port);
	spin_unlock_irqrestore(&port->rx_lock, state);
}

void vcon_data_start(struct vcon_port *port)
{
	set_reading(port, true);
}

void vcon_data_stop(struct vcon_port *port)
{
	set_reading(port, false);
}

void vcon_data_received(struct virtqueue *vq)
{
	struct vcon_port *port = virtqueue_data(vq);
	unsigned long state = spin_lock_irqsave(&port->rx_lock);

	take_used(port);
	post_spare(port);
	if (port->rx_port)
		port_wake(port->rx_port);
	if (port->rx_hvc)
		vcon_hvc_input(port->rx_hvc);
	spin_unlock_irqrestore(&port->rx_lock, state);
}

/* Bytes of the first received buffer; it is spare when all were taken. */
static size_t read_first(struct vcon_port *port, u8 *to, size_t size)
{
	struct vcon_buffer *buffer = port->received.first;
	size_t n = MIN(size, buffer->length - port->rx_offset);

	memcpy(to, buffer->data + port->rx_offset, n);
	port->rx_offset += (u32)n;
	if (port->rx_offset == buffer->length) {
		vcon_list_put(&port->rx_spare, vcon_list_take(&port->received));
		port->rx_offset = 0;
	}
	return n;
}

size_t vcon_data_read(struct vcon_port *port, u8 *buffer, size_t size)
{
	unsigned long state = spin_lock_irqsave(&port->rx_lock);
	size_t done = 0;

	if (!port->received.first)
		take_used(port);
	while (port->received.first && done < size)
		done += read_first(port, buffer + done, size - done);
	post_spare(port);
	spin_unlock_irqrestore(&port->rx_lock, state);
	return done;
}

bool vcon_data_readable(struct vcon_port *port)
{
	unsigned long state = spin_lock_irqsave(&port->rx_lock);
	bool readable = port->received.first || virtqueue_pending(port->rx);

	spin_unlock_irqrestore(&port->rx_lock, state);
	return readable;
}

/* Called with tx_lock held. */
static void take_sent(struct vcon_port *port)
{
	struct vcon_buffer *buffer;
	u32 length;

	/* 5.3.6.3: the length that a legacy device gives means nothing. */
	while ((buffer = virtqueue_get(port->tx, &length)))
		vcon_list_put(&port->tx_spare, buffer);
}

/*
 * Interrupts are only wanted while somebody waits for room, and are for once:
 * the queue's callback does not ask for more.
 */
bool vcon_data_writable(struct vcon_port *port)
{
	if (port->tx_spare.first)
		return true;
	take_sent(port);
	if (!port->tx_spare.first && !virtqueue_enable_callback(port->tx))
		take_sent(port);
	return port->tx_spare.first;
}

struct vcon_buffer *vcon_data_room(struct vcon_port *port)
{
	return vcon_data_writable(port) ? vcon_list_take(&port->tx_spare)
					: NULL;
}

int vcon_data_send(struct vcon_port *port, struct vcon_buffer *buffer)
{
	struct virtio_segment segment = { buffer->data, buffer->length };
	/* 5.3.6.1: nothing writable in a transmit queue. */
	int ret = virtqueue_add(port->tx, &segment, 1, 0, buffer);

	if (ret)
		vcon_list_put(&port->tx_spare, buffer);
	return ret;
}

bool vcon_data_drain(struct vcon_port *port)
{
	take_sent(port);
	return !virtqueue_outstanding(port->tx) ||
	       virtqueue_is_broken(port->tx);
}

void vcon_data_sent(struct virtqueue *vq)
{
	struct vcon_port *port = virtqueue_data(vq);
	unsigned long state = spin_lock_irqsave(&port->tx_lock);

	virtqueue_disable_callback(vq);
	take_sent(port);
	if (port->tx_port)
		port_wake(port->tx_port);
	spin_unlock_irqrestore(&port->tx_lock, state);
}
