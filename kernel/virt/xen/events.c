/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Event channels: who handles a port's events, and on which CPU.
 *
 * What is known about ports is kept by chunks, made when Xen gives out the
 * first port of one. An event whose port nobody handles masks it.
 */
#define pr_fmt(fmt) "xen: " fmt

#include <kernel/atomic.h>
#include <kernel/errno.h>
#include <kernel/irq.h>
#include <kernel/mm/slab.h>
#include <kernel/param.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <kernel/spinlock.h>
#include <kernel/string.h>
#include "internal.h"

#define CHUNK	   64
#define CHUNKS_MAX (EVTCHN_FIFO_NR_CHANNELS / CHUNK)
/* Looks at what Xen says is pending, in one upcall. */
#define ROUNDS_MAX 4

static const char *wanted = "fifo";
param_string("xen-evtchn", wanted, "Xen's event channels: fifo, or 2l");

static bool no_events;
param_bool("no-xen-event-channels", no_events,
	   "use no event channels of Xen, nor what needs them");

struct port {
	void (*fn)(unsigned port, void *context);
	void *context;
	u16 cpu;
	u16 irq; /* its line; 0: none */
};

static struct {
	struct spinlock lock; /* of changes; readers need none */
	const struct xen_event_abi *abi;
	struct port **chunks;
} events;

static DEFINE_PER_CPU(struct xen_event_stats, stats);
#define COUNT(what) (this_cpu_ptr(stats)->what++)

/* What is known of @port, or NULL. */
static struct port *find_port(unsigned port)
{
	struct port *chunk;

	if (!events.abi || port >= events.abi->ports)
		return NULL;
	chunk = atomic_load_acquire(&events.chunks[port / CHUNK]);
	return chunk ? &chunk[port % CHUNK] : NULL;
}

/* Under the lock: the same, made if need be, with room in the ABI. */
static struct port *make_port(unsigned port)
{
	struct port *p = find_port(port), *chunk;

	if (p || !events.abi || port >= events.abi->ports ||
	    events.abi->prepare(port))
		return p;
	chunk = kzalloc(CHUNK * sizeof(*chunk));
	/* Releases its contents to find_port(). */
	atomic_store_release(&events.chunks[port / CHUNK], chunk);
	return find_port(port);
}

static bool close_port(unsigned port)
{
	struct evtchn_port arg = { .port = port };

	return !xen_event_channel_op(EVTCHNOP_close, &arg);
}

/* Xen gave out @port: it begins masked, for @cpu. The port or -errno. */
static int adopt(unsigned port, unsigned cpu)
{
	unsigned long irq = spin_lock_irqsave(&events.lock);
	struct port *p = make_port(port);

	if (p) {
		events.abi->mask(port);
		*p = (struct port){ .cpu = (u16)cpu };
	}
	spin_unlock_irqrestore(&events.lock, irq);
	if (p)
		return (int)port;
	pr_warn("no room for port %u: closed", port);
	close_port(port);
	return -ENOSPC;
}

int xen_event_alloc_unbound(xen_domid_t domid)
{
	struct evtchn_alloc_unbound arg = {
		.dom = DOMID_SELF,
		.remote_dom = domid,
	};
	long ret = xen_event_channel_op(EVTCHNOP_alloc_unbound, &arg);

	return ret ? (int)ret : adopt(arg.port, 0);
}

int xen_event_bind_interdomain(xen_domid_t domid, unsigned remote_port)
{
	struct evtchn_bind_interdomain arg = {
		.remote_dom = domid,
		.remote_port = remote_port,
	};
	long ret = xen_event_channel_op(EVTCHNOP_bind_interdomain, &arg);

	return ret ? (int)ret : adopt(arg.local_port, 0);
}

int xen_event_bind_virq(unsigned virq, unsigned cpu)
{
	struct evtchn_bind_virq arg = { .virq = virq, .vcpu = xen_vcpu(cpu) };
	long ret = xen_event_channel_op(EVTCHNOP_bind_virq, &arg);

	return ret ? (int)ret : adopt(arg.port, cpu);
}

int xen_event_bind_ipi(unsigned cpu)
{
	struct evtchn_bind_ipi arg = { .vcpu = xen_vcpu(cpu) };
	long ret = xen_event_channel_op(EVTCHNOP_bind_ipi, &arg);

	return ret ? (int)ret : adopt(arg.port, cpu);
}

