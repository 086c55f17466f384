/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A made-up Xen, as far as event channels need one. It gives out ports from
 * xen.next_port, and does what a test tells it to.
 */
#pragma once

#include <stdlib.h>
#include "unit.h"
#include "../../kernel/virt/xen/internal.h"
#include <kernel/errno.h>
#include <kernel/irq.h>
#include <kernel/mm/page.h>
#include <kernel/percpu.h>
#include <kernel/smp.h>
#include <kernel/string.h>

#define FAKE_PAGES 64

static struct {
	u32 vcpu; /* what this CPU is called */
	u32 next_port;
	long refuses[64];    /* what each call returns, if not 0 */
	unsigned refused_op; /* only this operation of it; UINT32_MAX: all */
	struct shared_info *shared;
	struct vcpu_info *info;
	struct evtchn_fifo_control_block *control;
	u32 *words[FAKE_PAGES];
	unsigned word_pages;
	unsigned closed, sent, unmasked, bound;
	void (*upcall)(void);
} xen = { .next_port = 1, .refused_op = UINT32_MAX };

phys_addr_t virt_to_phys(const void *virt)
{
	return (uintptr_t)virt;
}

void *phys_to_virt(phys_addr_t phys)
{
	return (void *)(uintptr_t)phys;
}

phys_addr_t alloc_pages(unsigned order, unsigned flags)
{
	void *page = aligned_alloc(PAGE_SIZE, PAGE_SIZE << order);

	(void)flags;
	memset(page, 0, PAGE_SIZE << order);
	return (uintptr_t)page;
}

int free_pages(phys_addr_t phys, unsigned order)
{
	(void)order;
	free((void *)(uintptr_t)phys);
	return 0;
}

int xen_hypercall_enable(void)
{
	return 0;
}

unsigned arch_xen_vcpu(void)
{
	return xen.vcpu;
}

int xen_upcall_start(void (*fn)(void))
{
	xen.upcall = fn;
	return 0;
}

int xen_upcall_start_cpu(void)
{
	return 0;
}

void xen_upcall_stop_cpu(void)
{
}

const char *xen_upcall_name(void)
{
	return "made up";
}

/* Lines: one, which is requested by line_start(). */
static struct {
	const struct irq_chip *chip;
	void *context;
	u64 handled;
} line;
#define FAKE_LINE 1024

int irq_add_messages(const struct irq_chip *chip, unsigned count, void *context)
{
	CHECK_EQ(count, 1);
	line.chip = chip;
	line.context = context;
	return FAKE_LINE;
}

void irq_remove_messages(unsigned first, unsigned count)
{
	CHECK_EQ(first, FAKE_LINE);
	CHECK_EQ(count, 1);
	line.chip = NULL;
}

void *irq_context(unsigned irq)
{
	CHECK_EQ(irq, FAKE_LINE);
	return line.context;
}

void irq_handle(unsigned irq)
{
	CHECK_EQ(irq, FAKE_LINE);
	line.handled++;
}

int smp_call(unsigned cpu, void (*fn)(void *arg), void *arg)
{
	(void)cpu;
	fn(arg);
	return 0;
}

/* Asked for another upcall. */
static unsigned asked_again;

int smp_call_async(unsigned cpu, struct smp_call_request *request)
{
	CHECK_EQ(cpu, 0);
	CHECK(request->fn);
	asked_again++;
	return 0;
}

static void fake_new_port(u32 *port)
{
	*port = xen.next_port++;
}

static long fake_channel_op(unsigned op, void *arg)
{
	switch (op) {
	case EVTCHNOP_alloc_unbound:
		fake_new_port(&((struct evtchn_alloc_unbound *)arg)->port);
		break;
	case EVTCHNOP_bind_interdomain:
		fake_new_port(
			&((struct evtchn_bind_interdomain *)arg)->local_port);
		break;
	case EVTCHNOP_bind_virq:
		fake_new_port(&((struct evtchn_bind_virq *)arg)->port);
		break;
	case EVTCHNOP_bind_ipi:
		fake_new_port(&((struct evtchn_bind_ipi *)arg)->port);
		break;
	case EVTCHNOP_close: xen.closed++; break;
	case EVTCHNOP_send: xen.sent++; break;
	case EVTCHNOP_unmask: xen.unmasked++; break;
	case EVTCHNOP_bind_vcpu: xen.bound++; break;
	case EVTCHNOP_init_control: {
		struct evtchn_init_control *init = arg;

		xen.control =
			(void *)(uintptr_t)(init->control_gfn * PAGE_SIZE +
					    init->offset);
		CHECK(init->offset + sizeof(*xen.control) <= PAGE_SIZE);
		break;
	}
	case EVTCHNOP_expand_array:
		xen.words[xen.word_pages++] =
			(void *)(uintptr_t)(((struct evtchn_expand_array *)arg)
						    ->array_gfn *
					    PAGE_SIZE);
		break;
	default: return -ENOSYS;
	}
	return 0;
}

static long fake_memory_op(unsigned op, const void *arg)
{
	if (op == XENMEM_add_to_physmap)
		xen.shared = phys_to_virt(
			((const struct xen_add_to_physmap *)arg)->gpfn *
			PAGE_SIZE);
	if (op == XENMEM_remove_from_physmap) {
		free(xen.shared);
		xen.shared = NULL;
	}
	return 0;
}

long xen_hypercall(unsigned number, unsigned long a, unsigned long b,
		   unsigned long c, unsigned long d, unsigned long e)
{
	const struct vcpu_register_vcpu_info *where = (void *)c;

	(void)d;
	(void)e;
	if (xen.refuses[number] &&
	    (xen.refused_op == UINT32_MAX || xen.refused_op == a))
		return xen.refuses[number];
	switch (number) {
	case __HYPERVISOR_memory_op: return fake_memory_op(a, (void *)b);
	case __HYPERVISOR_event_channel_op:
		return fake_channel_op(a, (void *)b);
	case __HYPERVISOR_vcpu_op:
		CHECK_EQ(a, VCPUOP_register_vcpu_info);
		CHECK_EQ(b, xen.vcpu);
		CHECK(where->offset + sizeof(struct vcpu_info) <= PAGE_SIZE);
		xen.info = phys_to_virt(where->mfn * PAGE_SIZE + where->offset);
		return 0;
	default: return -ENOSYS;
	}
}

/* Services are started once, by the first test. */
static inline void fake_xen_start(void)
{
	static bool started;

	if (started)
		return;
	started = true;
	table_for_each(const struct virt_service, virt_service, it) {
		if ((*it)->start)
			CHECK_EQ((*it)->start(), 0);
		if ((*it)->start_cpu)
			CHECK_EQ((*it)->start_cpu(), 0);
	}
	CHECK(xen.upcall && xen.info && xen.shared);
}

/* The upcall, as Xen makes it. */
static inline void fake_upcall(void)
{
	xen.info->events.evtchn_upcall_pending = 1;
	xen.upcall();
}

/* A handler, and what it saw. */
static struct {
	unsigned count, last;
} handled;

static inline void note_event(unsigned port, void *context)
{
	CHECK(context == &handled);
	handled.count++;
	handled.last = port;
}

/* A port that note_event() handles. */
static inline unsigned handled_port(void)
{
	int port = xen_event_alloc_unbound(DOMID_SELF);

	CHECK(port > 0);
	CHECK_EQ(xen_event_handle((unsigned)port, note_event, &handled), 0);
	handled.count = 0;
	return (unsigned)port;
}

static inline struct xen_event_stats event_stats(void)
{
	struct xen_event_stats stats;

	xen_event_get_stats(&stats);
	return stats;
}
