/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * FIFO event channels: a word for each port, which holds the port after it in
 * one of 16 queues that each CPU has. Xen appends to a queue; the CPU takes
 * from its front, and remembers the front here, where Xen does not reach.
 *
 * What Xen writes is a number of a port and nothing more: one that has no word
 * ends its queue. A queue that comes back to itself ends because Xen links a
 * word only while it is not linked, which is looked at for each; a Xen that
 * appends as fast as events are taken is left for the next upcall.
 */
#include <kernel/atomic.h>
#include <kernel/errno.h>
#include <kernel/mm/page.h>
#include <kernel/mm/slab.h>
#include <kernel/smp.h>
#include <kernel/string.h>
#include "internal.h"

#define WORDS_PER_PAGE (PAGE_SIZE / sizeof(u32))
#define PAGES_MAX      (EVTCHN_FIFO_NR_CHANNELS / WORDS_PER_PAGE)
/* Policy: then other interrupts have their turn. */
#define TAKEN_AT_ONCE_MAX 256
/* Xen is BUSY with a word for some instructions. */
#define CHANGES_MAX 1000

/* Within a page. */
typedef struct evtchn_fifo_control_block control_block
	__attribute__((aligned(128)));
static DEFINE_PER_CPU(control_block, control);

struct fronts {
	u32 head[EVTCHN_FIFO_MAX_QUEUES]; /* 0: look at Xen's */
	u32 left;			  /* queues that were not finished */
};
static DEFINE_PER_CPU(struct fronts, fronts);

static u32 **pages;
static unsigned page_count; /* only grows */

/* The word of @port, or NULL: it has none. */
static u32 *word_of(unsigned port)
{
	unsigned page = port / WORDS_PER_PAGE;

	if (page >= atomic_load_acquire(&page_count))
		return NULL;
	return &pages[page][port % WORDS_PER_PAGE];
}

static int start(void)
{
	pages = kzalloc(PAGES_MAX * sizeof(*pages));
	return pages ? 0 : -ENOMEM;
}

static int start_cpu(void)
{
	struct evtchn_fifo_control_block *block = this_cpu_ptr(control);
	struct evtchn_init_control init = {
		.control_gfn = xen_gfn(block),
		.offset = virt_to_phys(block) % PAGE_SIZE,
		.vcpu = xen_vcpu(smp_processor_id()),
	};

	memset(block, 0, sizeof(*block));
	memset(this_cpu_ptr(fronts), 0, sizeof(struct fronts));
	return (int)xen_event_channel_op(EVTCHNOP_init_control, &init);
}

static int add_page(void)
{
	struct evtchn_expand_array expand;
	phys_addr_t at;
	u32 *words;
	long ret;

	if (page_count == PAGES_MAX)
		return -ENOSPC;
	at = alloc_pages(0, 0);
	if (!at)
		return -ENOMEM;
	words = phys_to_virt(at);
	for (unsigned i = 0; i < WORDS_PER_PAGE; i++)
		words[i] = EVTCHN_FIFO_MASKED;
	expand.array_gfn = at / PAGE_SIZE;
	ret = xen_event_channel_op(EVTCHNOP_expand_array, &expand);
	if (ret) {
		free_pages(at, 0);
		return (int)ret;
	}
	pages[page_count] = words;
	/* Releases the page's address to word_of(). */
	atomic_store_release(&page_count, page_count + 1);
	return 0;
}

/* Under the lock of who gives ports out. */
static int prepare(unsigned port)
{
	int err = 0;

	while (!err && !word_of(port))
		err = add_page();
	return err;
}

static void mask(unsigned port)
{
	atomic_fetch_or(word_of(port), EVTCHN_FIFO_MASKED);
}

static bool is_masked(unsigned port)
{
	return atomic_read(word_of(port)) & EVTCHN_FIFO_MASKED;
}

static bool pending(unsigned port)
{
	return atomic_read(word_of(port)) & EVTCHN_FIFO_PENDING;
}

static bool clear(unsigned port)
{
	return atomic_fetch_and(word_of(port), ~EVTCHN_FIFO_PENDING) &
	       EVTCHN_FIFO_PENDING;
}

/* Only a word that is not pending, and that Xen does not change right now. */
static bool unmask(unsigned port)
{
	u32 *word = word_of(port), old = atomic_read(word);

	for (unsigned i = 0; i < CHANGES_MAX; i++) {
		if (!(old & EVTCHN_FIFO_MASKED))
			return true;
		if (old & EVTCHN_FIFO_PENDING)
			return false;
		old &= ~EVTCHN_FIFO_BUSY;
		if (atomic_cmpxchg(word, &old, old & ~EVTCHN_FIFO_MASKED))
			return true;
	}
	return false;
}

/* Take @port out of its queue: the port after it, or 0. */
static u32 unlink(unsigned port)
{
	return atomic_fetch_and(word_of(port),
				~(EVTCHN_FIFO_LINKED | EVTCHN_FIFO_LINK_MASK)) &
	       EVTCHN_FIFO_LINK_MASK;
}

static bool is_due(unsigned port)
{
	return pending(port) && !is_masked(port);
}

/* The first of queue @q; false: the queue is empty now. */
static bool take_one(unsigned q, unsigned *delivered)
{
	u32 *front = &this_cpu_ptr(fronts)->head[q];
	u32 port = *front;

	/* Where Xen began again after it was empty. */
	if (!port)
		port = atomic_load_acquire(&this_cpu_ptr(control)->head[q]);
	if (!port || !word_of(port)) {
		*front = 0;
		xen_event_broken();
		return false;
	}
	*front = unlink(port);
	if (is_due(port) && clear(port)) {
		xen_event_deliver(port);
		++*delivered;
	}
	return *front;
}

static unsigned scan(struct xen_vcpu_events *v)
{
	struct evtchn_fifo_control_block *block = this_cpu_ptr(control);
	struct fronts *f = this_cpu_ptr(fronts);
	unsigned delivered = 0, taken = 0;

	/* A full barrier: before the loads of what it tells of. */
	f->left |= atomic_xchg(&block->ready, 0U) & 0xffff;
	while (f->left && taken++ < TAKEN_AT_ONCE_MAX) {
		unsigned q = (unsigned)__builtin_ctz(f->left);

		if (!take_one(q, &delivered))
			f->left &= ~BIT(q);
		f->left |= atomic_xchg(&block->ready, 0U) & 0xffff;
	}
	if (f->left)
		atomic_write(&v->evtchn_upcall_pending, (u8)1);
	return delivered;
}

const struct xen_event_abi xen_events_fifo = {
	.name = "FIFO",
	.ports = EVTCHN_FIFO_NR_CHANNELS,
	.start = start,
	.start_cpu = start_cpu,
	.prepare = prepare,
	.mask = mask,
	.is_masked = is_masked,
	.unmask = unmask,
	.pending = pending,
	.clear = clear,
	.scan = scan,
};