int xen_event_notify(unsigned port)
{
	struct evtchn_port arg = { .port = port };

	return (int)xen_event_channel_op(EVTCHNOP_send, &arg);
}

void xen_event_mask(unsigned port)
{
	if (find_port(port))
		events.abi->mask(port);
}

void xen_event_unmask(unsigned port)
{
	struct evtchn_port arg = { .port = port };

	if (find_port(port) && !events.abi->unmask(port))
		xen_event_channel_op(EVTCHNOP_unmask, &arg);
}

bool xen_event_pending(unsigned port)
{
	return find_port(port) && events.abi->pending(port);
}

void xen_event_clear(unsigned port)
{
	if (find_port(port))
		events.abi->clear(port);
}

unsigned xen_event_cpu(unsigned port)
{
	const struct port *p = find_port(port);

	/* Nobody's is anybody's, to be masked. */
	return p && p->fn ? READ_ONCE(p->cpu) : smp_processor_id();
}

int xen_event_set_cpu(unsigned port, unsigned cpu)
{
	struct evtchn_bind_vcpu arg = { .port = port, .vcpu = xen_vcpu(cpu) };
	struct port *p = find_port(port);
	bool was_masked;
	long ret;

	if (!p)
		return -ERANGE;
	was_masked = events.abi->is_masked(port);
	events.abi->mask(port);
	ret = xen_event_channel_op(EVTCHNOP_bind_vcpu, &arg);
	if (!ret)
		WRITE_ONCE(p->cpu, (u16)cpu);
	/* What is pending goes to the new CPU. */
	if (!was_masked)
		xen_event_unmask(port);
	return (int)ret;
}

int xen_event_set_priority(unsigned port, unsigned priority)
{
	struct evtchn_set_priority arg = { .port = port, .priority = priority };

	return (int)xen_event_channel_op(EVTCHNOP_set_priority, &arg);
}

static int set_handler(unsigned port, void (*fn)(unsigned, void *),
		       void *context, int irq_line)
{
	unsigned long irq = spin_lock_irqsave(&events.lock);
	struct port *p = make_port(port);
	int err = !p ? -ERANGE : p->fn ? -EBUSY : 0;

	if (!err) {
		p->context = context;
		p->irq = (u16)irq_line;
		/* Releases its context to xen_event_deliver(). */
		atomic_store_release(&p->fn, fn);
	}
	spin_unlock_irqrestore(&events.lock, irq);
	return err;
}

int xen_event_handle(unsigned port, void (*fn)(unsigned port, void *context),
		     void *context)
{
	int err = set_handler(port, fn, context, 0);

	if (!err)
		xen_event_unmask(port);
	return err;
}

/* Lines. */

static unsigned port_of(unsigned irq)
{
	return (unsigned)(uintptr_t)irq_context(irq);
}

static int line_move(unsigned irq, const struct cpumask *cpus)
{
	unsigned port = port_of(irq), cpu = xen_event_cpu(port);
	int err;

	if (cpumask_test(cpus, cpu))
		return (int)cpu;
	cpu = cpumask_next(cpus, 0);
	err = xen_event_set_cpu(port, cpu);
	return err ? -EINVAL : (int)cpu;
}

static int line_start(unsigned irq, enum irq_trigger trigger,
		      const struct cpumask *cpus)
{
	int cpu = line_move(irq, cpus);

	(void)trigger;
	if (cpu >= 0)
		xen_event_unmask(port_of(irq));
	return cpu;
}

static void line_mask(unsigned irq)
{
	xen_event_mask(port_of(irq));
}

static void line_unmask(unsigned irq)
{
	xen_event_unmask(port_of(irq));
}

static const struct irq_chip event_lines = {
	.name = "xen-event",
	.start = line_start,
	.stop = line_mask,
	.mask = line_mask,
	.unmask = line_unmask,
	.move = line_move,
};

static void line_event(unsigned port, void *context)
{
	(void)port;
	irq_handle((unsigned)(uintptr_t)context);
}

int xen_event_irq(unsigned port)
{
	struct port *p = find_port(port);
	int irq, err;

	if (p && p->irq)
		return p->irq;
	irq = irq_add_messages(&event_lines, 1, (void *)(uintptr_t)port);
	if (irq < 0)
		return irq;
	err = set_handler(port, line_event, (void *)(uintptr_t)irq, irq);
	if (err)
		irq_remove_messages((unsigned)irq, 1);
	return err ?: irq;
}

static void nothing(void *arg)
{
	(void)arg;
}

