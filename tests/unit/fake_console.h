/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A console device that is played by hand, for tests of its driver, and what
 * the driver needs of the kernel's consoles and scheduler. One test includes
 * it.
 */
#pragma once

#include "unit.h"
#include <drivers/port.h>
#include <kernel/byteorder.h>
#include <kernel/errno.h>
#include <kernel/string.h>
#include "../../drivers/virtio/console.h"
#include "fake_virtio.h"
#include "host.h"

#define PORTS 4

static struct fake_virtio fake;

/* The kernel's consoles. */
static struct console *console;
static unsigned consoles, inputs, replaced;
static bool panicking;

int console_register(struct console *con)
{
	CHECK(!console);
	console = con;
	consoles++;
	return 0;
}

int console_replace(struct console *old, struct console *con)
{
	replaced++;
	return console_register(con);
}

void console_unregister(struct console *con)
{
	CHECK(console == con);
	console = NULL;
}

bool console_panicking(void)
{
	return panicking;
}

const char *console_options(const char *name)
{
	return NULL;
}

struct console *console_first(void)
{
	return console;
}

void console_visit(void)
{
}

void console_leave(void)
{
}

void console_input_ready(void)
{
	inputs++;
}

static struct console early;
static __unused bool has_early;

struct console *vcon_take_early(void)
{
	return has_early ? &early : NULL;
}

/* One thread: who would wait has its time run out. */
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

static unsigned wakes;

bool wake_one(struct wait_queue *wq)
{
	return false;
}

void wake_all(struct wait_queue *wq)
{
	wakes++;
}

bool sched_sleep(u64 until_ns)
{
	return false;
}

/* What the driver sent by control messages. */
static struct virtio_console_control sent[64];
static unsigned sent_count;
static bool control_used; /* and the driver was not told yet */

/* What it sent through a transmit queue, of any port. */
static char out[16384];
static size_t out_count;
static unsigned out_buffers;
static bool stuck; /* transmit queues are not served */

static unsigned receive_queue(unsigned port)
{
	return VIRTIO_CONSOLE_PORT_RECEIVEQ(port);
}

static void serve_control(unsigned queue)
{
	struct fake_buffer buffer;

	while (fake_take(&fake, queue, &buffer)) {
		if (!CHECK(sent_count < ARRAY_SIZE(sent)))
			return;
		CHECK_EQ(buffer.in, 0);
		CHECK_EQ(fake_read(&buffer, 0, &sent[sent_count++],
				   sizeof(sent[0])),
			 sizeof(sent[0]));
		fake_use(&fake, queue, &buffer, 0);
		control_used = true;
	}
}

/* There is nothing in it for the device to write (5.3.6.1). */
static void serve_transmit(unsigned queue)
{
	struct fake_buffer buffer;

	while (!stuck && fake_take(&fake, queue, &buffer)) {
		CHECK_EQ(buffer.in, 0);
		out_buffers++;
		out_count += fake_read(&buffer, 0, out + out_count,
				       sizeof(out) - out_count);
		fake_use(&fake, queue, &buffer, 0);
	}
}

static void serve(struct fake_virtio *device, unsigned queue)
{
	if (queue == VIRTIO_CONSOLE_CONTROL_TRANSMITQ &&
	    fake_has(&fake, VIRTIO_CONSOLE_F_MULTIPORT))
		serve_control(queue);
	else if (queue % 2)
		serve_transmit(queue);
}

static struct virtio_console_config *config(void)
{
	return (struct virtio_console_config *)fake.config;
}

static void make(bool multiport)
{
	fake_virtio_init(&fake, VIRTIO_ID_CONSOLE);
	fake.queue_count = multiport ? 2 * PORTS + 2 : 2;
	for (unsigned i = 0; i < fake.queue_count; i++)
		fake.queues[i].size_max = 64;
	fake.config_size = sizeof(struct virtio_console_config);
	fake.serve = serve;
	fake.any_write = true; /* 5.3.5 */
	fake_offer(&fake, VIRTIO_CONSOLE_F_SIZE);
	fake_offer(&fake, VIRTIO_CONSOLE_F_EMERG_WRITE);
	if (multiport)
		fake_offer(&fake, VIRTIO_CONSOLE_F_MULTIPORT);
	config()->max_nr_ports = cpu_to_le32(PORTS);
	config()->cols = cpu_to_le16(80);
	config()->rows = cpu_to_le16(25);
	sent_count = 0;
	control_used = false;
	out_count = 0;
	out_buffers = 0;
	consoles = 0;
	inputs = 0;
	stuck = false;
	panicking = false;
	host_said_count = 0;
}

