/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Self-tests of hypercalls and event channels. Channels from the domain to
 * itself are as good as any: Xen delivers them in the same way.
 */
#include <kernel/atomic.h>
#include <kernel/irq.h>
#include <kernel/sched.h>
#include <kernel/smp.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <kernel/virt/driver.h>
#include "../suite.h"
#include "internal.h"

/* How long an event may take on a slow host. */
#define LIMIT_NS    (20 * NSEC_PER_SEC)
#define EVENTS	    300
#define EVENTS_LONG 100000

static void test_version(struct selftest *t)
{
	const struct virt_detection *d = virt_detection();
	long version = xen_version_op(XENVER_version, NULL);

	if (!virt_test_runs(t, HYPERV_TYPE_XEN, XEN_HYPERCALLS))
		return;
	for (unsigned i = 0; i < d->count; i++) {
		const struct virt_block *block =
			virt_found_block(virt_evidence(), &d->found[i]);

		if (d->found[i].hv && block &&
		    d->found[i].hv->type == HYPERV_TYPE_XEN)
			EXPECT_EQ(t, version, block->leaf[1].eax);
	}
	EXPECT(t, version > 0);
	/* Numbers that are no calls, and none of the page. */
	EXPECT(t, xen_hypercall(XEN_HYPERCALL_STUBS - 1, 0, 0, 0, 0, 0) < 0);
	EXPECT(t, xen_hypercall(XEN_HYPERCALL_STUBS, 0, 0, 0, 0, 0) < 0);
	if (!selftest_failed(t))
		virt_service_verified(HYPERV_TYPE_XEN, XEN_HYPERCALLS);
}

/* What a handler saw. */
static struct {
	u64 count;
	unsigned cpu, port;
} seen;

static void note_event(unsigned port, void *context)
{
	EXPECT((struct selftest *)context, seen.port == 0 || seen.port == port);
	atomic_write(&seen.cpu, smp_processor_id());
	atomic_fetch_add(&seen.count, (u64)1);
}

static bool comes(u64 count)
{
	u64 until = time_ns() + LIMIT_NS;

	/* Who is to take it may want this CPU of the host. */
	while (atomic_read(&seen.count) < count && time_ns() < until)
		xen_sched_op(SCHEDOP_yield, NULL);
	return atomic_read(&seen.count) == count;
}

static void begin(unsigned port)
{
	seen.count = 0;
	seen.port = port;
	atomic_write(&seen.cpu, UINT32_MAX);
}

/* Each event is waited for: it comes once, and to the right CPU. */
static void notify_often(struct selftest *t, unsigned port, unsigned cpu,
			 unsigned events)
{
	begin(port);
	for (unsigned i = 1; i <= events; i++) {
		if (!EXPECT_EQ(t, xen_event_notify(port), 0) ||
		    !EXPECT(t, comes(i)))
			return;
		if (!EXPECT_EQ(t, atomic_read(&seen.cpu), cpu))
			return;
	}
}

static void ipi_to_each(struct selftest *t, unsigned events)
{
	unsigned cpu;
	int port;

	if (!virt_test_runs(t, HYPERV_TYPE_XEN, XEN_EVENTS))
		return;
	for_each_online_cpu(cpu) {
		port = xen_event_bind_ipi(cpu);
		if (!EXPECT(t, port >= 0))
			return;
		if (EXPECT_EQ(t,
			      xen_event_handle((unsigned)port, note_event, t),
			      0))
			notify_often(t, (unsigned)port, cpu, events);
		xen_event_close((unsigned)port);
	}
}

static void test_cpus(struct selftest *t)
{
	struct xen_event_stats stats;

	ipi_to_each(t, EVENTS);
	xen_event_get_stats(&stats);
	selftest_note(t,
		      "%s, %s: %llu upcalls, %llu events, %llu without cause",
		      stats.abi, xen_upcall_name(),
		      (unsigned long long)stats.upcalls,
		      (unsigned long long)stats.events,
		      (unsigned long long)stats.without_cause);
	EXPECT_EQ(t, stats.broken, 0);
	if (!selftest_failed(t))
		virt_service_verified(HYPERV_TYPE_XEN, XEN_UPCALL);
}

static void test_cpus_long(struct selftest *t)
{
	ipi_to_each(t, EVENTS_LONG);
}

/* Two ports of this domain that are each other's end. */
static bool open_pair(struct selftest *t, unsigned *port, unsigned *other)
{
	int a = xen_event_alloc_unbound(DOMID_SELF), b;

	if (!EXPECT(t, a >= 0))
		return false;
	b = xen_event_bind_interdomain(DOMID_SELF, (unsigned)a);
	if (!EXPECT(t, b >= 0)) {
		xen_event_close((unsigned)a);
		return false;
	}
	*port = (unsigned)a;
	*other = (unsigned)b;
	return true;
}

