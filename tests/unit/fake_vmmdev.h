/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * VirtualBox's device for tests: it carries out the requests that are written
 * to its port, as a host should or as the test says it shall not. Memory that
 * the driver shows it lies in allocations of exactly its size.
 */
#pragma once

#include <drivers/hgcm.h>
#include <kernel/byteorder.h>
#include <kernel/errno.h>
#include <kernel/io.h>
#include <kernel/mm/page.h>
#include <kernel/random.h>
#include <kernel/string.h>
#include <kernel/version.h>
#include "../../drivers/vbox/internal.h"
#include "host.h"
#include "unit.h"

#define PORT 0xd020

const char kernel_version[] = "9.8.7";

/* What the host does wrong with an answer's header. */
enum lie {
	HONEST,
	LIES_SIZE,
	LIES_VERSION,
	LIES_TYPE,
	LIES_SILENT, /* answers nothing at all */
};

/* When it answers an HGCM request. */
enum answer {
	AT_ONCE,
	LATER,	     /* while the driver waits */
	NEVER,	     /* but it can be cancelled */
	NEVER_EVER,  /* nor that */
	TOO_LATE,    /* after it was too late to be cancelled */
	REFUSED,     /* with an error, at once */
	FAILED,	     /* by the service */
	OTHER_PARMS, /* as AT_ONCE, with other types of parameters */
	OTHER_SIZES, /* as AT_ONCE, with sizes beyond all that was given */
};

struct fake_page {
	phys_addr_t phys;
	unsigned order;
	u8 *memory;
};

static struct {
	enum lie lie;
	u32 lie_about; /* requests of this type; 0: all */
	s32 rc;	       /* of requests of type rc_of */
	u32 rc_of;
	u32 features;
	u64 time_ms, interval_ns;
	enum answer answer;
	phys_addr_t pending; /* an HGCM request; 0: none */
	bool in_use, enabled, line_taken, no_line, no_memory;
	u32 requests[256]; /* so many of each type */
	u32 events;	   /* what acknowledging gives */
	struct vmmdev_memory memory;
	char log[1024];
	unsigned log_length;
	struct {
		const char *name;
		u8 bits;
	} states[6]; /* of features */
	unsigned pages;
	unsigned cancelled, sleeps;
} host;

static struct fake_page fake_pages[64];
static struct pci_device pdev;
static struct irq_action *line;

static inline struct fake_page *page_at(phys_addr_t phys)
{
	for (unsigned i = 0; i < ARRAY_SIZE(fake_pages); i++) {
		struct fake_page *p = &fake_pages[i];

		if (p->memory && phys >= p->phys &&
		    phys < p->phys + (4096ULL << p->order))
			return p;
	}
	return NULL;
}

void *phys_to_virt(phys_addr_t phys)
{
	struct fake_page *p = page_at(phys);

	return p->memory + (phys - p->phys);
}

phys_addr_t alloc_pages(unsigned order, unsigned flags)
{
	CHECK(flags & ALLOC_BELOW_4G);
	if (host.no_memory)
		return 0;
	for (unsigned i = 0; i < ARRAY_SIZE(fake_pages); i++) {
		struct fake_page *p = &fake_pages[i];

		if (p->memory)
			continue;
		*p = (struct fake_page){
			.phys = 0x1000000ULL * (i + 1),
			.order = order,
			.memory = malloc(4096UL << order),
		};
		memset(p->memory, flags & ALLOC_ZERO ? 0 : 0xaa,
		       4096UL << order);
		host.pages++;
		return p->phys;
	}
	abort();
}

int free_pages(phys_addr_t phys, unsigned order)
{
	struct fake_page *p = page_at(phys);

	CHECK(p && p->phys == phys && p->order == order);
	free(p->memory);
	p->memory = NULL;
	host.pages--;
	return 0;
}

unsigned page_order_for(u64 bytes)
{
	unsigned order = 0;

	while (4096ULL << order < bytes)
		order++;
	return order;
}

/* PCI, interrupts. */

const struct bus_type pci_bus;

