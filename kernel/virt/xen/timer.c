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
/* Policy: what Linux takes. */
#define MIN_NS (100 * NSEC_PER_USEC)
/* Longer times are set in steps. */
#define MAX_NS (1000 * NSEC_PER_SEC)

static bool no_timer;
param_bool("no-xen-timer", no_timer, "do not use Xen's timer");

static DEFINE_PER_CPU(unsigned, timer_port);
static DEFINE_PER_CPU(u64, timer_events);

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

/*
 * A time that has passed makes an event at once, and Xen delivers events before
 * the local APIC's interrupts: a timer that is set again and again to less than
 * that takes would keep other CPUs' calls out for ever.
 */
static void timer_set(u64 ns)
{
	struct vcpu_set_singleshot_timer timer = {
		.timeout_abs_ns = xen_system_time() + MAX(ns, MIN_NS),
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

static int timer_probe(void)
{
	return virt_service_runs(HYPERV_TYPE_XEN, XEN_TIMER) ? bind() : -ENODEV;
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
