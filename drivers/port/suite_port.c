/* SPDX-License-Identifier: BSD-2-Clause */
/* Self-tests of ports, with a driver that is a small pipe in memory. */
#include <drivers/port.h>
#include <kernel/errno.h>
#include <kernel/selftest.h>
#include <kernel/string.h>
#include <kernel/thread.h>

#define NAME "selftest.port"

/* What waits longer than this waits for something that was lost. */
#define LIMIT_NS (10 * NSEC_PER_SEC)
#define SHORT_NS (2 * NSEC_PER_MSEC)

#define PIPE_BYTES 64
#define ROUNDS	   2000

/* Both sides of the port are the test's. What is written can be read. */
static struct {
	struct port *port;
	u8 bytes[PIPE_BYTES];
	size_t first, count;
	unsigned opened;
	bool host_closed;
} loop;

static int loop_open(void *driver __unused)
{
	loop.opened++;
	return 0;
}

static void loop_close(void *driver __unused)
{
	loop.opened--;
}

static long loop_read(void *driver __unused, void *buffer, size_t size)
{
	u8 *to = buffer;
	size_t n = MIN(size, loop.count);

	for (size_t i = 0; i < n; i++)
		to[i] = loop.bytes[(loop.first + i) % PIPE_BYTES];
	loop.first += n;
	loop.count -= n;
	if (n)
		port_wake(loop.port);
	else if (loop.host_closed)
		return -EPIPE;
	return n ? (long)n : -EAGAIN;
}

static long loop_write(void *driver __unused, const void *buffer, size_t size)
{
	const u8 *from = buffer;
	size_t n = MIN(size, PIPE_BYTES - loop.count);

	if (loop.host_closed)
		return -EPIPE;
	for (size_t i = 0; i < n; i++)
		loop.bytes[(loop.first + loop.count + i) % PIPE_BYTES] =
			from[i];
	loop.count += n;
	if (n)
		port_wake(loop.port);
	return n ? (long)n : -EAGAIN;
}

static unsigned loop_poll(void *driver __unused)
{
	if (loop.host_closed)
		return PORT_HANGUP | (loop.count ? PORT_READABLE : 0);
	return (loop.count ? PORT_READABLE : 0) |
	       (loop.count < PIPE_BYTES ? PORT_WRITABLE : 0);
}

static void loop_describe(void *driver __unused, char *text)
{
	strscpy(text, "self-test", PORT_TEXT_MAX);
}

static const struct port_ops loop_ops = {
	.open = loop_open,
	.close = loop_close,
	.read = loop_read,
	.write = loop_write,
	.poll = loop_poll,
	.describe = loop_describe,
};

static struct port *begin(struct selftest *t)
{
	struct port *port = NULL;

	memset(&loop, 0, sizeof(loop));
	loop.port = port_add("selftest.0", &loop_ops, NULL);
	if (!EXPECT(t, loop.port))
		return NULL;
	EXPECT_EQ(t, port_set_name(loop.port, NAME), 0);
	EXPECT_EQ(t, port_open(NAME, &port), 0);
	EXPECT_EQ(t, loop.opened, 1);
	return port;
}

static void test_open(struct selftest *t)
{
	struct port *port = begin(t), *second;

	if (!port)
		return;
	EXPECT_EQ(t, port_open("selftest.0", &second), -EBUSY);
	EXPECT_EQ(t, port_open("selftest.1", &second), -ENOENT);
	EXPECT_EQ(t, port_open("", &second), -ENOENT);
	EXPECT_EQ(t, port_set_name(loop.port, "selftest.0"), -EEXIST);
	port_close(port);
	EXPECT_EQ(t, loop.opened, 0);
	EXPECT_EQ(t, port_open("selftest.0", &second), 0);
	port_close(second);
	port_remove(loop.port);
	EXPECT_EQ(t, port_open(NAME, &second), -ENOENT);
}

static void test_time_limits(struct selftest *t)
{
	struct port *port = begin(t);
	u8 bytes[2 * PIPE_BYTES] = { 0 };
	u64 start = time_ns();

	if (!port)
		return;
	EXPECT_EQ(t, port_read(port, bytes, 1, start + SHORT_NS), -ETIMEDOUT);
	EXPECT(t, time_ns() >= start + SHORT_NS);
	/* As much as there is room for, and then time is up. */
	EXPECT_EQ(t,
		  port_write(port, bytes, sizeof(bytes), time_ns() + SHORT_NS),
		  PIPE_BYTES);
	EXPECT_EQ(t, port_write(port, bytes, 1, time_ns() + SHORT_NS),
		  -ETIMEDOUT);
	EXPECT_EQ(t, port_wait(port, PORT_WRITABLE, time_ns() + SHORT_NS), 0);
	EXPECT_EQ(t, port_wait(port, PORT_READABLE, 0), PORT_READABLE);
	port_close(port);
	port_remove(loop.port);
}

