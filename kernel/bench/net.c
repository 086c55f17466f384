/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What packets cost. Some cases need a network: `udp_send` and `echo` one with
 * a default gateway, `udp_receive` somebody who sends datagrams to port 5001
 * as fast as it can. `ip -s link` shows notifications and interrupts.
 */
#include "net_stack.h"
#include "../net/icmp.h"
#include "../net/stack.h"
#include <kernel/bench.h>
#include <kernel/completion.h>
#include <kernel/errno.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <kernel/udp.h>

#define SMALL	64
#define LARGE	1472
#define LO_PORT 5000
#define RX_PORT 5001
#define DISCARD 9 /* RFC 863 */

#define WAIT_NS	 NSEC_PER_SEC
#define LO_BATCH 32
#define RX_BATCH 1000

#define REPORT_NS (NSEC_PER_SEC / 2)
#define ECHOES	  500

static struct udp_socket *socket;
static struct udp_endpoint target;
static u8 data[LARGE];

static void close_socket(void)
{
	udp_close(socket);
	socket = NULL;
}

static int open_at(u32 address, u16 port)
{
	struct udp_endpoint local = { address, port };
	int err;

	socket = udp_open();
	if (!socket)
		return -ENOMEM;
	err = udp_bind(socket, &local);
	if (err)
		close_socket();
	return err;
}

/* Packets alone. */
static void run_packet(u64 count)
{
	while (count--) {
		struct packet *packet = packet_alloc(LARGE);

		if (packet)
			packet_free(packet);
	}
}

static int setup_lo(void)
{
	target = (struct udp_endpoint){ IPV4_LOOPBACK, LO_PORT };
	return open_at(IPV4_LOOPBACK, LO_PORT);
}

/* There and back, in batches, so that it is not the poller's switches. */
static void run_lo(u64 count, size_t size)
{
	while (count) {
		u64 n = MIN(count, (u64)LO_BATCH);

		for (u64 i = 0; i < n; i++)
			(void)udp_send(socket, &target, data, size);
		for (u64 i = 0; i < n; i++)
			(void)udp_receive(socket, NULL, data, sizeof(data),
					  time_ns() + WAIT_NS);
		count -= n;
	}
}

static void run_lo_small(u64 count)
{
	run_lo(count, SMALL);
}

static void run_lo_large(u64 count)
{
	run_lo(count, LARGE);
}

static u64 sample_lo(void)
{
	u64 start = time_ns();

	if (udp_send(socket, &target, data, SMALL) ||
	    udp_receive(socket, NULL, data, sizeof(data), start + WAIT_NS) < 0)
		return BENCH_NONE;
	return time_ns() - start;
}

static u32 gateway(void)
{
	struct route route;

	for (unsigned n = 0; route_get(n, &route); n++)
		if (!route.mask && route.gateway)
			return route.gateway;
	return 0;
}

static bool is_known(u32 address)
{
	struct neighbour_info info;

	for (unsigned n = 0; neighbour_get(n, &info); n++)
		if (info.address == address &&
		    info.state != NEIGHBOUR_INCOMPLETE)
			return true;
	return false;
}

static int setup_send(void)
{
	u64 until = time_ns() + WAIT_NS;
	int err;

	target = (struct udp_endpoint){ gateway(), DISCARD };
	if (!target.address)
		return -ENODEV;
	err = open_at(0, 0);
	if (!err)
		err = udp_send(socket, &target, data, SMALL);
	while (!err && !is_known(target.address) && time_ns() < until)
		thread_sleep_ns(NSEC_PER_MSEC);
	if (!err && !is_known(target.address))
		err = -ENODEV;
	if (err)
		close_socket();
	return err;
}

static void run_send_small(u64 count)
{
	while (count--)
		(void)udp_send(socket, &target, data, SMALL);
}

static void run_send_large(u64 count)
{
	while (count--)
		(void)udp_send(socket, &target, data, LARGE);
}

