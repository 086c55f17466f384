/* SPDX-License-Identifier: BSD-2-Clause */
/* The `ports` and `port` commands. */
#include <drivers/port.h>
#include <kernel/console.h>
#include <kernel/errno.h>
#include <kernel/mm/slab.h>
#include <kernel/shell.h>
#include <kernel/string.h>

#define CHUNK_BYTES 4096

/* A command that nothing happens for, ends after this time. */
#define IDLE_NS (10 * NSEC_PER_SEC)
/* How often `port cat` looks for a key, which ends it. */
#define KEY_POLL_NS (100 * NSEC_PER_MSEC)

static void print_port(const struct port_info *info)
{
	console_printf("%-12s %-26s host %-7s", info->device,
		       *info->name ? info->name : "-",
		       info->host_open ? "open" : "closed");
	if (*info->text)
		console_printf("%s\n", info->text);
	else
		console_printf("%s%lu bytes in, %lu out\n",
			       info->open ? "open, " : "", info->read_bytes,
			       info->written_bytes);
}

static int ports_command(int argc, char **argv __unused)
{
	struct port_info info;

	if (argc != 1)
		return -EINVAL;
	for (unsigned n = 0; port_get_info(n, &info); n++)
		print_port(&info);
	return 0;
}
SHELL_COMMAND(ports, "", "List ports: streams to programs on the host",
	      ports_command);

static u64 idle_limit(void)
{
	return time_ns() + IDLE_NS;
}

static const char *end_of(long ret)
{
	switch (ret) {
	case -EPIPE: return "the host closed it";
	case -ENODEV: return "the port is gone";
	case -ETIMEDOUT: return "nothing happened for 10 s";
	default: return "done";
	}
}

/* The host opens its side, or has it open: 0 or -errno. */
static int wait_host(struct port *port)
{
	unsigned events =
		port_wait(port, PORT_READABLE | PORT_WRITABLE, idle_limit());

	if (events & PORT_GONE)
		return -ENODEV;
	return events ? 0 : -ETIMEDOUT;
}

/* What the host writes goes to the console, until a key is pressed. */
static int cat(struct port *port, u8 *chunk)
{
	long n = wait_host(port);

	while (!n) {
		if (console_getc() >= 0)
			return 0;
		n = port_read(port, chunk, CHUNK_BYTES,
			      time_ns() + KEY_POLL_NS);
		if (n > 0)
			console_write((const char *)chunk, (size_t)n);
		n = n > 0 || n == -ETIMEDOUT ? 0 : n;
	}
	console_printf("\n%s\n", end_of(n));
	return 0;
}

static int echo(struct port *port, u8 *chunk, u64 bytes)
{
	u64 start, done = 0;
	long n = wait_host(port);

	start = time_ns();
	while (!n && done < bytes) {
		n = port_read(port, chunk, MIN(CHUNK_BYTES, bytes - done),
			      idle_limit());
		if (n > 0)
			n = port_write(port, chunk, (size_t)n, idle_limit());
		if (n > 0)
			done += (u64)n;
		n = n > 0 ? 0 : n;
	}
	console_printf("echoed %lu bytes in %llu ms: %s\n", done,
		       (time_ns() - start) / NSEC_PER_MSEC, end_of(n));
	return 0;
}

static int write_words(struct port *port, u8 *chunk, char *const *words)
{
	long n = str_join((char *)chunk, CHUNK_BYTES - 1, words, ' ');

	if (n < 0)
		return (int)n;
	chunk[n++] = '\n';
	n = port_write(port, chunk, (size_t)n, idle_limit());
	if (n < 0)
		console_printf("%s\n", end_of(n));
	return 0;
}

static int with_port(struct port *port, u8 *chunk, char **argv)
{
	u64 bytes = UINT64_MAX;

	if (!strcmp(argv[1], "cat") && !argv[3])
		return cat(port, chunk);
	if (!strcmp(argv[1], "write") && argv[3])
		return write_words(port, chunk, argv + 3);
	if (strcmp(argv[1], "echo"))
		return -EINVAL;
	if (argv[3] && (argv[4] || parse_size(argv[3], &bytes)))
		return -EINVAL;
	return echo(port, chunk, bytes);
}

static int port_command(int argc, char **argv)
{
	struct port *port;
	u8 *chunk;
	int ret;

	if (argc < 3)
		return -EINVAL;
	chunk = kmalloc(CHUNK_BYTES);
	if (!chunk)
		return -ENOMEM;
	ret = port_open(argv[2], &port);
	if (!ret) {
		ret = with_port(port, chunk, argv);
		port_close(port);
	}
	kfree(chunk);
	return ret;
}
SHELL_COMMAND(port, "cat NAME | echo NAME [BYTES] | write NAME TEXT...",
	      "Talk through a port: print, send back, or send a line",
	      port_command);
