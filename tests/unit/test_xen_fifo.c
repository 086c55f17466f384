/* SPDX-License-Identifier: BSD-2-Clause */
/* Xen's FIFO event channels, with a Xen that writes what it likes. */
#include "fake_xen.h"

static u32 *word(unsigned port)
{
	return &xen.words[port / 1024][port % 1024];
}

static void begin(void)
{
	fake_xen_start();
	CHECK(xen.control);
	memset(xen.control, 0, sizeof(*xen.control));
	handled.count = 0;
}

/* As Xen does it: pending, and the last of queue @q, whose tail was @tail. */
static void append(unsigned q, unsigned tail, unsigned port)
{
	*word(port) |= EVTCHN_FIFO_PENDING | EVTCHN_FIFO_LINKED;
	if (tail) {
		*word(tail) |= port;
		return;
	}
	xen.control->head[q] = port;
	xen.control->ready |= BIT(q);
}

TEST(what_has_FIFO_uses_it)
{
	begin();
	CHECK_STR(event_stats().abi, "FIFO");
}

static unsigned order[4], orders;

static void note_order(unsigned port, void *context)
{
	(void)context;
	if (orders < ARRAY_SIZE(order))
		order[orders++] = port;
}

TEST(events_come_in_order_the_more_urgent_queue_first)
{
	int ports[3];

	begin();
	for (unsigned i = 0; i < 3; i++) {
		ports[i] = xen_event_bind_ipi(0);
		CHECK_EQ(xen_event_handle((unsigned)ports[i], note_order, NULL),
			 0);
	}
	orders = 0;
	append(7, 0, (unsigned)ports[0]);
	append(7, (unsigned)ports[0], (unsigned)ports[1]);
	append(2, 0, (unsigned)ports[2]);
	fake_upcall();
	CHECK_EQ(orders, 3);
	CHECK_EQ(order[0], (unsigned)ports[2]);
	CHECK_EQ(order[1], (unsigned)ports[0]);
	CHECK_EQ(order[2], (unsigned)ports[1]);
	for (unsigned i = 0; i < 3; i++)
		CHECK_EQ(*word((unsigned)ports[i]), 0);
}

TEST(masked_event_leaves_the_queue_and_stays_pending)
{
	unsigned port;

	begin();
	port = handled_port();
	xen_event_mask(port);
	append(7, 0, port);
	fake_upcall();
	CHECK_EQ(handled.count, 0);
	CHECK_EQ(*word(port), EVTCHN_FIFO_PENDING | EVTCHN_FIFO_MASKED);
	xen.unmasked = 0;
	xen_event_unmask(port);
	CHECK_EQ(xen.unmasked, 1);
}

TEST(word_that_is_always_busy_is_left_to_xen)
{
	unsigned port;

	begin();
	port = handled_port();
	xen_event_mask(port);
	*word(port) |= EVTCHN_FIFO_BUSY;
	xen.unmasked = 0;
	xen_event_unmask(port);
	CHECK_EQ(xen.unmasked, 1);
	*word(port) &= ~EVTCHN_FIFO_BUSY;
	xen_event_unmask(port);
	CHECK_EQ(xen.unmasked, 1);
	CHECK_EQ(*word(port), 0);
}

TEST(heads_out_of_range_end_their_queue)
{
	static const u32 heads[] = { 0, 1 << 20, 0x7fffffff, 0xffffffff,
				     EVTCHN_FIFO_LINK_MASK };
	unsigned port;

	begin();
	port = handled_port();
	for (unsigned i = 0; i < ARRAY_SIZE(heads); i++) {
		u64 before = event_stats().broken;

		xen.control->head[3] = heads[i];
		xen.control->ready = BIT(3) | 0xffff0000;
		fake_upcall();
		CHECK_EQ(event_stats().broken, before + 1);
		/* The queue works again. */
		handled.count = 0;
		append(3, 0, port);
		fake_upcall();
		CHECK_EQ(handled.count, 1);
	}
}

TEST(link_out_of_range_ends_its_queue)
{
	unsigned port;
	u64 before;

	begin();
	before = event_stats().broken;
	port = handled_port();
	append(5, 0, port);
	*word(port) |= EVTCHN_FIFO_LINK_MASK;
	fake_upcall();
	CHECK_EQ(handled.count, 1);
	CHECK_EQ(event_stats().broken, before + 1);
	handled.count = 0;
	append(5, 0, port);
	fake_upcall();
	CHECK_EQ(handled.count, 1);
}

TEST(queue_that_bites_its_tail_ends)
{
	unsigned a, b;

	begin();
	a = handled_port();
	b = handled_port();
	append(7, 0, a);
	append(7, a, b);
	*word(b) |= a;
	fake_upcall();
	CHECK_EQ(handled.count, 2);
	append(7, 0, a);
	*word(a) |= a;
	fake_upcall();
	CHECK_EQ(handled.count, 3);
}

/* Xen appends as fast as events are taken. */
static void append_again(unsigned port, void *context)
{
	(void)context;
	handled.count++;
	append(7, 0, port);
	xen.info->events.evtchn_upcall_pending = 1;
}

TEST(a_xen_that_never_ends_is_left_for_later)
{
	unsigned before;
	int port;

	begin();
	port = xen_event_bind_ipi(0);
	CHECK_EQ(xen_event_handle((unsigned)port, append_again, NULL), 0);
	append(7, 0, (unsigned)port);
	asked_again = 0;
	fake_upcall();
	CHECK_EQ(asked_again, 1);
	before = handled.count;
	CHECK(before > 1 && before < 1000000);
	/* Nothing was lost: it goes on there. */
	fake_upcall();
	CHECK(handled.count > before);
	xen_event_mask((unsigned)port);
	fake_upcall();
	xen_event_close((unsigned)port);
}

TEST(event_of_nobody_is_masked_and_counted)
{
	unsigned port;
	u64 before;

	begin();
	port = handled_port() + 1;
	before = event_stats().unbound;
	*word(port) = 0;
	append(7, 0, port);
	fake_upcall();
	CHECK_EQ(event_stats().unbound, before + 1);
	CHECK_EQ(*word(port), EVTCHN_FIFO_MASKED);
	append(7, 0, port);
	fake_upcall();
	CHECK_EQ(event_stats().unbound, before + 1);
}

TEST(ports_get_pages_of_words_as_they_come)
{
	unsigned pages;
	u32 next;

	begin();
	next = xen.next_port;
	pages = xen.word_pages;
	xen.next_port = 5000;
	CHECK_EQ(xen_event_bind_ipi(0), 5000);
	CHECK_EQ(xen.word_pages, 5);
	CHECK(pages < 5);
	CHECK_EQ(*word(5000), EVTCHN_FIFO_MASKED);
	xen.refuses[__HYPERVISOR_event_channel_op] = -ENOMEM;
	xen.refused_op = EVTCHNOP_expand_array;
	xen.next_port = 6000;
	CHECK_EQ(xen_event_bind_ipi(0), -ENOSPC);
	xen.refuses[__HYPERVISOR_event_channel_op] = 0;
	xen.refused_op = UINT32_MAX;
	xen.next_port = EVTCHN_FIFO_NR_CHANNELS;
	CHECK_EQ(xen_event_bind_ipi(0), -ENOSPC);
	xen.next_port = next;
}
