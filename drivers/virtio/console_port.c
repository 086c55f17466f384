/* SPDX-License-Identifier: BSD-2-Clause */
/* A port of a console device as one of <drivers/port.h>. */
#define pr_fmt(fmt) "%s: " fmt

#include <kernel/atomic.h>
#include <kernel/errno.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/vsprintf.h>
#include "console.h"

/* Either somebody has it open, or it is a console. */
static int op_open(void *driver)
{
	struct vcon_port *port = driver;
	unsigned long state = spin_lock_irqsave(&port->vcon->control_lock);
	bool console = port->is_console;

	if (!console)
		port->is_open = true;
	port->guest_open = true;
	spin_unlock_irqrestore(&port->vcon->control_lock, state);
	if (console)
		return -EBUSY;
	/* Before the device is told, which then begins to send. */
	vcon_data_start(port);
	vcon_control_later(port->vcon);
	return 0;
}

static void op_close(void *driver)
{
	struct vcon_port *port = driver;
	unsigned long state = spin_lock_irqsave(&port->vcon->control_lock);

	port->is_open = false;
	port->guest_open = false;
	spin_unlock_irqrestore(&port->vcon->control_lock, state);
	vcon_control_later(port->vcon);
	vcon_data_stop(port);
}

static long op_read(void *driver, void *buffer, size_t size)
{
	struct vcon_port *port = driver;
	/* First: what the host wrote before it closed is there by now. */
	bool open = atomic_load_acquire(&port->host_open);
	size_t n = vcon_data_read(port, buffer, size);

	if (n)
		return (long)n;
	return open ? -EAGAIN : -EPIPE;
}

/* Called with tx_lock held: how many bytes went into buffers. */
static size_t fill_and_send(struct vcon_port *port, const u8 *from, size_t size)
{
	struct vcon_buffer *buffer;
	size_t done = 0;

	while (done < size && (buffer = vcon_data_room(port))) {
		size_t part = MIN(size - done, VCON_BUFFER_BYTES);

		memcpy(buffer->data, from + done, part);
		buffer->length = (u32)part;
		if (vcon_data_send(port, buffer))
			break;
		done += part;
	}
	return done;
}

static long op_write(void *driver, const void *buffer, size_t size)
{
	struct vcon_port *port = driver;
	unsigned long state;
	bool notify = false;
	size_t done;

	if (!atomic_read(&port->host_open))
		return -EPIPE;
	state = spin_lock_irqsave(&port->tx_lock);
	done = fill_and_send(port, buffer, size);
	if (done)
		notify = virtqueue_kick_prepare(port->tx);
	spin_unlock_irqrestore(&port->tx_lock, state);
	if (notify)
		virtqueue_notify(port->tx);
	return done ? (long)done : -EAGAIN;
}

static unsigned op_poll(void *driver)
{
	struct vcon_port *port = driver;
	unsigned events = vcon_data_readable(port) ? PORT_READABLE : 0;
	unsigned long state;

	if (!atomic_read(&port->host_open))
		return events | PORT_HANGUP;
	state = spin_lock_irqsave(&port->tx_lock);
	if (vcon_data_writable(port))
		events |= PORT_WRITABLE;
	spin_unlock_irqrestore(&port->tx_lock, state);
	return events;
}

static void op_describe(void *driver, char *text)
{
	const struct vcon_port *port = driver;
	const struct vcon_hvc *hvc = atomic_load_acquire(&port->hvc);
	int n;

	*text = '\0';
	if (!hvc)
		return;
	n = scnprintf(text, PORT_TEXT_MAX, "console %s", vcon_hvc_name(hvc));
	if (port->columns && port->rows)
		snprintf(text + n, PORT_TEXT_MAX - (size_t)n, ", %u x %u",
			 port->columns, port->rows);
}

static const struct port_ops vcon_port_ops = {
	.open = op_open,
	.close = op_close,
	.read = op_read,
	.write = op_write,
	.poll = op_poll,
	.describe = op_describe,
};

/* Whom the interrupts wake. */
static void set_waker(struct vcon_port *port, struct port *waker)
{
	unsigned long state = spin_lock_irqsave(&port->rx_lock);

	port->rx_port = waker;
	spin_unlock_irqrestore(&port->rx_lock, state);
	state = spin_lock_irqsave(&port->tx_lock);
	port->tx_port = waker;
	spin_unlock_irqrestore(&port->tx_lock, state);
}

int vcon_port_add(struct vcon_port *port)
{
	char name[PORT_NAME_MAX];

	if (vcon_data_make(port))
		return -ENOMEM;
	snprintf(name, sizeof(name), "%s.%u", port->vcon->vdev->dev.name,
		 port->id);
	port->port = port_add(name, &vcon_port_ops, port);
	if (!port->port)
		return -ENOMEM;
	set_waker(port, port->port);
	port->added = true;
	/* The host may write at once; until somebody opens it is dropped. */
	vcon_data_stop(port);
	return 0;
}

static void forget_state(struct vcon_port *port)
{
	unsigned long state = spin_lock_irqsave(&port->vcon->control_lock);

	port->host_open = false;
	port->is_open = false;
	port->is_console = false;
	port->guest_open = false;
	port->told_open = false;
	port->tell_ready = false;
	port->tell_open = false;
	spin_unlock_irqrestore(&port->vcon->control_lock, state);
}

void vcon_port_remove(struct vcon_port *port)
{
	if (!port->added)
		return;
	set_waker(port, NULL);
	port_remove(port->port);
	port->port = NULL;
	if (virtio_is_broken(port->vcon->vdev))
		vcon_hvc_fail(port);
	else
		vcon_hvc_remove(port);
	vcon_data_stop(port);
	forget_state(port);
	port->named = false;
	port->added = false;
	port->columns = 0;
	port->rows = 0;
}

void vcon_port_set_host_open(struct vcon_port *port, bool open)
{
	unsigned long state = spin_lock_irqsave(&port->vcon->control_lock);

	atomic_store_release(&port->host_open, open);
	spin_unlock_irqrestore(&port->vcon->control_lock, state);
	port_wake(port->port);
}

void vcon_port_set_name(struct vcon_port *port, const char *name, u32 length)
{
	struct vcon *vcon = port->vcon;
	char text[PORT_NAME_MAX];

	if (port->named || !length || length >= sizeof(text) ||
	    !port_name_is_text(name, length)) {
		vcon_complain(vcon, VCON_BAD_NAME,
			      "gives a name that cannot be one to port",
			      port->id);
		return;
	}
	memcpy(text, name, length);
	text[length] = '\0';
	if (port_set_name(port->port, text)) {
		pr_warn("port %u has the name of another one: it has none",
			vcon->vdev->dev.name, port->id);
		return;
	}
	port->named = true;
}
