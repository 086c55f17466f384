/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Spinlocks whose waiters give their CPU to the host: each CPU has a channel,
 * always masked, that it polls and others kick.
 */
#include <kernel/atomic.h>
#include <kernel/errno.h>
#include <kernel/param.h>
#include <kernel/smp.h>
#include <kernel/spin_pv.h>
#include <kernel/time.h>
#include "internal.h"

static bool no_spin;
param_bool("no-xen-poll", no_spin,
	   "wait for spinlocks without giving the CPU to the host");

static DEFINE_PER_CPU(unsigned, kick_port); /* 0: none */
static DEFINE_PER_CPU(unsigned, depth);	    /* waits on this CPU */

bool xen_poll(unsigned port)
{
	u32 ports[] = { port };
	struct sched_poll poll = {
		.ports = (uintptr_t)ports,
		.nr_ports = 1,
		.timeout = xen_system_time() + XEN_POLL_MAX_NS,
	};

	return !xen_sched_op(SCHEDOP_poll, &poll);
}

/*
 * A kick stays pending until it is forgotten here, and ends a poll that begins
 * after it. It is only forgotten in a call that then returns, so that the byte
 * is looked at again; and not by an interrupt's wait in the middle of another
 * one, whose kick it may be.
 */
static void xen_spin_wait(const u8 *byte, u8 value)
{
	unsigned port = this_cpu_read(kick_port);
	unsigned nested = this_cpu_read(depth);

	if (!port)
		return;
	/* Interrupts in between give back what they take. */
	this_cpu_write(depth, nested + 1);
	barrier();
	if (!nested && xen_event_pending(port))
		xen_event_clear(port);
	else if (atomic_read(byte) == value)
		xen_poll(port);
	barrier();
	this_cpu_write(depth, nested);
}

/* The hypercall comes after the store that the waiter looks at. */
static void xen_spin_kick(unsigned cpu)
{
	unsigned port = READ_ONCE(per_cpu(kick_port, cpu));

	fence_full();
	if (port)
		xen_event_notify(port);
}

static const struct spin_pv_ops xen_spin = {
	.wait = xen_spin_wait,
	.kick = xen_spin_kick,
};

static int start(void)
{
	return spin_pv_init(&xen_spin);
}

static int start_cpu(void)
{
	int port = xen_event_bind_ipi(smp_processor_id());

	if (port < 0)
		return port;
	WRITE_ONCE(*this_cpu_ptr(kick_port), (unsigned)port);
	return 0;
}

static void stop_cpu(void)
{
	WRITE_ONCE(*this_cpu_ptr(kick_port), 0);
}

static const struct virt_service spin_service = {
	.hypervisor = HYPERV_TYPE_XEN,
	.feature = XEN_POLL,
	.role = VIRT_ROLE_SPIN,
	.requires = XEN_CLOCK,
	.off = &no_spin,
	.start = start,
	.start_cpu = start_cpu,
	.stop_cpu = stop_cpu,
};
VIRT_SERVICE(3, spin_service);