static enum irq_return note_line(void *context)
{
	(void)context;
	atomic_write(&seen.cpu, smp_processor_id());
	atomic_fetch_add(&seen.count, (u64)1);
	return IRQ_HANDLED;
}

/* The line moves to each CPU while events come. */
static void move_line(struct selftest *t, unsigned irq, unsigned other)
{
	unsigned cpu, at_least = 0;

	for_each_online_cpu(cpu) {
		struct cpumask mask = { 0 };

		cpumask_set(&mask, cpu);
		EXPECT_EQ(t, xen_event_notify(other), 0);
		EXPECT_EQ(t, irq_set_affinity(irq, &mask), 0);
		if (!EXPECT(t, comes(++at_least)))
			return;
		EXPECT_EQ(t, xen_event_notify(other), 0);
		if (!EXPECT(t, comes(++at_least)))
			return;
		EXPECT_EQ(t, atomic_read(&seen.cpu), cpu);
	}
}

static void test_line(struct selftest *t)
{
	struct irq_action action = { .name = "selftest", .handler = note_line };
	unsigned port, other;
	int irq;

	if (!virt_test_runs(t, HYPERV_TYPE_XEN, XEN_EVENTS) ||
	    !open_pair(t, &port, &other))
		return;
	irq = xen_event_irq(port);
	begin(0);
	if (EXPECT(t, irq >= 0) &&
	    EXPECT_EQ(t,
		      irq_request((unsigned)irq, &action, IRQ_TRIGGER_MESSAGE),
		      0)) {
		move_line(t, (unsigned)irq, other);
		irq_free(&action);
	}
	xen_event_close(port);
	xen_event_close(other);
	if (!selftest_failed(t))
		virt_service_verified(HYPERV_TYPE_XEN, XEN_EVENTS);
}

static void test_mask(struct selftest *t)
{
	unsigned port, other;

	if (!virt_test_runs(t, HYPERV_TYPE_XEN, XEN_EVENTS) ||
	    !open_pair(t, &port, &other))
		return;
	begin(port);
	EXPECT_EQ(t, xen_event_handle(port, note_event, t), 0);
	xen_event_mask(port);
	EXPECT_EQ(t, xen_event_notify(other), 0);
	EXPECT(t, xen_event_pending(port));
	EXPECT_EQ(t, atomic_read(&seen.count), 0);
	xen_event_unmask(port);
	EXPECT(t, comes(1));
	EXPECT(t, !xen_event_pending(port));
	xen_event_close(port);
	xen_event_close(other);
}

/* What nobody handles is masked when it comes, and nothing else happens. */
static void test_unbound(struct selftest *t)
{
	u64 until = time_ns() + LIMIT_NS;
	struct xen_event_stats before, after;
	unsigned port, other;

	if (!virt_test_runs(t, HYPERV_TYPE_XEN, XEN_EVENTS) ||
	    !open_pair(t, &port, &other))
		return;
	xen_event_get_stats(&before);
	xen_event_unmask(port);
	EXPECT_EQ(t, xen_event_notify(other), 0);
	do
		xen_event_get_stats(&after);
	while (after.unbound == before.unbound && time_ns() < until);
	EXPECT_EQ(t, after.unbound, before.unbound + 1);
	for (unsigned i = 0; i < EVENTS; i++)
		EXPECT_EQ(t, xen_event_notify(other), 0);
	xen_event_get_stats(&after);
	EXPECT_EQ(t, after.unbound, before.unbound + 1);
	xen_event_close(port);
	xen_event_close(other);
	EXPECT(t, xen_event_notify(port) < 0);
}

static const struct selftest_case event_cases[] = {
	{ .name = "hypercalls-answer", .run = test_version },
	{ .name = "events-come-once-and-to-their-CPU", .run = test_cpus },
	{ .name = "line-moves-and-loses-nothing", .run = test_line },
	{ .name = "masked-event-comes-later", .run = test_mask },
	{ .name = "event-of-nobody-is-masked", .run = test_unbound },
	{},
};
SELFTEST_SUITE(xen_events, "xen-events", event_cases, 0);

static const struct selftest_case long_cases[] = {
	{ .name = "events-come-once-and-to-their-CPU", .run = test_cpus_long },
	{},
};
SELFTEST_SUITE(xen_events_long, "xen-events-long", long_cases, SELFTEST_MANUAL);