/* There is nothing to measure unless somebody sends. */
static int setup_receive(void)
{
	int err = open_at(0, RX_PORT);

	if (!err && udp_receive(socket, &target, data, sizeof(data),
				time_ns() + WAIT_NS) < 0) {
		close_socket();
		err = -ENODEV;
	}
	return err;
}

static u64 sample_receive(void)
{
	u64 start = time_ns();

	for (unsigned i = 0; i < RX_BATCH; i++)
		if (udp_receive(socket, NULL, data, sizeof(data),
				time_ns() + WAIT_NS) < 0)
			return BENCH_NONE;
	return (time_ns() - start) / RX_BATCH;
}

static struct {
	struct icmp_listener listener;
	struct completion heard;
	u16 sequence;
} echo;

static void note_echo(struct icmp_listener *listener __unused,
		      const struct icmp_echo *answer)
{
	if (answer->sequence == atomic_read(&echo.sequence))
		complete(&echo.heard);
}

static int setup_echo(void)
{
	int err = setup_send();

	if (err)
		return err;
	echo.listener.heard = note_echo;
	icmp_listen(&echo.listener);
	return 0;
}

static u64 sample_echo(void)
{
	u64 start = time_ns();

	atomic_write(&echo.sequence, echo.sequence + 1);
	if (icmp_send_echo(&echo.listener, target.address, echo.sequence, data,
			   SMALL) ||
	    !completion_wait_until(&echo.heard, start + WAIT_NS))
		return BENCH_NONE;
	return time_ns() - start;
}

static void teardown_echo(void)
{
	icmp_unlisten(&echo.listener);
	close_socket();
}

/*
 * Notifications and interrupts of the device that leads to the target. False:
 * there is none, any more.
 */
static bool get_costs(struct net_costs *sum)
{
	struct route_result route;
	struct net_costs costs;
	int err;

	*sum = (struct net_costs){ 0 };
	mutex_lock(&net_config);
	err = route_lookup(target.address, &route);
	if (!err && route.device->ops->get_costs)
		for (unsigned i = 0; i < route.device->pairs; i++) {
			route.device->ops->get_costs(&route.device->pair[i],
						     &costs);
			sum->notifications += costs.notifications;
			sum->interrupts += costs.interrupts;
		}
	mutex_unlock(&net_config);
	return !err;
}

static u64 per_1000(u64 count, u64 packets)
{
	return (count * 1000 + packets / 2) / packets;
}

struct flood {
	struct net_costs before;
	u64 start_ns;
	u64 datagrams, bytes;
};

static bool begin_flood(struct flood *f)
{
	*f = (struct flood){ .start_ns = time_ns() };
	return get_costs(&f->before);
}

/* Its rate, and what it cost beside time. */
static int end_flood(const struct flood *f, struct bench_value *values)
{
	u64 ns = time_ns() - f->start_ns;
	struct net_costs after;

	/* It went away, and its counts with it: there is no rate. */
	if (!get_costs(&after))
		return -ENODEV;
	if (!f->datagrams)
		return -ETIMEDOUT;
	values[0] = (struct bench_value){ "datagrams_per_s",
					  f->datagrams * NSEC_PER_SEC / ns };
	values[1] = (struct bench_value){ "kbytes_per_s",
					  f->bytes * NSEC_PER_MSEC / ns };
	values[2] = (struct bench_value){
		"notifications_per_1000",
		per_1000(after.notifications - f->before.notifications,
			 f->datagrams)
	};
	values[3] = (struct bench_value){
		"interrupts_per_1000",
		per_1000(after.interrupts - f->before.interrupts, f->datagrams)
	};
	return 4;
}

static int report_send(const struct bench_case *c, struct bench_value *values)
{
	size_t size = *(const size_t *)c->arg;
	struct flood f;

	if (!begin_flood(&f))
		return -ENODEV;
	while (time_ns() - f.start_ns < REPORT_NS)
		f.datagrams += !udp_send(socket, &target, data, size);
	f.bytes = f.datagrams * size;
	return end_flood(&f, values);
}