static void test_hangup(struct selftest *t)
{
	struct port *port = begin(t);
	u8 byte = 7;

	if (!port)
		return;
	EXPECT_EQ(t, port_write(port, &byte, 1, 0), 1);
	loop.host_closed = true;
	EXPECT_EQ(t, port_write(port, &byte, 1, 0), -EPIPE);
	/* What was there before can be read. */
	EXPECT_EQ(t, port_poll(port), PORT_HANGUP | PORT_READABLE);
	EXPECT_EQ(t, port_read(port, &byte, 1, 0), 1);
	EXPECT_EQ(t, port_read(port, &byte, 1, time_ns() + LIMIT_NS), -EPIPE);
	port_close(port);
	port_remove(loop.port);
}

static void copy_out(void *arg)
{
	struct port *port = arg;

	for (u32 i = 0; i < ROUNDS; i++)
		if (port_write(port, &i, sizeof(i), time_ns() + LIMIT_NS) !=
		    sizeof(i))
			return;
}

/* The pipe is full and empty in turn, so both sides sleep often. */
static void test_no_wake_up_is_lost(struct selftest *t)
{
	struct port *port = begin(t);
	struct thread *thread;
	unsigned wrong = 0;

	if (!port)
		return;
	thread = thread_create("writer", copy_out, port, NULL);
	for (u32 i = 0; EXPECT(t, thread) && i < ROUNDS; i++) {
		u8 bytes[sizeof(i)];
		size_t had = 0;

		while (had < sizeof(bytes)) {
			long n = port_read(port, bytes + had,
					   sizeof(bytes) - had,
					   time_ns() + LIMIT_NS);

			if (!EXPECT(t, n > 0))
				break;
			had += (size_t)n;
		}
		wrong += memcmp(bytes, &i, sizeof(i)) != 0;
		if (had < sizeof(bytes))
			break;
	}
	EXPECT_EQ(t, wrong, 0);
	if (thread)
		thread_join(thread);
	port_close(port);
	port_remove(loop.port);
}

static void remove_soon(void *arg __unused)
{
	thread_sleep_ns(SHORT_NS);
	port_remove(loop.port);
}

static void test_remove_while_waiting(struct selftest *t)
{
	struct port *port = begin(t);
	struct thread *thread;
	u8 byte = 0;

	if (!port)
		return;
	thread = thread_create("remover", remove_soon, NULL, NULL);
	if (EXPECT(t, thread)) {
		EXPECT_EQ(t, port_read(port, &byte, 1, time_ns() + LIMIT_NS),
			  -ENODEV);
		thread_join(thread);
	}
	EXPECT_EQ(t, port_write(port, &byte, 1, 0), -ENODEV);
	EXPECT_EQ(t, port_poll(port), PORT_GONE);
	EXPECT_EQ(t, port_wait(port, PORT_READABLE, 0), PORT_GONE);
	port_close(port);
	EXPECT_EQ(t, loop.opened, 1);
}

static void test_names(struct selftest *t)
{
	EXPECT(t, port_name_is_text("org.qemu.guest_agent.0", 22));
	EXPECT(t, port_name_is_text("gr\xc3\xbc\xc3\x9f", 6));
	EXPECT(t, !port_name_is_text("a\0b", 3));
	EXPECT(t, !port_name_is_text("\033[2J", 4));
	EXPECT(t, !port_name_is_text("\xc2\x9b", 2));
	EXPECT(t, !port_name_is_text("\xc0\xaf", 2));
	EXPECT(t, !port_name_is_text("\xe2\x82", 2));
}

static const struct selftest_case port_cases[] = {
	{ .name = "one-opens-it", .run = test_open },
	{ .name = "time-limits", .run = test_time_limits },
	{ .name = "host-hangs-up", .run = test_hangup },
	{ .name = "no-wake-up-is-lost", .run = test_no_wake_up_is_lost },
	{ .name = "removed-while-waiting", .run = test_remove_while_waiting },
	{ .name = "names-are-text", .run = test_names },
	{}
};
SELFTEST_SUITE(port, "port", port_cases, 0);
