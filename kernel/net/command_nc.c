/* SPDX-License-Identifier: BSD-2-Clause */
/* `nc -u`: lines to another machine, and what comes back. */
#include "command.h"
#include <kernel/console.h>
#include <kernel/errno.h>
#include <kernel/mm/slab.h>
#include <kernel/shell.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <kernel/udp.h>

#define LINE_MAX   256
#define BUFFER_MAX 2048
/* How soon a key is seen while nothing comes, and the other way round. */
#define POLL_NS (10 * NSEC_PER_MSEC)

#define KEY_INTERRUPT 3
#define KEY_END	      4

struct nc {
	bool udp, listen;
	u64 idle_ns; /* ends when nothing comes for so long; 0: never */
	u64 limit;   /* ends after so many datagrams; 0: never */
	const char *host, *port;

	struct udp_socket *socket;
	struct udp_endpoint peer; /* address 0: nobody yet */
	u64 received;
	u64 last_ns;
	char line[LINE_MAX];
	size_t typed;
	u8 buffer[BUFFER_MAX];
};

static int send_line(struct nc *nc)
{
	size_t length = nc->typed;

	nc->typed = 0;
	if (!nc->peer.address) {
		console_puts("nc: nobody has sent anything yet\n");
		return 0;
	}
	return udp_send(nc->socket, &nc->peer, nc->line, length);
}

/* A key, which is seen as it is typed. -ECANCELED: the end. */
static int take_key(struct nc *nc, char c)
{
	if (c == KEY_INTERRUPT || (c == KEY_END && !nc->typed))
		return -ECANCELED;
	if (c == '\r' || c == '\n') {
		console_puts("\n");
		nc->line[nc->typed++] = '\n';
		return send_line(nc);
	}
	if (c == '\b' || c == 127) {
		if (nc->typed) {
			nc->typed--;
			console_puts("\b \b");
		}
		return 0;
	}
	/* One byte is for the end of the line. */
	if (nc->typed < LINE_MAX - 1) {
		nc->line[nc->typed++] = c;
		console_write(&c, 1);
	}
	return 0;
}

static int take_keys(struct nc *nc)
{
	int c, err = 0;

	while (!err && (c = console_getc()) >= 0)
		err = take_key(nc, (char)c);
	return err;
}

/* What others send must not reach the terminal as commands to it. */
static void print_received(const u8 *data, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		char c = (char)data[i];

		if ((c < ' ' && c != '\n' && c != '\t') || c == 127)
			c = '.';
		console_write(&c, 1);
	}
}

static int take_datagram(struct nc *nc)
{
	struct udp_endpoint from;
	long length = udp_receive(nc->socket, &from, nc->buffer, BUFFER_MAX,
				  time_ns() + POLL_NS);
	u64 now = time_ns();

	if (length == -ETIMEDOUT)
		return nc->idle_ns && now - nc->last_ns >= nc->idle_ns
			       ? -ECANCELED
			       : 0;
	if (length < 0)
		return (int)length;
	nc->last_ns = now;
	/* As others' nc: who was the first to send is who is answered. */
	if (!nc->peer.address)
		nc->peer = from;
	print_received(nc->buffer, MIN((size_t)length, (size_t)BUFFER_MAX));
	return ++nc->received == nc->limit ? -ECANCELED : 0;
}

static int talk(struct nc *nc)
{
	int err;

	nc->last_ns = time_ns();
	do {
		err = take_keys(nc);
		if (!err)
			err = take_datagram(nc);
	} while (!err);
	return err == -ECANCELED ? 0 : err;
}

static int parse_port(const char *text, u16 *port)
{
	u64 number;
	int err = command_number(text, 65535, &number);

	*port = err ? 0 : (u16)number;
	return *port ? 0 : -EINVAL;
}

static int connect(struct nc *nc)
{
	struct udp_endpoint *peer = &nc->peer;
	struct udp_endpoint local = { 0 };
	int err;

	if (nc->listen) {
		err = parse_port(nc->port, &local.port);
		return err ? err : udp_bind(nc->socket, &local);
	}
	err = parse_port(nc->port, &peer->port);
	if (!err)
		err = command_resolve("nc", nc->host, &peer->address);
	return err ? err : udp_connect(nc->socket, peer);
}

static int run(struct nc *nc)
{
	int err;

	nc->socket = udp_open();
	if (!nc->socket)
		return -ENOMEM;
	err = connect(nc);
	if (!err)
		err = talk(nc);
	udp_close(nc->socket);
	return err;
}

static int take_flags(struct nc *nc, const char *flags, const char *value,
		      int *used)
{
	for (*used = 1; *flags; flags++) {
		switch (*flags) {
		case 'u': nc->udp = true; break;
		case 'l': nc->listen = true; break;
		case 'p': break; /* the port follows anyway */
		case 'w':
			*used = 2;
			return command_seconds(value, &nc->idle_ns);
		case 'W':
			*used = 2;
			return command_number(value, UINT32_MAX, &nc->limit);
		default: return -EINVAL;
		}
	}
	return 0;
}

static int parse(struct nc *nc, int argc, char **argv)
{
	int i = 1, used;

	while (i < argc && argv[i][0] == '-') {
		if (take_flags(nc, argv[i] + 1, argv[i + 1], &used))
			return -EINVAL;
		i += used;
	}
	if (!nc->udp || argc - i != (nc->listen ? 1 : 2))
		return -EINVAL;
	nc->host = nc->listen ? NULL : argv[i];
	nc->port = argv[argc - 1];
	return 0;
}

static int nc_command(int argc, char **argv)
{
	struct nc *nc = kzalloc(sizeof(*nc));
	int err;

	if (!nc)
		return command_result("nc", -ENOMEM);
	err = parse(nc, argc, argv);
	if (!err)
		err = command_result("nc", run(nc));
	kfree(nc);
	return err;
}
SHELL_COMMAND(nc, "-u [-w SECONDS] [-W COUNT] HOST PORT | -u -l [...] PORT",
	      "Send typed lines by UDP and show what comes, until Ctrl-C",
	      nc_command);
