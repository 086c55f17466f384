/* SPDX-License-Identifier: BSD-2-Clause */
/* `ping`, and `dhcp`. */
#include "command.h"
#include "dhcp.h"
#include "icmp.h"
#include <kernel/completion.h>
#include <kernel/console.h>
#include <kernel/errno.h>
#include <kernel/mm/slab.h>
#include <kernel/shell.h>
#include <kernel/string.h>
#include <kernel/time.h>

#define PING_SIZE_DEFAULT 56
#define PING_SIZE_MAX	  (65535 - 20 - 8)
#define PING_INTERVAL_NS  NSEC_PER_SEC
#define PING_TIMEOUT_NS	  (2 * NSEC_PER_SEC)
/* How soon a key is seen. */
#define KEY_POLL_NS (20 * NSEC_PER_MSEC)

#define DHCP_WAIT_NS (15 * NSEC_PER_SEC)

struct ping {
	struct icmp_listener listener;
	struct completion heard;
	u32 address;
	u64 count; /* 0: until a key */
	u64 interval_ns, timeout_ns;
	size_t size;
	u8 *data;
	/* Of the question that waits; the poller writes once. */
	u16 sequence;
	bool waiting;
	u8 ttl;
	u64 sent_ns, heard_ns;
	/* The result. */
	u64 sent, received, minimum_ns, maximum_ns, sum_ns;
};

/* In the poller. */
static void heard(struct icmp_listener *listener, const struct icmp_echo *echo)
{
	struct ping *ping = container_of(listener, struct ping, listener);

	if (!atomic_read(&ping->waiting) || echo->sequence != ping->sequence ||
	    echo->source != ping->address || echo->length != ping->size ||
	    memcmp(echo->data, ping->data, ping->size) != 0)
		return;
	ping->ttl = echo->ttl;
	ping->heard_ns = time_ns();
	atomic_write(&ping->waiting, false);
	complete(&ping->heard);
}

/* Until @until_ns, or a key: false. */
static bool wait_for(struct completion *done, u64 until_ns, bool *interrupted)
{
	bool was_done = false;

	*interrupted = false;
	while (!was_done && !*interrupted && time_ns() < until_ns) {
		was_done = completion_wait_until(done,
						 MIN(until_ns,
						     time_ns() + KEY_POLL_NS));
		*interrupted = command_interrupted();
	}
	return was_done;
}

static void print_ms(u64 ns)
{
	console_printf("%llu.%03llu", (unsigned long long)(ns / NSEC_PER_MSEC),
		       (unsigned long long)(ns / NSEC_PER_USEC % 1000));
}

static void note_answer(struct ping *ping)
{
	u64 ns = ping->heard_ns - ping->sent_ns;
	char text[IPV4_TEXT_MAX];

	ping->received++;
	ping->sum_ns += ns;
	ping->minimum_ns = MIN(ping->minimum_ns, ns);
	ping->maximum_ns = MAX(ping->maximum_ns, ns);
	console_printf("%zu bytes from %s: icmp_seq=%u ttl=%u time=",
		       ping->size + 8, ipv4_text(ping->address, text),
		       ping->sequence, ping->ttl);
	print_ms(ns);
	console_puts(" ms\n");
}

/* One question. True: a key was pressed. */
static bool ask(struct ping *ping)
{
	bool interrupted;
	int err;

	ping->sequence++;
	ping->sent++;
	ping->sent_ns = time_ns();
	atomic_write(&ping->waiting, true);
	err = icmp_send_echo(&ping->listener, ping->address, ping->sequence,
			     ping->data, ping->size);
	if (err)
		(void)command_result("ping", err);
	if (!err && wait_for(&ping->heard, ping->sent_ns + ping->timeout_ns,
			     &interrupted))
		note_answer(ping);
	atomic_write(&ping->waiting, false);
	return !err && interrupted;
}

static bool pause_until(u64 until_ns)
{
	struct completion never = { 0 };
	bool interrupted;

	(void)wait_for(&never, until_ns, &interrupted);
	return interrupted;
}

static void ping_all(struct ping *ping)
{
	bool interrupted;

	do {
		interrupted = ask(ping);
		if (ping->count && ping->sent == ping->count)
			break;
		if (!interrupted)
			interrupted =
				pause_until(ping->sent_ns + ping->interval_ns);
	} while (!interrupted);
}

