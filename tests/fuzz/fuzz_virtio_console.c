/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A console device that does what the input says: its configuration, control
 * messages, bytes on any port, and all of it while ports are used.
 */
#include <drivers/port.h>
#include <kernel/byteorder.h>
#include <kernel/errno.h>
#include <kernel/string.h>
#include "../../drivers/virtio/console.h"
#include "../unit/fake_virtio.h"
#include "../unit/host.h"

#define PORTS 4

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static struct fake_virtio fake;
static struct console *consoles[PORTS + 1];
static struct port *open_port;
static const u8 *input;
static size_t input_size;

static u8 next(void)
{
	if (!input_size)
		return 0;
	input_size--;
	return *input++;
}

static size_t next_bytes(u8 *to, size_t size)
{
	size_t n = MIN(size, input_size);

	memcpy(to, input, n);
	input += n;
	input_size -= n;
	return n;
}

/* The kernel's consoles. */
int console_register(struct console *con)
{
	for (size_t i = 0; i < ARRAY_SIZE(consoles); i++) {
		if (consoles[i])
			continue;
		consoles[i] = con;
		con->write(con, "the log\n", 8);
		con->sync(con);
		return 0;
	}
	return -EBUSY;
}

int console_replace(struct console *old, struct console *con)
{
	return console_register(con);
}

void console_unregister(struct console *con)
{
	for (size_t i = 0; i < ARRAY_SIZE(consoles); i++)
		if (consoles[i] == con)
			consoles[i] = NULL;
}

bool console_panicking(void)
{
	return false;
}

const char *console_options(const char *name)
{
	return NULL;
}

struct console *console_first(void)
{
	return NULL;
}

void console_visit(void)
{
}

void console_leave(void)
{
}

struct console *vcon_take_early(void)
{
	return NULL;
}

/* There is one thread: nobody to let go first. */
void unit_relax(void);
void unit_relax(void)
{
}

void might_sleep(void)
{
}

void wait_prepare(struct wait_queue *wq, struct waiter *waiter)
{
}

bool wait_finish(struct wait_queue *wq, struct waiter *waiter)
{
	return false;
}

bool wake_one(struct wait_queue *wq)
{
	return false;
}

void wake_all(struct wait_queue *wq)
{
}

bool sched_sleep(u64 until_ns)
{
	return false;
}

/* A device that was found out was reset. */
static bool take(unsigned queue, struct fake_buffer *buffer)
{
	return fake.queues[queue].enabled && fake_take(&fake, queue, buffer);
}

static void interrupt(unsigned queue)
{
	if (fake.queues[queue].enabled)
		fake_interrupt(&fake, queue);
}

static void use_transmit(unsigned queue)
{
	struct fake_buffer buffer;

	if (take(queue, &buffer))
		fake_use(&fake, queue, &buffer, 0);
}

/* Bytes of the input in a buffer of @queue, which claims a little more. */
static void fill(unsigned queue, const u8 *bytes, size_t size, u8 claim)
{
	struct fake_buffer buffer;

	if (!take(queue, &buffer))
		return;
	fake_write(&buffer, 0, bytes, size);
	fake_use(&fake, queue, &buffer,
		 claim == 0xff ? UINT32_MAX : (u32)size + claim % 4);
}

static void control(void)
{
	struct virtio_console_control head = {
		.id = cpu_to_le32(next() % (PORTS + 1)),
		.event = cpu_to_le16(next() % 9),
		.value = cpu_to_le16(next() % 3),
	};
	u8 bytes[sizeof(head) + 80];
	size_t size = next() % 80;

	memcpy(bytes, &head, sizeof(head));
	size = sizeof(head) + next_bytes(bytes + sizeof(head), size);
	fill(VIRTIO_CONSOLE_CONTROL_RECEIVEQ, bytes, size, 0);
	interrupt(VIRTIO_CONSOLE_CONTROL_RECEIVEQ);
}

static void raw(unsigned queue)
{
	u8 bytes[256];
	size_t size = next_bytes(bytes, next());

	fill(queue, bytes, size, next());
	interrupt(queue);
}

static void use_ports(u8 what)
{
	char name[] = "virtio0.0";
	u8 bytes[200];

	name[sizeof(name) - 2] = (char)('0' + next() % PORTS);
	switch (what % 4) {
	case 0:
		if (!open_port && port_open(name, &open_port))
			open_port = NULL;
		break;
	case 1:
		if (open_port)
			port_read(open_port, bytes, 1 + next() % 199, 0);
		break;
	case 2:
		memset(bytes, 'w', sizeof(bytes));
		if (open_port)
			port_write(open_port, bytes, next() % 200, 0);
		break;
	case 3:
		if (open_port)
			port_close(open_port);
		open_port = NULL;
	}
}

static void use_consoles(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(consoles); i++) {
		struct console *con = consoles[i];

		if (!con)
			continue;
		con->write(con, "text\n", 5);
		con->sync(con);
		con->getc(con);
	}
}

static void step(void)
{
	u8 what = next();

	switch (what % 10) {
	case 0: control(); break;
	case 1: raw(VIRTIO_CONSOLE_CONTROL_RECEIVEQ); break;
	case 2: raw(VIRTIO_CONSOLE_PORT_RECEIVEQ(next() % PORTS)); break;
	case 3: use_transmit(next() % fake.queue_count | 1); break;
	case 4: interrupt(next() % fake.queue_count); break;
	case 5: use_ports(what / 10); break;
	case 6: use_consoles(); break;
	case 7:
		fake.config[next() % fake.config_size] = next();
		fake_config_interrupt(&fake);
		break;
	case 8:
		if (!device_unbind(&fake.vdev.dev))
			device_bind(&fake.vdev.dev, NULL);
		break;
	default: host_run_work();
	}
}

static void make(void)
{
	u8 flags = next();

	fake_virtio_init(&fake, VIRTIO_ID_CONSOLE);
	fake.any_write = true;
	fake.queue_count = 2 * PORTS + 2;
	for (unsigned i = 0; i < fake.queue_count; i++)
		fake.queues[i].size_max = 16;
	fake.config_size = sizeof(struct virtio_console_config);
	for (unsigned i = 0; i <= VIRTIO_CONSOLE_F_EMERG_WRITE; i++)
		if (flags & BIT(i))
			fake_offer(&fake, i);
	if (flags & 8)
		fake_offer(&fake, VIRTIO_F_RING_PACKED);
	fake.config[4] = next() % (PORTS + 2);
	fake.config[7] = flags & 16 ? next() : 0;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	input = data;
	input_size = size;
	/* Who waits for the device has its time run out soon. */
	host_time_step_ns = 50 * NSEC_PER_MSEC;
	make();
	if (!fake_virtio_add(&fake))
		while (input_size && fake.vdev.dev.state == DEVICE_BOUND)
			step();
	fake_virtio_remove(&fake);
	if (open_port)
		port_close(open_port);
	open_port = NULL;
	/* What was taken away leaves nothing behind. */
	for (size_t i = 0; i < ARRAY_SIZE(consoles); i++)
		if (consoles[i])
			abort();
	if (host_dma_bytes || host_run_work())
		abort();
	return 0;
}