int pci_enable(struct pci_device *device, u16 bits)
{
	CHECK(device == &pdev);
	CHECK(bits & PCI_COMMAND_IO);
	host.enabled = true;
	return 0;
}

void pci_disable(const struct pci_device *device, u16 bits)
{
	CHECK(device == &pdev && bits);
	host.enabled = false;
}

void __iomem *pci_map_region(const struct pci_device *device, unsigned bar,
			     u64 offset, u64 size)
{
	CHECK_EQ(bar, 1);
	CHECK(device == &pdev && !offset && size == sizeof(host.memory));
	return pdev.region[1].size ? (void __iomem *)&host.memory : NULL;
}

void iounmap(const volatile void __iomem *mapping)
{
	CHECK((const volatile __force void *)mapping == &host.memory);
}

int pci_irq_vectors_alloc(struct pci_device *device, unsigned min, unsigned max,
			  unsigned kinds)
{
	CHECK(device == &pdev && min == 1 && max == 1);
	CHECK_EQ(kinds, PCI_IRQ_INTX);
	return host.no_line ? -ENOSPC : 1;
}

int pci_irq_vector(const struct pci_device *device, unsigned index)
{
	CHECK(device == &pdev && !index);
	return 11;
}

void pci_irq_vectors_free(struct pci_device *device)
{
	CHECK(device == &pdev && !line);
}

int irq_request(unsigned irq, struct irq_action *action,
		enum irq_trigger trigger)
{
	CHECK_EQ(irq, 11);
	CHECK_EQ(trigger, IRQ_TRIGGER_DEFAULT);
	line = action;
	return 0;
}

void irq_free(struct irq_action *action)
{
	CHECK(action == line);
	line = NULL;
}

/* The device interrupts with @events. */
static inline enum irq_return interrupt(u32 events)
{
	host.memory.have_events = 1;
	host.events = events;
	return line->handler(line->context);
}

void virt_feature_add_state(enum hypervisor_type type, const char *name,
			    u8 bits)
{
	CHECK_EQ(type, HYPERV_TYPE_VIRTUALBOX);
	CHECK(bits);
	for (unsigned i = 0; i < ARRAY_SIZE(host.states); i++) {
		if (host.states[i].name && strcmp(host.states[i].name, name))
			continue;
		host.states[i].name = name;
		host.states[i].bits |= bits;
		return;
	}
	abort();
}

/* What was said of feature @name. */
static inline u8 state_of(const char *name)
{
	for (unsigned i = 0; i < ARRAY_SIZE(host.states); i++)
		if (host.states[i].name && !strcmp(host.states[i].name, name))
			return host.states[i].bits;
	return 0;
}

static unsigned stirred;

void random_stir(const void *data, size_t size)
{
	CHECK(data && size == 8);
	stirred++;
}

/* The host's side of requests. */

