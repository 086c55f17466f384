/* SPDX-License-Identifier: BSD-2-Clause */
/* Xen's event channels of two levels, with a Xen that writes what it likes. */
#include "fake_xen.h"
#include <kernel/param.h>

static void begin(void)
{
	/* FIFO is refused: then there are two levels. */
	xen.refuses[__HYPERVISOR_event_channel_op] = -ENOSYS;
	xen.refused_op = EVTCHNOP_init_control;
	fake_xen_start();
	xen.refuses[__HYPERVISOR_event_channel_op] = 0;
	xen.refused_op = UINT32_MAX;
	memset(xen.shared->evtchn_pending, 0,
	       sizeof(xen.shared->evtchn_pending));
	handled.count = 0;
}

static void raise(unsigned port)
{
	xen.shared->evtchn_pending[port / 64] |= BIT64(port % 64);
	xen.info->events.evtchn_pending_sel |= BIT64(port / 64);
	fake_upcall();
}

TEST(what_has_no_FIFO_has_two_levels)
{
	begin();
	CHECK_STR(event_stats().abi, "2-level");
}

TEST(event_is_delivered_once)
{
	unsigned port;

	begin();
	port = handled_port();
	raise(port);
	CHECK_EQ(handled.count, 1);
	CHECK_EQ(handled.last, port);
	CHECK(!xen_event_pending(port));
	fake_upcall();
	CHECK_EQ(handled.count, 1);
}

TEST(masked_event_stays_pending_and_xen_unmasks_it)
{
	unsigned port;

	begin();
	port = handled_port();
	xen_event_mask(port);
	raise(port);
	CHECK_EQ(handled.count, 0);
	CHECK(xen_event_pending(port));
	xen.unmasked = 0;
	xen_event_unmask(port);
	CHECK_EQ(xen.unmasked, 1);
	/* What is not pending needs no call. */
	xen_event_clear(port);
	xen_event_unmask(port);
	CHECK_EQ(xen.unmasked, 1);
}

TEST(all_bits_at_once_are_masked_and_counted)
{
	u64 before;

	begin();
	before = event_stats().unbound;
	for (unsigned i = 0; i < XEN_EVTCHN_WORDS; i++) {
		xen.shared->evtchn_pending[i] = UINT64_MAX;
		xen.shared->evtchn_mask[i] = 0;
	}
	xen.info->events.evtchn_pending_sel = UINT64_MAX;
	fake_upcall();
	/* Of those that have a handler each came once. */
	CHECK_EQ(event_stats().unbound - before + handled.count,
		 EVTCHN_2L_NR_CHANNELS);
	fake_upcall();
	for (unsigned i = 0; i < XEN_EVTCHN_WORDS; i++)
		CHECK_EQ(xen.shared->evtchn_pending[i], 0);
	/* Again, and they are masked now. */
	before = event_stats().unbound;
	memset(xen.shared->evtchn_pending, 0xff,
	       sizeof(xen.shared->evtchn_pending));
	xen.info->events.evtchn_pending_sel = UINT64_MAX;
	fake_upcall();
	CHECK_EQ(event_stats().unbound, before);
}

TEST(a_million_upcalls_without_cause_do_nothing)
{
	u64 before;

	begin();
	before = event_stats().without_cause;
	for (unsigned i = 0; i < 1000000; i++)
		fake_upcall();
	CHECK_EQ(event_stats().without_cause - before, 1000000);
	CHECK_EQ(handled.count, 0);
}

/* The mark is set again at each look: it is left for the next upcall. */
static void set_mark(unsigned port, void *context)
{
	(void)context;
	handled.count++;
	xen.shared->evtchn_pending[port / 64] |= BIT64(port % 64);
	xen.info->events.evtchn_pending_sel |= BIT64(port / 64);
	xen.info->events.evtchn_upcall_pending = 1;
}

TEST(a_xen_that_never_ends_is_left_for_later)
{
	int port;

	begin();
	port = xen_event_alloc_unbound(DOMID_SELF);
	CHECK_EQ(xen_event_handle((unsigned)port, set_mark, NULL), 0);
	asked_again = 0;
	raise((unsigned)port);
	CHECK(handled.count > 1 && handled.count < 100);
	CHECK_EQ(asked_again, 1);
	xen_event_close((unsigned)port);
}

