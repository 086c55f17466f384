/* SPDX-License-Identifier: BSD-2-Clause */
/* The console of a Xen domain, with a made-up host at the rings' other end. */
#include "unit.h"
#include "../../drivers/xen/console_ring.h"
#include <kernel/console.h>
#include <kernel/errno.h>
#include <kernel/mm/map.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <kernel/virt/service.h>
#include <kernel/virt/xen.h>
#include "host.h"

#define PFN  0xfeffcULL
#define PORT 2

static struct xencons_interface page;
static struct console *console;
static void (*handler)(unsigned port, void *context);
static unsigned notified, inputs;
static bool reads; /* the host does */
static char seen[8192];
static size_t seen_count;

static void host_read(void)
{
	while (page.out_cons != page.out_prod)
		seen[seen_count++] =
			(char)page.out[page.out_cons++ % XENCONS_OUT_SIZE];
}

void *memremap(phys_addr_t phys, u64 size, enum memory_type type)
{
	CHECK_EQ(phys, PFN * 4096);
	CHECK(size >= sizeof(page));
	CHECK_EQ(type, MEMORY_WB);
	return &page;
}

void memunmap(const void *mapping)
{
	(void)mapping;
}

int xen_hvm_param(unsigned index, u64 *value)
{
	*value = index == HVM_PARAM_CONSOLE_PFN ? PFN : PORT;
	return 0;
}

int xen_hypercall_enable(void)
{
	return 0;
}

int xen_event_bind_virq(unsigned virq, unsigned cpu)
{
	(void)virq;
	(void)cpu;
	return -ENOSYS;
}

int xen_event_handle(unsigned port, void (*fn)(unsigned port, void *context),
		     void *context)
{
	(void)context;
	CHECK_EQ(port, PORT);
	handler = fn;
	return 0;
}

int xen_event_notify(unsigned port)
{
	CHECK_EQ(port, PORT);
	notified++;
	if (reads)
		host_read();
	return 0;
}

long xen_hypercall(unsigned number, unsigned long a, unsigned long b,
		   unsigned long c, unsigned long d, unsigned long e)
{
	(void)b;
	(void)c;
	(void)d;
	(void)e;
	/* Nothing but yielding: there is a ring. */
	CHECK_EQ(number, __HYPERVISOR_sched_op);
	CHECK_EQ(a, SCHEDOP_yield);
	return 0;
}

int console_register(struct console *con)
{
	console = con;
	return 0;
}

int console_replace(struct console *old, struct console *con)
{
	(void)old;
	return console_register(con);
}

bool console_panicking(void)
{
	return false;
}

void console_input_ready(void)
{
	inputs++;
}

static void begin(void)
{
	if (!console)
		table_for_each(const struct virt_service, virt_service, it)
			CHECK_EQ((*it)->start(), 0);
	reads = true;
	if (console)
		console->write(console, "", 0);
	host_read();
	seen_count = 0;
	notified = 0;
}

static void print(const char *text)
{
	console->write(console, text, strlen(text));
}

static bool was_seen(const char *text)
{
	bool same =
		seen_count == strlen(text) && !memcmp(seen, text, seen_count);

	seen_count = 0;
	return same;
}

TEST(console_is_hvc0_and_announces_input)
{
	begin();
	CHECK(!strcmp(console->name, "hvc0"));
	CHECK(console->flags & CONSOLE_ANNOUNCES);
	handler(PORT, NULL);
	CHECK_EQ(inputs, 1);
}

TEST(lines_end_as_a_terminal_needs_it)
{
	begin();
	print("one\ntwo\n");
	CHECK(was_seen("one\r\ntwo\r\n"));
	CHECK(notified > 0);
}

TEST(long_output_wraps_and_arrives_whole)
{
	char line[100];

	begin();
	memset(line, 'x', sizeof(line));
	for (unsigned i = 0; i < 70; i++)
		console->write(console, line, sizeof(line));
	CHECK_EQ(seen_count, 7000);
}

