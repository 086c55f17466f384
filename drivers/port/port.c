/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ports by name, and waiting for them. Who makes something true calls
 * port_wake() afterwards, and who waits looks after it has queued itself: see
 * <kernel/wait.h>.
 */
#include <drivers/port.h>
#include <kernel/errno.h>
#include <kernel/mm/slab.h>
#include <kernel/mutex.h>
#include <kernel/string.h>

struct port {
	struct wait_queue queue;
	struct spinlock lock;	    /* of ops, and around each call of theirs */
	const struct port_ops *ops; /* NULL: it is gone */
	void *driver;
	char device[PORT_NAME_MAX];
	u64 read_bytes, written_bytes;
	/* Under the list's lock from here on. */
	char name[PORT_NAME_MAX];
	bool open;
	bool listed;
	struct port *next;
};

static struct mutex list_lock;
static struct port *ports;

static struct port *find(const char *name)
{
	struct port *port = ports;

	while (port && strcmp(port->name, name) && strcmp(port->device, name))
		port = port->next;
	return port;
}

static int call_open(struct port *port)
{
	int ret;

	spin_lock(&port->lock);
	ret = port->ops ? port->ops->open(port->driver) : -ENOENT;
	spin_unlock(&port->lock);
	return ret;
}

int port_open(const char *name, struct port **port)
{
	struct port *it;
	int ret = -ENOENT;

	mutex_lock(&list_lock);
	it = *name ? find(name) : NULL;
	if (it && it->open)
		ret = -EBUSY;
	else if (it)
		ret = call_open(it);
	if (!ret) {
		it->open = true;
		*port = it;
	}
	mutex_unlock(&list_lock);
	return ret;
}

void port_close(struct port *port)
{
	bool listed;

	spin_lock(&port->lock);
	if (port->ops)
		port->ops->close(port->driver);
	spin_unlock(&port->lock);
	mutex_lock(&list_lock);
	port->open = false;
	listed = port->listed;
	mutex_unlock(&list_lock);
	if (!listed)
		kfree(port);
}

static long try_read(struct port *port, void *buffer, size_t size)
{
	long ret = -ENODEV;

	spin_lock(&port->lock);
	if (port->ops)
		ret = port->ops->read(port->driver, buffer, size);
	if (ret > 0)
		port->read_bytes += (u64)ret;
	spin_unlock(&port->lock);
	return ret;
}

long port_read(struct port *port, void *buffer, size_t size, u64 until_ns)
{
	long ret;

	if (!wait_event_until(&port->queue,
			      (ret = try_read(port, buffer, size)) != -EAGAIN,
			      until_ns))
		return -ETIMEDOUT;
	return ret;
}

static long try_write(struct port *port, const void *buffer, size_t size)
{
	long ret = -ENODEV;

	spin_lock(&port->lock);
	if (port->ops)
		ret = port->ops->write(port->driver, buffer, size);
	if (ret > 0)
		port->written_bytes += (u64)ret;
	spin_unlock(&port->lock);
	return ret;
}

long port_write(struct port *port, const void *buffer, size_t size,
		u64 until_ns)
{
	const u8 *from = buffer;
	size_t done = 0;

	while (done < size) {
		long ret;

		if (!wait_event_until(&port->queue,
				      (ret = try_write(port, from + done,
						       size - done)) != -EAGAIN,
				      until_ns))
			ret = -ETIMEDOUT;
		if (ret < 0)
			return done ? (long)done : ret;
		done += (size_t)ret;
	}
	return (long)done;
}

unsigned port_poll(struct port *port)
{
	unsigned events = PORT_GONE;

	spin_lock(&port->lock);
	if (port->ops)
		events = port->ops->poll(port->driver);
	spin_unlock(&port->lock);
	return events;
}

unsigned port_wait(struct port *port, unsigned events, u64 until_ns)
{
	unsigned found;

	events |= PORT_GONE;
	if (!wait_event_until(&port->queue,
			      (found = port_poll(port) & events) != 0,
			      until_ns))
		return 0;
	return found;
}

struct port *port_add(const char *device, const struct port_ops *ops,
		      void *driver)
{
	struct port *port = kzalloc(sizeof(*port)), **link = &ports;

	if (!port)
		return NULL;
	strscpy(port->device, device, sizeof(port->device));
	port->ops = ops;
	port->driver = driver;
	port->listed = true;
	mutex_lock(&list_lock);
	while (*link)
		link = &(*link)->next;
	*link = port;
	mutex_unlock(&list_lock);
	return port;
}

int port_set_name(struct port *port, const char *name)
{
	int ret = -EEXIST;

	mutex_lock(&list_lock);
	if (strlen(name) >= sizeof(port->name))
		ret = -E2BIG;
	else if (!find(name))
		ret = 0;
	if (!ret)
		strscpy(port->name, name, sizeof(port->name));
	mutex_unlock(&list_lock);
	return ret;
}

static void unlist(struct port *port)
{
	struct port **link = &ports;

	while (*link != port)
		link = &(*link)->next;
	*link = port->next;
	port->listed = false;
}

void port_remove(struct port *port)
{
	bool open;

	spin_lock(&port->lock);
	port->ops = NULL;
	spin_unlock(&port->lock);
	wake_all(&port->queue);
	mutex_lock(&list_lock);
	unlist(port);
	open = port->open;
	mutex_unlock(&list_lock);
	/* Else the one who has it open frees it. */
	if (!open)
		kfree(port);
}

void port_wake(struct port *port)
{
	wake_all(&port->queue);
}

static void get_info(struct port *port, struct port_info *info)
{
	*info = (struct port_info){ .open = port->open };
	strscpy(info->name, port->name, sizeof(info->name));
	strscpy(info->device, port->device, sizeof(info->device));
	spin_lock(&port->lock);
	if (port->ops) {
		info->host_open =
			!(port->ops->poll(port->driver) & PORT_HANGUP);
		port->ops->describe(port->driver, info->text);
	}
	info->read_bytes = port->read_bytes;
	info->written_bytes = port->written_bytes;
	spin_unlock(&port->lock);
}

bool port_get_info(unsigned n, struct port_info *info)
{
	struct port *port;

	mutex_lock(&list_lock);
	for (port = ports; port && n; n--)
		port = port->next;
	if (port)
		get_info(port, info);
	mutex_unlock(&list_lock);
	return port;
}