/* What somebody else sends; `target` is who. */
static int report_receive(const struct bench_case *c __unused,
			  struct bench_value *values)
{
	struct flood f;

	if (!begin_flood(&f))
		return -ENODEV;
	while (time_ns() - f.start_ns < REPORT_NS) {
		long length = udp_receive(socket, NULL, data, sizeof(data),
					  f.start_ns + REPORT_NS);

		if (length < 0)
			break;
		f.datagrams++;
		f.bytes += (u64)length;
	}
	return end_flood(&f, values);
}

static void sort(u64 *values, unsigned n)
{
	for (unsigned i = 1; i < n; i++) {
		u64 value = values[i];
		unsigned at = i;

		for (; at && values[at - 1] > value; at--)
			values[at] = values[at - 1];
		values[at] = value;
	}
}

/* How long echoes take: of 100 so many take no longer. */
static int report_echo(const struct bench_case *c __unused,
		       struct bench_value *values)
{
	static u64 ns[ECHOES];
	u64 start = time_ns();
	unsigned n = 0;

	while (n < ECHOES && time_ns() - start < REPORT_NS) {
		ns[n] = sample_echo();
		n += ns[n] != BENCH_NONE;
	}
	if (!n)
		return -ETIMEDOUT;
	sort(ns, n);
	values[0] = (struct bench_value){ "echoes", n };
	values[1] = (struct bench_value){ "p50_ns", ns[n * 50 / 100] };
	values[2] = (struct bench_value){ "p90_ns", ns[n * 90 / 100] };
	values[3] = (struct bench_value){ "p99_ns", ns[n * 99 / 100] };
	values[4] = (struct bench_value){ "max_ns", ns[n - 1] };
	return 5;
}

static const size_t small = SMALL, large = LARGE;

/* One that reports by itself. */
#define REPORT(n, begin, fn, a, end)                                 \
 {                                                                   \
  .name = n, .setup = begin, .report = fn, .arg = a, .teardown = end \
 }
/* A case that measures a batch. */
#define BATCH(n, begin, fn, end)                        \
 {                                                      \
  .name = n, .setup = begin, .run = fn, .teardown = end \
 }
/* One that takes a sample. */
#define SAMPLE(n, begin, fn, end)                          \
 {                                                         \
  .name = n, .setup = begin, .sample = fn, .teardown = end \
 }

static const struct bench_case net_cases[] = {
	BATCH("packet_alloc_free", NULL, run_packet, NULL),
	BATCH("stack_send_64", bench_stack_begin, bench_stack_send_small,
	      bench_stack_end),
	BATCH("stack_send_1472", bench_stack_begin, bench_stack_send_large,
	      bench_stack_end),
	BATCH("stack_receive_64", bench_stack_begin, bench_stack_receive_small,
	      bench_stack_end),
	BATCH("stack_receive_1472", bench_stack_begin,
	      bench_stack_receive_large, bench_stack_end),
	BATCH("lo_udp_64", setup_lo, run_lo_small, close_socket),
	BATCH("lo_udp_1472", setup_lo, run_lo_large, close_socket),
	SAMPLE("lo_udp_round_trip", setup_lo, sample_lo, close_socket),
	BATCH("udp_send_64", setup_send, run_send_small, close_socket),
	BATCH("udp_send_1472", setup_send, run_send_large, close_socket),
	SAMPLE("udp_receive", setup_receive, sample_receive, close_socket),
	REPORT("udp_receive_flood", setup_receive, report_receive, NULL,
	       close_socket),
	SAMPLE("echo_round_trip", setup_echo, sample_echo, teardown_echo),
	REPORT("udp_flood_64", setup_send, report_send, &small, close_socket),
	REPORT("udp_flood_1472", setup_send, report_send, &large, close_socket),
	REPORT("echo_latency", setup_echo, report_echo, NULL, teardown_echo),
	{}
};
BENCH_SUITE(net, "net", net_cases);
