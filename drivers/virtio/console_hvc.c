/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A port as a console: hvc0 and so on.
 *
 * Output is collected in one of the port's buffers, and sent when it is full
 * or the core says that this was all for now. In a panic nothing is waited
 * for that may never come: not for the lock, which a stopped CPU may hold, nor
 * for an interrupt. Where the device offers emergency writes (virtio 1.3,
 * 5.3.4), those take over when its queue does not work; they are port 0's.
 */
#define pr_fmt(fmt) "%s: " fmt

#include <drivers/hvc.h>
#include <drivers/virtio_transport.h>
#include <kernel/byteorder.h>
#include <kernel/cpu.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/mm/slab.h>
#include <kernel/printk.h>
#include <kernel/time.h>
#include <kernel/vsprintf.h>
#include "console.h"

/* For the host to take what is on its way: once, until it does again. */
#define HVC_TX_TIMEOUT_MS 500
/* For the boot to go on without a console that comes late: policy. */
#define HVC_WAIT_MS 500
/* In a panic: for who holds the lock, and may be stopped. */
#define HVC_LOCK_TIMEOUT_MS 10

struct vcon_hvc {
	struct console console;
	char name[HVC_NAME_MAX];
	unsigned number;
	struct vcon_port *port;
	struct vcon_buffer *filling; /* the console's owner's; may be NULL */
	bool stalled;		     /* gets no more time until it has room */
	bool emergency;		     /* can be used */
	bool failed;		     /* the queue does not work any more */
};

static u32 registered; /* of the numbers; atomic */
static u32 expected;   /* devices that are still to say which ports they have */
static struct wait_queue came;

/*
 * The queue's lock. Where other CPUs are @stopped, perhaps with the lock, it
 * is false when it is not to be had: who has it does not go on.
 */
static bool lock_tx(struct vcon_port *port, bool stopped, unsigned long *state)
{
	u64 limit;

	if (!stopped) {
		*state = spin_lock_irqsave(&port->tx_lock);
		return true;
	}
	*state = local_irq_save();
	limit = time_ns() + HVC_LOCK_TIMEOUT_MS * NSEC_PER_MSEC;
	while (!spin_trylock(&port->tx_lock))
		if (time_ns() > limit)
			return false;
	return true;
}

static void unlock_tx(struct vcon_port *port, bool locked, unsigned long state)
{
	if (locked)
		spin_unlock_irqrestore(&port->tx_lock, state);
	else
		local_irq_restore(state);
}

static void give_up_queue(struct vcon_hvc *hvc)
{
	hvc->failed = true;
}

/*
 * False: not locked, and there is a better way. If there is none, in a panic,
 * it goes on without the lock: there is nothing to lose.
 *
 * Of a queue that is broken the lock is not taken: who found that out may have
 * it, and say so on this console.
 */
static bool begin(struct vcon_hvc *hvc, bool *locked, unsigned long *state)
{
	if (virtqueue_is_broken(hvc->port->tx)) {
		give_up_queue(hvc);
		return false;
	}
	*locked = lock_tx(hvc->port, console_panicking(), state);
	if (*locked || !hvc->emergency)
		return true;
	unlock_tx(hvc->port, false, *state);
	give_up_queue(hvc);
	return false;
}

static struct vcon_buffer *try_room(struct vcon_hvc *hvc)
{
	struct vcon_buffer *buffer;
	unsigned long state;
	bool locked;

	if (!begin(hvc, &locked, &state))
		return NULL;
	buffer = vcon_data_room(hvc->port);
	unlock_tx(hvc->port, locked, state);
	return buffer;
}

static void stall(struct vcon_hvc *hvc)
{
	hvc->stalled = true;
	hvc->console.flags |= CONSOLE_STALLED;
	if (hvc->emergency && console_panicking())
		give_up_queue(hvc);
}

/* A buffer to fill, or NULL: the host does not take what is on its way. */
static struct vcon_buffer *wait_for_room(struct vcon_hvc *hvc)
{
	u64 limit = time_ns() + HVC_TX_TIMEOUT_MS * NSEC_PER_MSEC;
	struct vcon_buffer *buffer = try_room(hvc);

	while (!buffer && !hvc->stalled && !hvc->failed) {
		if (time_ns() > limit)
			stall(hvc);
		cpu_relax();
		buffer = try_room(hvc);
	}
	if (buffer) {
		hvc->stalled = false;
		buffer->length = 0;
	}
	return buffer;
}