void xen_event_close(unsigned port)
{
	struct port *p = find_port(port);
	unsigned irq;

	if (!p)
		return;
	events.abi->mask(port);
	irq = p->irq;
	atomic_write(&p->fn, NULL);
	/* A handler runs with interrupts masked: then it is over there. */
	smp_call(p->cpu, nothing, NULL);
	p->irq = 0;
	if (irq)
		irq_remove_messages(irq, 1);
	events.abi->clear(port);
	close_port(port);
}

/* Events. */

void xen_event_broken(void)
{
	if (!COUNT(broken))
		pr_err("the event queue of CPU %u is broken",
		       smp_processor_id());
}

static void mask_unbound(unsigned port)
{
	COUNT(unbound);
	events.abi->mask(port);
}

void xen_event_deliver(unsigned port)
{
	const struct port *p = find_port(port);
	void (*fn)(unsigned, void *) = p ? atomic_load_acquire(&p->fn) : NULL;

	if (!fn) {
		mask_unbound(port);
		return;
	}
	COUNT(events);
	fn(port, p->context);
}

static void upcall_again(void *arg)
{
	(void)arg;
	xen_event_upcall();
}

/*
 * Xen sets its mark after it has written what is pending; here the mark is
 * taken, by a full barrier, before that is read. While it is set Xen makes no
 * other upcall, so where events keep coming this CPU calls itself, after other
 * interrupts had their turn.
 */
void xen_event_upcall(void)
{
	static DEFINE_PER_CPU(struct smp_call_request, again);
	struct vcpu_info *info = xen_vcpu_info(smp_processor_id());
	struct xen_vcpu_events *v = &info->events;
	unsigned delivered = 0;

	COUNT(upcalls);
	for (unsigned i = 0; i < ROUNDS_MAX; i++) {
		if (!atomic_xchg(&v->evtchn_upcall_pending, (u8)0))
			break;
		delivered += events.abi->scan(v);
	}
	if (!delivered)
		COUNT(without_cause);
	if (likely(!atomic_read(&v->evtchn_upcall_pending)))
		return;
	this_cpu_ptr(again)->fn = upcall_again;
	smp_call_async(smp_processor_id(), this_cpu_ptr(again));
}

void xen_event_get_stats(struct xen_event_stats *out)
{
	unsigned cpu;

	*out = (struct xen_event_stats){
		.abi = events.abi ? events.abi->name : "none",
	};
	for_each_online_cpu(cpu) {
		const struct xen_event_stats *s = &per_cpu(stats, cpu);

		out->upcalls += READ_ONCE(s->upcalls);
		out->without_cause += READ_ONCE(s->without_cause);
		out->events += READ_ONCE(s->events);
		out->unbound += READ_ONCE(s->unbound);
		out->broken += READ_ONCE(s->broken);
	}
}

/* The service. */

/* Xen from 4.4 on has FIFO; a CPU that cannot have it decides for all. */
static int choose_abi(void)
{
	int err = -ENODEV;

	if (strcmp(wanted, "2l")) {
		events.abi = &xen_events_fifo;
		err = xen_events_fifo.start() ?: xen_events_fifo.start_cpu();
	}
	if (!err)
		return 0;
	events.abi = &xen_events_2l;
	return xen_events_2l.start();
}

static int start(void)
{
	int err = xen_shared_start();

	if (err)
		return err;
	events.chunks = kzalloc(CHUNKS_MAX * sizeof(struct port *));
	if (!events.chunks)
		return -ENOMEM;
	err = xen_shared_start_cpu() ?: choose_abi();
	if (!err)
		err = xen_upcall_start(xen_event_upcall);
	if (!err)
		pr_info("%s event channels, upcalls %s", events.abi->name,
			xen_upcall_name());
	return err;
}

static int start_cpu(void)
{
	int err = 0;

	if (smp_processor_id())
		err = xen_shared_start_cpu() ?: events.abi->start_cpu();
	return err ?: xen_upcall_start_cpu();
}

static void stop_cpu(void)
{
	xen_upcall_stop_cpu();
	if (!smp_processor_id())
		xen_shared_stop();
}

static const struct virt_service event_service = {
	.hypervisor = HYPERV_TYPE_XEN,
	.feature = XEN_EVENTS,
	.requires = XEN_HYPERCALLS,
	.off = &no_events,
	.start = start,
	.start_cpu = start_cpu,
	.stop_cpu = stop_cpu,
};
VIRT_SERVICE(1, event_service);