/* Work and interrupts until nothing more happens. */
static __unused void pump(void)
{
	for (unsigned i = 0; i < 200; i++) {
		unsigned ran = host_run_work();

		if (!ran && !control_used)
			return;
		if (control_used)
			fake_interrupt(&fake, VIRTIO_CONSOLE_CONTROL_TRANSMITQ);
		control_used = false;
	}
	CHECK(!"it ends");
}

static __unused void add_multiport(void)
{
	make(true);
	CHECK_EQ(fake_virtio_add(&fake), 0);
	pump();
	sent_count = 0;
}

static __unused void end(void)
{
	fake_virtio_remove(&fake);
	CHECK(!console);
	CHECK_EQ(host_dma_bytes, 0);
	CHECK_EQ(host_run_work(), 0);
}

/* A control message, of @size bytes in all, and its consequences. */
static __unused void tell_raw(const void *message, size_t size)
{
	struct fake_buffer buffer;
	size_t written;

	if (!CHECK(fake_take(&fake, VIRTIO_CONSOLE_CONTROL_RECEIVEQ, &buffer)))
		return;
	CHECK_EQ(buffer.out, 0);
	written = fake_write(&buffer, 0, message, size);
	fake_use(&fake, VIRTIO_CONSOLE_CONTROL_RECEIVEQ, &buffer, (u32)written);
	fake_interrupt(&fake, VIRTIO_CONSOLE_CONTROL_RECEIVEQ);
	pump();
}

static __unused void tell(u32 id, unsigned event, u16 value, const void *rest,
			  size_t size)
{
	u8 message[sizeof(struct virtio_console_control) + 256];
	struct virtio_console_control head = {
		.id = cpu_to_le32(id),
		.event = cpu_to_le16((u16)event),
		.value = cpu_to_le16(value),
	};

	memcpy(message, &head, sizeof(head));
	memcpy(message + sizeof(head), rest, size);
	tell_raw(message, sizeof(head) + size);
}

static __unused void tell_plain(u32 id, unsigned event, u16 value)
{
	tell(id, event, value, "", 0);
}

static __unused bool was_sent(unsigned n, u32 id, unsigned event, u16 value)
{
	return CHECK(n < sent_count) && CHECK_EQ(le32_to_cpu(sent[n].id), id) &&
	       CHECK_EQ(le16_to_cpu(sent[n].event), event) &&
	       CHECK_EQ(le16_to_cpu(sent[n].value), value);
}

/* The host writes to port @id. */
static __unused void receive(unsigned id, const void *data, size_t size)
{
	struct fake_buffer buffer;

	if (!CHECK(fake_take(&fake, receive_queue(id), &buffer)))
		return;
	/* 5.3.6.1: nothing to read. */
	CHECK_EQ(buffer.out, 0);
	fake_write(&buffer, 0, data, size);
	fake_use(&fake, receive_queue(id), &buffer, (u32)size);
	fake_interrupt(&fake, receive_queue(id));
}

static __unused struct port_info info_of(const char *device)
{
	struct port_info info;

	for (unsigned n = 0; port_get_info(n, &info); n++)
		if (!strcmp(info.device, device))
			return info;
	return (struct port_info){ 0 };
}

static __unused bool no_ports(void)
{
	struct port_info info;

	return !port_get_info(0, &info);
}

static __unused void type(const char *text)
{
	console->write(console, text, strlen(text));
	console->sync(console);
}

static __unused bool was_printed(const char *text)
{
	bool same = out_count == strlen(text) && !memcmp(out, text, out_count);

	out_count = 0;
	return same;
}