/* 5.3.5: at any time, whatever state the device is in. */
static void emergency_write(const struct vcon_hvc *hvc, char c)
{
	struct virtio_device *vdev = hvc->port->vcon->vdev;
	le32 value = cpu_to_le32((u8)c);

	vdev->transport->write_config(vdev,
				      offsetof(struct virtio_console_config,
					       emerg_wr),
				      &value, sizeof(value));
}

/* What was collected for the queue, which does not work any more. */
static void rescue(struct vcon_hvc *hvc)
{
	struct vcon_buffer *buffer = hvc->filling;

	for (u32 i = 0; buffer && hvc->emergency && i < buffer->length; i++)
		emergency_write(hvc, (char)buffer->data[i]);
	if (buffer)
		buffer->length = 0;
}

static void send(struct vcon_hvc *hvc)
{
	struct vcon_buffer *buffer = hvc->filling;
	bool locked, notify = false;
	unsigned long state;

	if (!buffer)
		return;
	if (hvc->failed || !begin(hvc, &locked, &state)) {
		rescue(hvc);
		return;
	}
	hvc->filling = NULL;
	if (!vcon_data_send(hvc->port, buffer))
		notify = virtqueue_kick_prepare(hvc->port->tx);
	unlock_tx(hvc->port, locked, state);
	if (notify)
		virtqueue_notify(hvc->port->tx);
}

static void put(struct vcon_hvc *hvc, char c)
{
	if (!hvc->filling && !hvc->failed)
		hvc->filling = wait_for_room(hvc);
	if (hvc->failed) {
		rescue(hvc);
		if (hvc->emergency)
			emergency_write(hvc, c);
	} else if (hvc->filling) {
		hvc->filling->data[hvc->filling->length++] = (u8)c;
		if (hvc->filling->length == VCON_BUFFER_BYTES)
			send(hvc);
	}
}

static void hvc_write(struct console *con, const char *s, size_t n)
{
	struct vcon_hvc *hvc = con->private;

	for (; n; s++, n--) {
		if (*s == '\n')
			put(hvc, '\r');
		put(hvc, *s);
	}
}

/*
 * Until the host has it all; where it does not take it, only once. The other
 * CPUs are stopped.
 */
static void hvc_drain(struct console *con)
{
	u64 limit = time_ns() + HVC_TX_TIMEOUT_MS * NSEC_PER_MSEC;
	struct vcon_hvc *hvc = con->private;
	bool empty = false;

	while (!empty && !hvc->stalled && !hvc->failed) {
		unsigned long state;
		bool locked = lock_tx(hvc->port, true, &state);

		empty = !locked || vcon_data_drain(hvc->port);
		unlock_tx(hvc->port, locked, state);
		if (!empty && time_ns() > limit)
			stall(hvc);
	}
}

static void hvc_sync(struct console *con)
{
	send(con->private);
	/* What comes next may be a reset. */
	if (console_panicking())
		hvc_drain(con);
}

static int hvc_getc(struct console *con)
{
	struct vcon_hvc *hvc = con->private;
	u8 byte;

	return vcon_data_read(hvc->port, &byte, 1) ? byte : -1;
}

void vcon_hvc_input(struct vcon_hvc *hvc __unused)
{
	console_input_ready();
}

static bool has_emergency(const struct vcon_port *port)
{
	struct virtio_device *vdev = port->vcon->vdev;

	return !port->id &&
	       virtio_feature_test(&vdev->offered,
				   VIRTIO_CONSOLE_F_EMERG_WRITE) &&
	       vdev->transport->config_size(vdev) >=
		       sizeof(struct virtio_console_config);
}

static void init(struct vcon_hvc *hvc, struct vcon_port *port)
{
	hvc->port = port;
	hvc->emergency = has_emergency(port);
	hvc->console.name = hvc->name;
	hvc->console.write = hvc_write;
	hvc->console.sync = hvc_sync;
	hvc->console.drain = hvc_drain;
	hvc->console.getc = hvc_getc;
	hvc->console.flags = CONSOLE_ANSI | CONSOLE_ANNOUNCES;
	hvc->console.private = hvc;
}