TEST(what_xen_refuses_is_returned)
{
	begin();
	xen.refuses[__HYPERVISOR_event_channel_op] = -EPERM;
	CHECK_EQ(xen_event_alloc_unbound(DOMID_SELF), -EPERM);
	CHECK_EQ(xen_event_bind_interdomain(0, 5), -EPERM);
	CHECK_EQ(xen_event_bind_virq(VIRQ_TIMER, 0), -EPERM);
	CHECK_EQ(xen_event_bind_ipi(0), -EPERM);
	CHECK_EQ(xen_event_notify(1), -EPERM);
	xen.refuses[__HYPERVISOR_event_channel_op] = 0;
}

TEST(port_that_cannot_be_is_given_back)
{
	static const u32 ports[] = { EVTCHN_2L_NR_CHANNELS, 0x7fffffff,
				     0x80000000, 0xffffffff };
	u32 next;

	begin();
	next = xen.next_port;
	for (unsigned i = 0; i < ARRAY_SIZE(ports); i++) {
		xen.next_port = ports[i];
		xen.closed = 0;
		CHECK_EQ(xen_event_bind_ipi(0), -ENOSPC);
		CHECK_EQ(xen.closed, 1);
		CHECK_EQ(xen_event_irq(ports[i]), -ERANGE);
		CHECK_EQ(xen_event_handle(ports[i], note_event, NULL), -ERANGE);
		/* None of these touches anything. */
		xen_event_mask(ports[i]);
		xen_event_unmask(ports[i]);
		xen_event_clear(ports[i]);
		xen_event_close(ports[i]);
		CHECK(!xen_event_pending(ports[i]));
		CHECK_EQ(xen_event_set_cpu(ports[i], 0), -ERANGE);
	}
	xen.next_port = next;
}

TEST(port_has_one_handler)
{
	unsigned port;

	begin();
	port = handled_port();
	CHECK_EQ(xen_event_handle(port, note_event, NULL), -EBUSY);
	xen_event_close(port);
	raise(port);
	CHECK_EQ(handled.count, 0);
}

TEST(line_gets_its_port_s_events)
{
	const struct cpumask cpus = { { 1 } };
	int port, irq;

	begin();
	port = xen_event_alloc_unbound(DOMID_SELF);
	irq = xen_event_irq((unsigned)port);
	CHECK_EQ(irq, FAKE_LINE);
	CHECK_EQ(xen_event_irq((unsigned)port), irq);
	/* Nobody has requested it. */
	line.handled = 0;
	raise((unsigned)port);
	CHECK_EQ(line.handled, 0);
	xen_event_clear((unsigned)port);
	CHECK_EQ(line.chip->start(FAKE_LINE, IRQ_TRIGGER_MESSAGE, &cpus), 0);
	raise((unsigned)port);
	CHECK_EQ(line.handled, 1);
	line.chip->stop(FAKE_LINE);
	raise((unsigned)port);
	CHECK_EQ(line.handled, 1);
	xen_event_close((unsigned)port);
	CHECK(!line.chip);
}

TEST(vcpu_info_is_registered_or_in_the_page)
{
	begin();
	CHECK(xen_vcpu_info(0) == xen.info);
	xen.refuses[__HYPERVISOR_vcpu_op] = -EINVAL;
	CHECK_EQ(xen_shared_start_cpu(), 0);
	CHECK(xen_vcpu_info(0) == &xen.shared->vcpu_info[xen.vcpu]);
	xen.refuses[__HYPERVISOR_vcpu_op] = 0;
	CHECK_EQ(xen_shared_start_cpu(), 0);
}

static void call_cpu(u32 vcpu)
{
	xen.vcpu = vcpu;
	table_for_each(const struct virt_service, virt_service, it)
		if (!strcmp((*it)->feature, XEN_HYPERCALLS))
			CHECK_EQ((*it)->start_cpu(), 0);
}

TEST(vcpu_beyond_the_page_must_register)
{
	begin();
	call_cpu(XEN_LEGACY_MAX_VCPUS);
	CHECK_EQ(xen_shared_start_cpu(), 0);
	xen.refuses[__HYPERVISOR_vcpu_op] = -EINVAL;
	CHECK_EQ(xen_shared_start_cpu(), -EINVAL);
	call_cpu(0xffffffff);
	CHECK_EQ(xen_shared_start_cpu(), -EINVAL);
	xen.refuses[__HYPERVISOR_vcpu_op] = 0;
	call_cpu(0);
	CHECK_EQ(xen_shared_start_cpu(), 0);
}

TEST(zz_page_is_given_back)
{
	begin();
	table_for_each(const struct virt_service, virt_service, it)
		if ((*it)->stop_cpu)
			(*it)->stop_cpu();
	CHECK(!xen.shared);
	CHECK(!xen_shared());
}
