/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Each CPU's timer of Xen: one hypercall sets it, to a time of Xen's clock, and
 * an event tells that it has come. Nothing has to be measured for that, and it
 * stays right when the guest is moved to another machine.
 */
#define pr_fmt(fmt) "xen: " fmt

#include <kernel/clockevent.h>
#include <kernel/errno.h>
#include <kernel/param.h>
#include <kernel/smp.h>
#include <kernel/time.h>
#include <kernel/timer.h>
#include "internal.h"

#define RATING 250
/* Longer times are set in steps. */
#define MAX_NS (1000 * NSEC_PER_SEC)
/*
 * A time that has passed when the hypercall returns makes an upcall at once,
 * which comes before all interrupts of the local APIC: were each to set the
 * next one like that, this CPU would never answer others. So no time is nearer
 * than twice what setting it takes, as measured, in these bounds.
 */
#define NEAREST_MIN_NS 1000
#define NEAREST_MAX_NS 200000
#define MEASUREMENTS   8

static bool no_timer;
param_bool("no-xen-timer", no_timer, "do not use Xen's timer");

static DEFINE_PER_CPU(unsigned, timer_port);
static DEFINE_PER_CPU(u64, timer_events);
static u64 nearest_ns = NEAREST_MIN_NS;

static void timer_event(unsigned port, void *context)
{
	(void)port;
	(void)context;
	this_cpu_add(timer_events, 1);
	timer_interrupt();
}

u64 xen_timer_events(unsigned cpu)
{
	return READ_ONCE(per_cpu(timer_events, cpu));
}

static void timer_stop(void)
{
	xen_vcpu_op(VCPUOP_stop_singleshot_timer, xen_vcpu(smp_processor_id()),
		    NULL);
}

static void timer_set(u64 ns)
{
	struct vcpu_set_singleshot_timer timer = {
		.timeout_abs_ns = xen_system_time() + MAX(ns, nearest_ns),
	};

	xen_vcpu_op(VCPUOP_set_singleshot_timer, xen_vcpu(smp_processor_id()),
		    &timer);
}

/* On this CPU; once. */
static int bind(void)
{
	int port, err;

	if (this_cpu_read(timer_port))
		return 0;
	port = xen_event_bind_virq(VIRQ_TIMER, smp_processor_id());
	if (port < 0)
		return port;
	err = xen_event_handle((unsigned)port, timer_event, NULL);
	if (err)
		xen_event_close((unsigned)port);
	else
		this_cpu_write(timer_port, (unsigned)port);
	return err;
}

/* The least of several: the host may take this CPU away meanwhile. */
static void measure_set(void)
{
	u64 least = NEAREST_MAX_NS, start;

	for (unsigned i = 0; i < MEASUREMENTS; i++) {
		start = xen_system_time();
		timer_set(MAX_NS);
		least = MIN(least, xen_system_time() - start);
	}
	timer_stop();
	nearest_ns = MIN(MAX(2 * least, NEAREST_MIN_NS), NEAREST_MAX_NS);
}

static int timer_probe(void)
{
	int err = virt_service_runs(HYPERV_TYPE_XEN, XEN_TIMER) ? bind()
								: -ENODEV;

	if (!err)
		measure_set();
	return err;
}

static void timer_release(void)
{
	unsigned port = this_cpu_read(timer_port);

	timer_stop();
	this_cpu_write(timer_port, 0);
	xen_event_close(port);
}

static struct clockevent xen_timer = {
	.name = "xen",
	.rating = RATING,
	.per_cpu = true,
	.probe = timer_probe,
	.release = timer_release,
	.init_cpu = bind,
	.set = timer_set,
	.stop = timer_stop,
	.max_ns = MAX_NS,
};
CLOCKEVENT(xen_timer);

static void stop_cpu(void)
{
	if (this_cpu_read(timer_port))
		timer_stop();
}

static const struct virt_service timer_service = {
	.hypervisor = HYPERV_TYPE_XEN,
	.feature = XEN_TIMER,
	.requires = XEN_CLOCK,
	.off = &no_timer,
	.stop_cpu = stop_cpu,
};
VIRT_SERVICE(3, timer_service);