/* Of one that earlycon= made this is the rest. */
static int register_console(struct vcon_hvc *hvc)
{
	struct console *early = hvc->number ? NULL : vcon_take_early();
	int ret = early ? console_replace(early, &hvc->console)
			: console_register(&hvc->console);

	/* Input works also where console= does not want the output. */
	return ret == -EPERM ? 0 : ret;
}

static void set_input(struct vcon_port *port, struct vcon_hvc *hvc)
{
	unsigned long state = spin_lock_irqsave(&port->rx_lock);

	port->rx_hvc = hvc;
	spin_unlock_irqrestore(&port->rx_lock, state);
}

/* False: somebody has it open. */
static bool claim(struct vcon_port *port)
{
	unsigned long state = spin_lock_irqsave(&port->vcon->control_lock);
	bool open = port->is_open;

	port->is_console = !open;
	spin_unlock_irqrestore(&port->vcon->control_lock, state);
	return !open;
}

static int start(struct vcon_hvc *hvc, struct vcon_port *port)
{
	int ret = hvc_take_number(hvc->name);

	if (ret < 0)
		return ret;
	hvc->number = (unsigned)ret;
	init(hvc, port);
	vcon_data_start(port);
	set_input(port, hvc);
	ret = register_console(hvc);
	if (!ret)
		return 0;
	set_input(port, NULL);
	hvc_give_number(hvc->number);
	return ret;
}

int vcon_hvc_add(struct vcon_port *port)
{
	struct vcon_hvc *hvc = kzalloc(sizeof(*hvc));
	int ret = -ENOMEM;

	if (hvc)
		ret = claim(port) ? start(hvc, port) : -EBUSY;
	if (ret) {
		pr_err("port %u cannot be a console: error %d",
		       port->vcon->vdev->dev.name, port->id, -ret);
		kfree(hvc);
		return ret;
	}
	/* Release: `ports` may read what is in it. */
	atomic_store_release(&port->hvc, hvc);
	pr_info("port %u is console %s", port->vcon->vdev->dev.name, port->id,
		hvc->name);
	atomic_fetch_or(&registered, BIT(hvc->number));
	wake_all(&came);
	return 0;
}

void vcon_hvc_fail(struct vcon_port *port)
{
	struct vcon_hvc *hvc = port->hvc;

	if (hvc && hvc->emergency)
		WRITE_ONCE(hvc->failed, true);
	else
		vcon_hvc_remove(port);
}

void vcon_hvc_remove(struct vcon_port *port)
{
	struct vcon_hvc *hvc = port->hvc;

	if (!hvc)
		return;
	console_unregister(&hvc->console);
	atomic_fetch_and(&registered, ~BIT(hvc->number));
	set_input(port, NULL);
	atomic_write(&port->hvc, NULL);
	hvc_give_number(hvc->number);
	if (hvc->filling) {
		unsigned long state = spin_lock_irqsave(&port->tx_lock);

		vcon_list_put(&port->tx_spare, hvc->filling);
		spin_unlock_irqrestore(&port->tx_lock, state);
	}
	kfree(hvc);
}

void vcon_hvc_set_size(struct vcon_port *port, u16 columns, u16 rows)
{
	WRITE_ONCE(port->columns, columns);
	WRITE_ONCE(port->rows, rows);
}

const char *vcon_hvc_name(const struct vcon_hvc *hvc)
{
	return hvc->name;
}

void vcon_hvc_expect(void)
{
	atomic_fetch_add(&expected, 1U);
}

/* True if every console that console= names is there, or can be done without.
 */
static bool all_came(void)
{
	bool any = false, missing = false;
	char name[HVC_NAME_MAX];

	for (unsigned i = 0; i < HVC_MAX; i++) {
		snprintf(name, sizeof(name), "hvc%u", i);
		if (console_options(name) &&
		    !(atomic_read(&registered) & BIT(i)))
			missing = true;
	}
	console_visit();
	for (const struct console *con = console_first(); con; con = con->next)
		any |= con->write && !(con->flags & CONSOLE_MUTED);
	console_leave();
	return any && !missing;
}

/*
 * A device with several ports tells by messages which of them are consoles. If
 * the machine has no other, the boot waits, or the prompt would be printed
 * before there is somebody to print it.
 */
static int wait_for_consoles(void)
{
	u64 limit = time_ns() + HVC_WAIT_MS * NSEC_PER_MSEC;

	if (expected)
		wait_event_until(&came, all_came(), limit);
	return 0;
}
initcall(INIT_SERVICE, wait_for_consoles);
