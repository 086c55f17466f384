/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A console device with several ports: they come and go, bytes go both ways,
 * and the device says what it should not.
 */
#include "fake_console.h"

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