static inline void answer_hgcm(phys_addr_t phys)
{
	struct vmmdev_hgcm_header *h = phys_to_virt(phys);
	struct vmmdev_hgcm_call *call = (void *)h;
	u32 type = le32_to_cpu(h->header.request_type);

	if (type == VMMDEV_REQ_HGCM_CONNECT)
		((struct vmmdev_hgcm_connect *)(void *)h)->client_id =
			cpu_to_le32(77);
	for (u32 i = 0; type == VMMDEV_REQ_HGCM_CALL64 &&
			i < le32_to_cpu(call->parm_count);
	     i++) {
		struct vmmdev_hgcm_parm *p =
			(struct vmmdev_hgcm_parm *)(call + 1) + i;
		struct vmmdev_hgcm_pagelist *list;

		if (host.answer == OTHER_PARMS)
			p->type = cpu_to_le32(6);
		if (le32_to_cpu(p->type) == VMMDEV_HGCM_PARM_32BIT)
			p->value32 = cpu_to_le32(le32_to_cpu(p->value32) + 1);
		if (le32_to_cpu(p->type) == VMMDEV_HGCM_PARM_64BIT)
			p->value64 = cpu_to_le64(le64_to_cpu(p->value64) + 1);
		if (le32_to_cpu(p->type) != VMMDEV_HGCM_PARM_PAGELIST)
			continue;
		list = (void *)((u8 *)h + le32_to_cpu(p->page_list.offset));
		CHECK(le32_to_cpu(p->page_list.offset) <
		      le32_to_cpu(h->header.size));
		/* Each byte by the pages' addresses. */
		for (u32 n = 0; n < le32_to_cpu(p->page_list.size); n++) {
			u32 at = le16_to_cpu(list->offset_first_page) + n;
			u8 *byte = (u8 *)phys_to_virt(
				le64_to_cpu(list->pages[at / 4096]) +
				at % 4096);

			CHECK(at / 4096 < le16_to_cpu(list->page_count));
			if (le32_to_cpu(list->flags) & VMMDEV_HGCM_FROM_HOST)
				*byte = (u8)(*byte + 1);
		}
		if (host.answer == OTHER_SIZES) {
			p->page_list.size = cpu_to_le32(~0U);
			p->page_list.offset = cpu_to_le32(~0U);
			list->page_count = cpu_to_le16(0xffff);
		}
	}
	h->result =
		cpu_to_le32(host.answer == FAILED ? (u32)VERR_NOT_FOUND : 0);
	h->flags = cpu_to_le32(VMMDEV_HGCM_REQ_DONE);
	host.pending = 0;
}

static inline s32 take_hgcm(phys_addr_t phys)
{
	if (host.answer == REFUSED)
		return VERR_NO_MEMORY;
	host.pending = phys;
	if (host.answer == AT_ONCE || host.answer >= FAILED)
		answer_hgcm(phys);
	return VINF_HGCM_ASYNC_EXECUTE;
}

static inline s32 cancel_hgcm(phys_addr_t phys)
{
	CHECK_EQ(phys, host.pending);
	host.cancelled++;
	if (host.answer != NEVER)
		return VERR_NOT_FOUND;
	host.pending = 0;
	return 0;
}

static inline s32 carry_out(struct vmmdev_request_header *h, phys_addr_t phys)
{
	u32 type = le32_to_cpu(h->request_type);

	switch (type) {
	case VMMDEV_REQ_GET_HOST_VERSION: {
		struct vmmdev_host_version *r = (void *)h;

		r->major = cpu_to_le16(7);
		r->minor = cpu_to_le16(2);
		r->build = cpu_to_le32(22);
		r->features = cpu_to_le32(host.features);
		return 0;
	}
	case VMMDEV_REQ_GET_HOST_TIME:
		((struct vmmdev_host_time *)(void *)h)->time =
			cpu_to_le64(host.time_ms);
		return 0;
	case VMMDEV_REQ_ACKNOWLEDGE_EVENTS:
		((struct vmmdev_events *)(void *)h)->events =
			cpu_to_le32(host.events);
		host.memory.have_events = 0;
		return 0;
	case VMMDEV_REQ_HEARTBEAT_CONFIGURE:
		((struct vmmdev_heartbeat *)(void *)h)->interval_ns =
			cpu_to_le64(host.interval_ns);
		return 0;
	case VMMDEV_REQ_REPORT_GUEST_INFO: host.in_use = true; return 0;
	case VMMDEV_REQ_HGCM_CONNECT:
	case VMMDEV_REQ_HGCM_DISCONNECT:
	case VMMDEV_REQ_HGCM_CALL64: return take_hgcm(phys);
	case VMMDEV_REQ_HGCM_CANCEL2:
		return cancel_hgcm(
			le32_to_cpu(((struct vmmdev_hgcm_cancel2 *)(void *)h)
					    ->phys_req_to_cancel));
	default: return 0;
	}
}

static inline void lie_in(struct vmmdev_request_header *h)
{
	switch (host.lie) {
	case LIES_SIZE: h->size = cpu_to_le32(~0U); break;
	case LIES_VERSION: h->version = cpu_to_le32(7); break;
	case LIES_TYPE: h->request_type = cpu_to_le32(99); break;
	default: break;
	}
}