static void summarize(const struct ping *ping, const char *name)
{
	u64 lost = ping->sent - ping->received;

	console_printf("--- %s ping statistics ---\n"
		       "%llu packets transmitted, %llu received, %llu%% packet "
		       "loss\n",
		       name, (unsigned long long)ping->sent,
		       (unsigned long long)ping->received,
		       (unsigned long long)(lost * 100 / ping->sent));
	if (!ping->received)
		return;
	console_puts("rtt min/avg/max = ");
	print_ms(ping->minimum_ns);
	console_puts("/");
	print_ms(ping->sum_ns / ping->received);
	console_puts("/");
	print_ms(ping->maximum_ns);
	console_puts(" ms\n");
}

static int take_option(struct ping *ping, char option, const char *value)
{
	u64 number;
	int err;

	switch (option) {
	case 'c':
		err = command_number(value, UINT32_MAX, &ping->count);
		return err || !ping->count ? -EINVAL : 0;
	case 'i': return command_seconds(value, &ping->interval_ns);
	case 'W': return command_seconds(value, &ping->timeout_ns);
	case 's':
		err = command_number(value, PING_SIZE_MAX, &number);
		if (!err)
			ping->size = (size_t)number;
		return err;
	default: return -EINVAL;
	}
}

static int parse(struct ping *ping, int argc, char **argv, const char **name)
{
	int i = 1;

	for (; i < argc && argv[i][0] == '-'; i += 2)
		if (i + 1 >= argc || argv[i][2] ||
		    take_option(ping, argv[i][1], argv[i + 1]))
			return -EINVAL;
	if (i + 1 != argc)
		return -EINVAL;
	*name = argv[i];
	return 0;
}

static int run(struct ping *ping, const char *name)
{
	char text[IPV4_TEXT_MAX];

	ping->data = kmalloc(ping->size);
	if (!ping->data)
		return command_result("ping", -ENOMEM);
	for (size_t i = 0; i < ping->size; i++)
		ping->data[i] = (u8)i;
	console_printf("PING %s (%s) %zu bytes of data\n", name,
		       ipv4_text(ping->address, text), ping->size);
	icmp_listen(&ping->listener);
	ping_all(ping);
	icmp_unlisten(&ping->listener);
	kfree(ping->data);
	summarize(ping, name);
	return ping->received ? 0 : -ETIMEDOUT;
}

static int ping_command(int argc, char **argv)
{
	struct ping ping = { .listener.heard = heard,
			     .interval_ns = PING_INTERVAL_NS,
			     .timeout_ns = PING_TIMEOUT_NS,
			     .size = PING_SIZE_DEFAULT,
			     .minimum_ns = UINT64_MAX };
	const char *name;
	int err = parse(&ping, argc, argv, &name);

	if (!err)
		err = command_resolve("ping", name, &ping.address);
	return err ? err : run(&ping, name);
}
SHELL_COMMAND(ping, "[-c COUNT] [-i SECONDS] [-s BYTES] [-W SECONDS] HOST",
	      "Ask a machine for an echo, until Ctrl-C", ping_command);

static int dhcp_command(int argc, char **argv)
{
	struct net_device *net;
	bool release = argc == 3 && !strcmp(argv[1], "-r");
	char text[IPV4_TEXT_MAX];
	u32 address, mask;
	int err = 0;

	if (argc != 2 && !release)
		return -EINVAL;
	net = command_device("dhcp", argv[argc - 1]);
	if (!net)
		return -ENODEV;
	if (release)
		dhcp_stop(net);
	else
		err = dhcp_start(net);
	net_put(net);
	if (err || release)
		return command_result("dhcp", err);
	address = dhcp_wait(argv[argc - 1], time_ns() + DHCP_WAIT_NS, &mask);
	if (!address) {
		console_puts("dhcp: no answer yet; it goes on asking\n");
		return -ETIMEDOUT;
	}
	console_printf("%s: %s/%u\n", argv[argc - 1], ipv4_text(address, text),
		       mask_prefix(mask));
	return 0;
}
SHELL_COMMAND(dhcp, "[-r] DEVICE",
	      "Get an address from the network; -r: give it back",
	      dhcp_command);
