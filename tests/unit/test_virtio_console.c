/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The console device's driver, with the device played by hand: ports that come
 * and go, bytes both ways, and a device that says what it should not.
 */
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
static bool has_early;

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
static void pump(void)
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

static void add_multiport(void)
{
	make(true);
	CHECK_EQ(fake_virtio_add(&fake), 0);
	pump();
	sent_count = 0;
}

static void end(void)
{
	fake_virtio_remove(&fake);
	CHECK(!console);
	CHECK_EQ(host_dma_bytes, 0);
	CHECK_EQ(host_run_work(), 0);
}

/* A control message, of @size bytes in all, and its consequences. */
static void tell_raw(const void *message, size_t size)
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

static void tell(u32 id, unsigned event, u16 value, const void *rest,
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

static void tell_plain(u32 id, unsigned event, u16 value)
{
	tell(id, event, value, "", 0);
}

static bool was_sent(unsigned n, u32 id, unsigned event, u16 value)
{
	return CHECK(n < sent_count) && CHECK_EQ(le32_to_cpu(sent[n].id), id) &&
	       CHECK_EQ(le16_to_cpu(sent[n].event), event) &&
	       CHECK_EQ(le16_to_cpu(sent[n].value), value);
}

/* The host writes to port @id. */
static void receive(unsigned id, const void *data, size_t size)
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

static struct port_info info_of(const char *device)
{
	struct port_info info;

	for (unsigned n = 0; port_get_info(n, &info); n++)
		if (!strcmp(info.device, device))
			return info;
	return (struct port_info){ 0 };
}

static bool no_ports(void)
{
	struct port_info info;

	return !port_get_info(0, &info);
}

static void type(const char *text)
{
	console->write(console, text, strlen(text));
	console->sync(console);
}

static bool was_printed(const char *text)
{
	bool same = out_count == strlen(text) && !memcmp(out, text, out_count);

	out_count = 0;
	return same;
}

/* virtio 1.3, drivernormative 5.3.6.1 */
TEST(one_port_is_a_console_at_once)
{
	struct port *port;

	make(false);
	CHECK_EQ(fake_virtio_add(&fake), 0);
	if (!CHECK(console))
		return;
	CHECK_STR(console->name, "hvc0");
	CHECK_STR(info_of("virtio0.0").text, "console hvc0, 80 x 25");
	CHECK_EQ(port_open("virtio0.0", &port), -EBUSY);
	type("one\ntwo");
	CHECK(was_printed("one\r\ntwo"));
	/* Collected until the core says that this is all. */
	CHECK_EQ(out_buffers, 1);
	CHECK_EQ(console->getc(console), -1);
	receive(0, "ab", 2);
	CHECK_EQ(inputs, 1);
	CHECK_EQ(console->getc(console), 'a');
	CHECK_EQ(console->getc(console), 'b');
	CHECK_EQ(console->getc(console), -1);
	config()->cols = cpu_to_le16(132);
	fake_config_interrupt(&fake);
	host_run_work();
	CHECK_STR(info_of("virtio0.0").text, "console hvc0, 132 x 25");
	end();
	CHECK(no_ports());
}

TEST(input_is_taken_for_ever)
{
	make(false);
	CHECK_EQ(fake_virtio_add(&fake), 0);
	for (unsigned i = 0; i < 1000; i++) {
		receive(0, "xy", 2);
		CHECK_EQ(console->getc(console), 'x');
		CHECK_EQ(console->getc(console), 'y');
	}
	end();
}

TEST(an_early_console_is_replaced)
{
	make(false);
	has_early = true;
	replaced = 0;
	CHECK_EQ(fake_virtio_add(&fake), 0);
	CHECK_EQ(replaced, 1);
	has_early = false;
	end();
}

TEST(a_host_that_takes_nothing_costs_its_time_once)
{
	u64 before;

	make(false);
	CHECK_EQ(fake_virtio_add(&fake), 0);
	stuck = true;
	for (unsigned i = 0; i < VCON_BUFFERS; i++)
		type("x");
	before = host_time_now_ns;
	host_time_step_ns = NSEC_PER_MSEC;
	type("lost");
	CHECK(console->flags & CONSOLE_STALLED);
	CHECK(host_time_now_ns - before < 2 * NSEC_PER_SEC);
	before = host_time_now_ns;
	type("lost as well");
	CHECK(host_time_now_ns - before < 100 * NSEC_PER_MSEC);
	host_time_step_ns = 1000;
	stuck = false;
	serve(&fake, 1);
	CHECK(was_printed("xxxxxxxx"));
	type("again");
	CHECK(was_printed("again"));
	end();
}

TEST(in_a_panic_who_holds_the_lock_is_not_waited_for)
{
	struct vcon *vcon;

	make(false);
	CHECK_EQ(fake_virtio_add(&fake), 0);
	vcon = device_data(&fake.vdev.dev);
	spin_lock(&vcon->ports[0].tx_lock);
	panicking = true;
	fake.config_written = 0;
	host_time_step_ns = 100000;
	type("oops\n");
	/* Emergency writes: a byte each. */
	CHECK_EQ(fake.config_written, 6);
	CHECK_EQ(le32_to_cpu(config()->emerg_wr), '\n');
	CHECK_EQ(out_count, 0);
	host_time_step_ns = 1000;
	panicking = false;
	spin_unlock(&vcon->ports[0].tx_lock);
	end();
}

TEST(in_a_panic_the_queue_is_used_by_force_where_there_is_nothing_else)
{
	struct vcon *vcon;

	make(false);
	virtio_feature_clear(&fake.offered, VIRTIO_CONSOLE_F_EMERG_WRITE);
	CHECK_EQ(fake_virtio_add(&fake), 0);
	vcon = device_data(&fake.vdev.dev);
	spin_lock(&vcon->ports[0].tx_lock);
	panicking = true;
	fake.config_written = 0;
	host_time_step_ns = 100000;
	type("oops\n");
	CHECK_EQ(fake.config_written, 0);
	CHECK(was_printed("oops\r\n"));
	host_time_step_ns = 1000;
	panicking = false;
	spin_unlock(&vcon->ports[0].tx_lock);
	end();
}

TEST(in_a_panic_a_queue_that_stands_still_is_left_for_emergency_writes)
{
	make(false);
	CHECK_EQ(fake_virtio_add(&fake), 0);
	stuck = true;
	panicking = true;
	fake.config_written = 0;
	host_time_step_ns = NSEC_PER_MSEC;
	type("one\n");
	type("two\n");
	CHECK_EQ(fake.config_written, 5);
	host_time_step_ns = 1000;
	panicking = false;
	end();
}

TEST(a_broken_device_prints_on_by_emergency_writes_until_it_is_taken_away)
{
	make(false);
	CHECK_EQ(fake_virtio_add(&fake), 0);
	virtio_break(&fake.vdev, "for a test");
	host_run_work();
	CHECK(no_ports());
	if (!CHECK(console))
		return;
	fake.config_written = 0;
	type("still here");
	CHECK_EQ(fake.config_written, 10);
	end();
}

/* DEVICE_READY is a must: virtio 1.3, drivernormative 5.3.6.2.2 */
TEST(several_ports_begin_with_none)
{
	make(true);
	CHECK_EQ(fake_virtio_add(&fake), 0);
	pump();
	CHECK_EQ(sent_count, 1);
	was_sent(0, 0, VIRTIO_CONSOLE_DEVICE_READY, 1);
	CHECK(no_ports());
	end();
}

static void add_port(u32 id)
{
	sent_count = 0;
	tell_plain(id, VIRTIO_CONSOLE_DEVICE_ADD, 0);
	CHECK_EQ(sent_count, 1);
	was_sent(0, id, VIRTIO_CONSOLE_PORT_READY, 1);
	sent_count = 0;
}

/* A console port is opened: virtio 1.3, drivernormative 5.3.6.2.2 */
TEST(a_port_becomes_a_console_when_the_device_says_so)
{
	static const struct virtio_console_resize size = { (__force le16)100,
							   (__force le16)40 };

	add_multiport();
	add_port(2);
	CHECK(!console);
	tell_plain(2, VIRTIO_CONSOLE_CONSOLE_PORT, 1);
	CHECK_EQ(sent_count, 1);
	was_sent(0, 2, VIRTIO_CONSOLE_PORT_OPEN, 1);
	CHECK(console);
	tell(2, VIRTIO_CONSOLE_RESIZE, 0, &size, sizeof(size));
	CHECK_STR(info_of("virtio0.2").text, "console hvc0, 100 x 40");
	type("hello");
	CHECK(was_printed("hello"));
	/* Said again, it is answered again, and nothing else. */
	tell_plain(2, VIRTIO_CONSOLE_CONSOLE_PORT, 1);
	CHECK_EQ(sent_count, 2);
	was_sent(1, 2, VIRTIO_CONSOLE_PORT_OPEN, 1);
	CHECK_EQ(consoles, 1);
	tell_plain(2, VIRTIO_CONSOLE_DEVICE_REMOVE, 0);
	CHECK(!console);
	CHECK(no_ports());
	end();
	CHECK_EQ(host_said_count, 1); /* "is console" */
}

static struct port *open_named(u32 id)
{
	struct port *port = NULL;

	add_port(id);
	tell(id, VIRTIO_CONSOLE_PORT_NAME, 0, "org.test", 9);
	tell_plain(id, VIRTIO_CONSOLE_PORT_OPEN, 1);
	CHECK_EQ(port_open("org.test", &port), 0);
	pump();
	CHECK_EQ(sent_count, 1);
	was_sent(0, id, VIRTIO_CONSOLE_PORT_OPEN, 1);
	sent_count = 0;
	return port;
}

TEST(a_named_port_carries_bytes_both_ways)
{
	struct port *port;
	char text[16];

	add_multiport();
	port = open_named(1);
	CHECK_EQ(port_write(port, "question", 8, 0), 8);
	CHECK(was_printed("question"));
	CHECK_EQ(port_read(port, text, sizeof(text), 0), -ETIMEDOUT);
	wakes = 0;
	receive(1, "long answer", 11);
	CHECK(wakes);
	CHECK_EQ(port_read(port, text, 5, 0), 5);
	CHECK_EQ(port_read(port, text + 5, sizeof(text) - 5, 0), 6);
	CHECK_MEM(text, "long answer", 11);
	port_close(port);
	pump();
	was_sent(0, 1, VIRTIO_CONSOLE_PORT_OPEN, 0);
	/* What nobody reads is thrown away, and the buffer posted again. */
	for (unsigned i = 0; i < 3 * VCON_BUFFERS; i++)
		receive(1, "noise", 5);
	CHECK_EQ(port_open("org.test", &port), 0);
	CHECK_EQ(port_read(port, text, sizeof(text), 0), -ETIMEDOUT);
	port_close(port);
	end();
}

TEST(a_writer_waits_for_room_and_no_more_is_on_its_way)
{
	static u8 bytes[(VCON_BUFFERS + 1) * VCON_BUFFER_BYTES];
	struct port *port;

	add_multiport();
	port = open_named(1);
	stuck = true;
	CHECK_EQ(port_write(port, bytes, sizeof(bytes), 0),
		 VCON_BUFFERS * VCON_BUFFER_BYTES);
	CHECK_EQ(port_write(port, bytes, 1, 0), -ETIMEDOUT);
	CHECK_EQ(port_poll(port), 0);
	stuck = false;
	serve(&fake, receive_queue(1) + 1);
	wakes = 0;
	/* It asked for this interrupt when there was no room. */
	fake_interrupt(&fake, receive_queue(1) + 1);
	CHECK(wakes);
	CHECK_EQ(port_poll(port), PORT_WRITABLE);
	CHECK_EQ(port_write(port, bytes, 1, 0), 1);
	port_close(port);
	end();
}

TEST(the_host_closes_and_comes_back)
{
	struct port *port;
	char byte;

	add_multiport();
	port = open_named(3);
	receive(3, "z", 1);
	wakes = 0;
	tell_plain(3, VIRTIO_CONSOLE_PORT_OPEN, 0);
	CHECK(wakes);
	CHECK_EQ(port_write(port, "a", 1, 0), -EPIPE);
	CHECK_EQ(port_read(port, &byte, 1, 0), 1);
	CHECK_EQ(port_read(port, &byte, 1, 0), -EPIPE);
	CHECK_EQ(port_poll(port), PORT_HANGUP);
	tell_plain(3, VIRTIO_CONSOLE_PORT_OPEN, 1);
	CHECK_EQ(port_write(port, "a", 1, 0), 1);
	port_close(port);
	end();
}

TEST(a_port_goes_while_it_is_open_and_another_comes_in_its_place)
{
	struct port *port, *next;
	char byte;

	add_multiport();
	port = open_named(1);
	for (unsigned i = 0; i < 3; i++) {
		tell_plain(1, VIRTIO_CONSOLE_DEVICE_REMOVE, 0);
		CHECK_EQ(port_read(port, &byte, 1, 0), -ENODEV);
		CHECK_EQ(port_write(port, "a", 1, 0), -ENODEV);
		next = open_named(1);
		CHECK_EQ(port_write(next, "new", 3, 0), 3);
		CHECK(was_printed("new"));
		receive(1, "y", 1);
		CHECK_EQ(port_read(next, &byte, 1, 0), 1);
		port_close(port);
		port = next;
	}
	/* The device itself goes while one is open. */
	end();
	CHECK_EQ(port_poll(port), PORT_GONE);
	port_close(port);
}

TEST(a_port_that_somebody_has_open_does_not_become_a_console)
{
	struct port *port;

	add_multiport();
	port = open_named(1);
	tell_plain(1, VIRTIO_CONSOLE_CONSOLE_PORT, 1);
	CHECK(!console);
	/* It must be answered all the same. */
	was_sent(0, 1, VIRTIO_CONSOLE_PORT_OPEN, 1);
	port_close(port);
	end();
}

/* Each is ignored with one message, and the device goes on. */
TEST(messages_that_make_no_sense_are_ignored)
{
	char long_name[PORT_NAME_MAX + 1];

	memset(long_name, 'n', sizeof(long_name));
	add_multiport();
	add_port(1);
	for (unsigned i = 0; i < 3; i++) {
		tell_raw("", 0);
		tell_raw("1234567", 7);
		tell_plain(PORTS, VIRTIO_CONSOLE_DEVICE_ADD, 0);
		tell_plain(UINT32_MAX, VIRTIO_CONSOLE_DEVICE_ADD, 0);
		tell_plain(1, VIRTIO_CONSOLE_DEVICE_ADD, 0);
		tell_plain(2, VIRTIO_CONSOLE_DEVICE_REMOVE, 0);
		tell_plain(UINT32_MAX, VIRTIO_CONSOLE_CONSOLE_PORT, 1);
		tell_plain(0, VIRTIO_CONSOLE_PORT_OPEN, 1);
		tell_plain(1, VIRTIO_CONSOLE_PORT_OPEN, 2);
		tell_plain(1, VIRTIO_CONSOLE_DEVICE_READY, 1);
		tell_plain(1, VIRTIO_CONSOLE_PORT_READY, 1);
		tell_plain(1, 77, 0);
		tell(1, VIRTIO_CONSOLE_RESIZE, 0, "abc", 3);
		tell(1, VIRTIO_CONSOLE_PORT_NAME, 0, "", 0);
		tell(1, VIRTIO_CONSOLE_PORT_NAME, 0, "\0", 1);
		tell(1, VIRTIO_CONSOLE_PORT_NAME, 0, "a\033[2Jb", 6);
		tell(1, VIRTIO_CONSOLE_PORT_NAME, 0, "a\0b", 3);
		tell(1, VIRTIO_CONSOLE_PORT_NAME, 0, "\xff\xfe", 2);
		tell(1, VIRTIO_CONSOLE_PORT_NAME, 0, long_name,
		     sizeof(long_name));
	}
	CHECK_STR(info_of("virtio0.1").name, "");
	CHECK_EQ(sent_count, 0);
	/* One for each kind. */
	CHECK_EQ(host_said_count, 7);
	CHECK(!virtio_is_broken(&fake.vdev));
	tell(1, VIRTIO_CONSOLE_PORT_NAME, 0, "good", 4);
	CHECK_STR(info_of("virtio0.1").name, "good");
	tell(1, VIRTIO_CONSOLE_PORT_NAME, 0, "other", 5);
	CHECK_STR(info_of("virtio0.1").name, "good");
	end();
}

TEST(a_name_that_another_port_has_is_not_given_twice)
{
	add_multiport();
	add_port(1);
	add_port(2);
	tell(1, VIRTIO_CONSOLE_PORT_NAME, 0, "same", 5);
	tell(2, VIRTIO_CONSOLE_PORT_NAME, 0, "same", 5);
	CHECK_STR(info_of("virtio0.1").name, "same");
	CHECK_STR(info_of("virtio0.2").name, "");
	end();
}

TEST(many_messages_at_once_are_handled_in_their_order)
{
	struct fake_buffer buffer;
	struct virtio_console_control head = {
		.event = cpu_to_le16(VIRTIO_CONSOLE_DEVICE_ADD),
	};

	add_multiport();
	for (u32 id = 0; id < PORTS; id++) {
		head.id = cpu_to_le32(id);
		if (!CHECK(fake_take(&fake, VIRTIO_CONSOLE_CONTROL_RECEIVEQ,
				     &buffer)))
			return;
		fake_write(&buffer, 0, &head, sizeof(head));
		fake_use(&fake, VIRTIO_CONSOLE_CONTROL_RECEIVEQ, &buffer,
			 sizeof(head));
	}
	fake_interrupt(&fake, VIRTIO_CONSOLE_CONTROL_RECEIVEQ);
	pump();
	CHECK_EQ(sent_count, PORTS);
	for (unsigned id = 0; id < PORTS; id++)
		was_sent(id, id, VIRTIO_CONSOLE_PORT_READY, 1);
	end();
}

TEST(more_ports_than_the_driver_uses_are_left_alone)
{
	make(true);
	config()->max_nr_ports = cpu_to_le32(0);
	CHECK_EQ(fake_virtio_add(&fake), -EINVAL);
	end();
	/* The queues of so many are not there. */
	make(true);
	config()->max_nr_ports = cpu_to_le32(UINT32_MAX);
	CHECK(fake_virtio_add(&fake));
	end();
}

TEST(without_memory_a_device_is_not_driven)
{
	for (unsigned i = 0; i < 12; i++) {
		make(true);
		host_heap_fail_after(i);
		if (!fake_virtio_add(&fake))
			pump();
		host_heap_fail_after(HOST_HEAP_NEVER);
		end();
		make(false);
		host_heap_fail_after(i);
		fake_virtio_add(&fake);
		host_heap_fail_after(HOST_HEAP_NEVER);
		end();
	}
}

TEST(a_port_without_memory_is_refused)
{
	add_multiport();
	host_heap_fail_after(0);
	tell_plain(1, VIRTIO_CONSOLE_DEVICE_ADD, 0);
	host_heap_fail_after(HOST_HEAP_NEVER);
	was_sent(0, 1, VIRTIO_CONSOLE_PORT_READY, 0);
	CHECK(no_ports());
	end();
}