void outl(u16 port, u32 phys)
{
	struct vmmdev_request_header *h = phys_to_virt(phys);
	u32 type = le32_to_cpu(h->request_type);
	bool lies = host.lie && (!host.lie_about || host.lie_about == type);
	s32 rc;

	CHECK_EQ(port, PORT + VMMDEV_PORT_OFF_REQUEST);
	CHECK_EQ(le32_to_cpu(h->version), VMMDEV_REQUEST_HEADER_VERSION);
	host.requests[type % 256]++;
	if (lies && host.lie == LIES_SILENT)
		return;
	rc = host.rc_of == type ? host.rc : carry_out(h, phys);
	h->rc = cpu_to_le32((u32)rc);
	if (lies)
		lie_in(h);
}

u32 inl(u16 port)
{
	CHECK_EQ(port, PORT + VMMDEV_PORT_OFF_REQUEST_FAST);
	host.memory.have_events = 0;
	return host.events;
}

void outb(u16 port, u8 value)
{
	CHECK_EQ(port, VMMDEV_LOG_PORT);
	if (host.log_length < sizeof(host.log) - 1)
		host.log[host.log_length++] = (char)value;
}

u8 inb(u16 port)
{
	(void)port;
	return 0xff;
}

u16 inw(u16 port)
{
	(void)port;
	return 0xffff;
}

void outw(u16 port, u16 value)
{
	(void)port;
	(void)value;
}

/* Waiting is the time in which the host does what it does later. */

void wait_prepare(struct wait_queue *wq, struct waiter *waiter)
{
	CHECK(wq && waiter);
}

bool wait_finish(struct wait_queue *wq, struct waiter *waiter)
{
	CHECK(wq && waiter);
	return false;
}

bool wake_one(struct wait_queue *wq)
{
	return wq;
}

static unsigned woken;

void wake_all(struct wait_queue *wq)
{
	CHECK(wq);
	woken++;
}

void might_sleep(void)
{
}

bool sched_sleep(u64 until_ns)
{
	host.sleeps++;
	host_time_now_ns = MAX(host_time_now_ns, until_ns);
	if (host.pending && (host.answer == LATER ||
			     (host.answer == TOO_LATE && host.cancelled)))
		answer_hgcm(host.pending);
	return false;
}

void udelay(u64 us)
{
	host_time_now_ns += us * 1000;
}

int work_queue_at(struct delayed_work *work, u64 due_ns)
{
	(void)due_ns;
	work_queue(&work->work);
	return 0;
}

bool work_cancel_delayed(struct delayed_work *work)
{
	return work_cancel(&work->work);
}

/* The driver, and the device as it was made. */

static inline const struct driver *driver(void)
{
	table_for_each(const struct driver, driver, it)
		return *it;
	return NULL;
}

static inline void new_host(void)
{
	memset(&host, 0, sizeof(host));
	host.features =
		VMMDEV_HVF_HGCM_PHYS_PAGE_LIST | VMMDEV_HVF_FAST_IRQ_ACK;
	host.time_ms = 1700000000000ULL;
	host.interval_ns = 2000000000;
	memset(&pdev, 0, sizeof(pdev));
	strscpy(pdev.dev.name, "0000:00:04.0", sizeof(pdev.dev.name));
	pdev.region[0] = (struct pci_region){ PORT, 32, PCI_REGION_IO };
	pdev.region[1] = (struct pci_region){ 0xf0000000, 0x400000, 0 };
	stirred = woken = 0;
	host_said_count = 0;
	host_said[0] = 0;
}

static inline int probe(void)
{
	return driver()->probe(&pdev.dev);
}

/* All that was taken was given back, but for @abandoned requests' memory. */
static inline void remove_and_check(unsigned abandoned)
{
	driver()->remove(&pdev.dev);
	CHECK(!host.enabled && !line);
	CHECK_EQ(host.pages, abandoned);
	for (unsigned i = 0; i < ARRAY_SIZE(fake_pages); i++) {
		free(fake_pages[i].memory);
		fake_pages[i].memory = NULL;
	}
}