TEST(host_that_does_not_read_costs_bounded_time_and_is_told_what_it_missed)
{
	char text[XENCONS_OUT_SIZE + 10];
	u64 before, first;

	begin();
	memset(text, 'y', sizeof(text));
	reads = false;
	host_time_step_ns = 1000000;
	before = host_time_now_ns;
	console->write(console, text, sizeof(text));
	first = host_time_now_ns - before;
	CHECK(first < 700 * NSEC_PER_MSEC);
	CHECK(console->flags & CONSOLE_STALLED);
	/* No more time for one that is known not to read. */
	before = host_time_now_ns;
	print("and more");
	CHECK(host_time_now_ns - before < 10 * NSEC_PER_MSEC);
	CHECK_EQ(page.out_prod - page.out_cons, XENCONS_OUT_SIZE);
	host_time_step_ns = 1000;
	reads = true;
	host_read();
	seen_count = 0;
	print("z");
	CHECK(was_seen("\r\n[18 bytes lost]\r\nz"));
}

TEST(typed_bytes_are_read_and_room_is_announced)
{
	begin();
	CHECK_EQ(console->getc(console), -1);
	page.in[page.in_prod++ % XENCONS_IN_SIZE] = 'a';
	page.in[page.in_prod++ % XENCONS_IN_SIZE] = 0xff;
	CHECK_EQ(console->getc(console), 'a');
	CHECK_EQ(notified, 0);
	CHECK_EQ(console->getc(console), 0xff);
	CHECK_EQ(notified, 1);
	CHECK_EQ(console->getc(console), -1);
	CHECK_EQ(page.in_cons, page.in_prod);
}

TEST(drain_waits_for_the_host_and_not_for_ever)
{
	u64 before;

	begin();
	reads = false;
	host_time_step_ns = 1000000;
	print("w");
	before = host_time_now_ns;
	console->drain(console);
	CHECK(host_time_now_ns - before < 700 * NSEC_PER_MSEC);
	host_time_step_ns = 1000;
	host_read();
	console->drain(console);
}

/* The rings alone, with a host that lies. */

static struct xencons_interface other;
static struct xen_console_ring ring;

static void begin_ring(u32 where)
{
	memset(&other, 0, sizeof(other));
	other.in_cons = other.in_prod = where;
	other.out_cons = other.out_prod = where;
	CHECK_EQ(xen_console_ring_init(&ring, &other), 0);
}

TEST(indices_wrap_at_32_bits)
{
	char text[] = "0123456789";

	begin_ring(UINT32_MAX - 3);
	CHECK_EQ(xen_console_ring_put(&ring, text, 10), 10);
	CHECK_EQ(other.out_prod, 6);
	CHECK_EQ(other.out[XENCONS_OUT_SIZE - 4], '0');
	CHECK_EQ(other.out[5], '9');
	CHECK(!xen_console_ring_drained(&ring));
	other.out_cons = 6;
	CHECK(xen_console_ring_drained(&ring));
}

TEST(rings_that_begin_with_indices_that_cannot_be_are_refused)
{
	memset(&other, 0, sizeof(other));
	other.out_cons = 1;
	CHECK_EQ(xen_console_ring_init(&ring, &other), -EIO);
	other.out_cons = 0;
	other.in_prod = XENCONS_IN_SIZE + 1;
	CHECK_EQ(xen_console_ring_init(&ring, &other), -EIO);
}

TEST(host_that_claims_to_have_read_what_was_not_written_ends_it)
{
	begin_ring(0);
	other.out_cons = 1;
	CHECK_EQ(xen_console_ring_put(&ring, "x", 1), 0);
	CHECK(ring.broken);
	CHECK_EQ(other.out_prod, 0);
	CHECK(xen_console_ring_drained(&ring));
	/* Nor does it begin again. */
	other.out_cons = 0;
	CHECK_EQ(xen_console_ring_put(&ring, "x", 1), 0);
}

TEST(host_that_claims_too_much_input_ends_it)
{
	begin_ring(0);
	other.in_prod = XENCONS_IN_SIZE + 1;
	CHECK_EQ(xen_console_ring_get(&ring), -1);
	CHECK(ring.broken);
}

TEST(our_own_indices_are_not_believed_when_the_host_changes_them)
{
	begin_ring(0);
	CHECK_EQ(xen_console_ring_put(&ring, "ab", 2), 2);
	other.out_prod = 1000000;
	CHECK_EQ(xen_console_ring_put(&ring, "c", 1), 1);
	CHECK_EQ(other.out_prod, 3);
	other.in_prod = 1;
	other.in[0] = 'q';
	other.in_cons = 77;
	CHECK_EQ(xen_console_ring_get(&ring), 'q');
	CHECK_EQ(other.in_cons, 1);
}
