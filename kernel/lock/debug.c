/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Watching locks (CONFIG_DEBUG_LOCKS). What each thread holds is in its struct
 * thread, where interrupts add theirs: they could wait with it held. What is
 * known of all is under one lock, with interrupts masked; nothing is printed
 * with that held, since printing takes locks.
 */
#include <kernel/irq.h>
#include <kernel/printk.h>
#include <kernel/spinlock.h>
#include <kernel/symbols.h>
#include "graph.h"

/* Edges of a circle that a report shows. */
#define REPORT_EDGES_MAX 6

extern const char _text[], _end[];

static struct spinlock graph_lock;
static struct lock_graph graph;
static unsigned reports[LOCK_MISTAKES];

struct report {
	enum lock_mistake mistake;
	const void *lock;
	uintptr_t site;
	struct lock_class class;
	unsigned edge_count;
	struct lock_edge edges[REPORT_EDGES_MAX]; /* the new one first */
};

void lock_debug_count(enum lock_mistake mistake)
{
	atomic_fetch_add_relaxed(&reports[mistake], 1U);
}

unsigned lock_debug_reports(enum lock_mistake mistake)
{
	return atomic_read(&reports[mistake]);
}

static bool in_image(uintptr_t address)
{
	return address >= (uintptr_t)_text && address < (uintptr_t)_end;
}

static void print_order(const struct report *r)
{
	const struct lock_edge *first = &r->edges[0];

	pr_err("BUG: locks in the wrong order: lock %p is taken at %pS "
	       "with another held that was taken at %pS",
	       r->lock, (void *)first->to_site, (void *)first->from_site);
	for (unsigned i = r->edge_count; i-- > 1;)
		pr_err("  but before: a lock was taken at %pS, with one held "
		       "that was taken at %pS",
		       (void *)r->edges[i].to_site,
		       (void *)r->edges[i].from_site);
}

static void print_report(const struct report *r)
{
	const void *site = (const void *)r->site;

	lock_debug_count(r->mistake);
	switch (r->mistake) {
	case LOCK_WRONG_ORDER: print_order(r); break;
	case LOCK_INTERRUPT:
		pr_err("BUG: lock %p is taken in an interrupt at %pS and with "
		       "interrupts unmasked at %pS",
		       r->lock, (void *)r->class.interrupt_site,
		       (void *)r->class.unmasked_site);
		break;
	case LOCK_RECURSIVE:
		pr_err("BUG: lock %p is taken at %pS by who holds it", r->lock,
		       site);
		break;
	case LOCK_WRONG_OWNER:
		pr_err("BUG: lock %p is given up at %pS by who does not hold "
		       "it",
		       r->lock, site);
		break;
	default: break;
	}
	pr_err("  by thread %s:", current_thread()->name);
	backtrace_print(0);
}

static struct held_lock *find_held(struct thread *self, const void *lock)
{
	for (unsigned i = self->held_count; i-- > 0;) {
		if (self->held[i].lock == lock)
			return &self->held[i];
	}
	return NULL;
}

/* Note who takes it where; true: these two do not go together. */
static bool note_interrupts(struct lock_class *class, unsigned flags,
			    uintptr_t site, bool unmasked)
{
	if (flags & LOCK_SLEEPS)
		return false;
	if (in_interrupt()) {
		if (!(flags & LOCK_TRIED) && !class->interrupt_site)
			class->interrupt_site = site;
	} else if (unmasked && !class->unmasked_site) {
		class->unmasked_site = site;
	}
	if (!class->interrupt_site || !class->unmasked_site || class->reported)
		return false;
	class->reported = true;
	return true;
}

/* Copy the circle that @edge closes. */
static void note_circle(struct report *r, const struct lock_edge *edge)
{
	const struct lock_edge *step = edge;

	r->mistake = LOCK_WRONG_ORDER;
	while (step && r->edge_count < REPORT_EDGES_MAX) {
		r->edges[r->edge_count++] = *step;
		step = lock_graph_step(&graph, step->from);
	}
}

/* Under the graph's lock. True: there is something to report. */
static bool learn(struct report *r, const struct thread *self,
		  const struct lock_debug *debug, unsigned flags, bool unmasked)
{
	u16 number = debug->class_number;
	bool wrong = false;

	for (unsigned i = 0;
	     i < self->held_count && !(flags & LOCK_TRIED) && !wrong; i++) {
		struct lock_edge edge = {
			.from = self->held[i].class_number,
			.to = number,
			.from_site = self->held[i].site,
			.to_site = r->site,
		};

		wrong = edge.from && lock_graph_add(&graph, &edge);
		if (wrong)
			note_circle(r, &edge);
	}
	if (!wrong &&
	    note_interrupts(&graph.classes[number], flags, r->site, unmasked)) {
		r->mistake = LOCK_INTERRUPT;
		r->class = graph.classes[number];
		wrong = true;
	}
	return wrong;
}

/* With interrupts masked. True: @r is to be printed. */
static bool watch(struct report *r, struct lock_debug *debug, unsigned flags,
		  bool unmasked)
{
	bool wrong = false;

	raw_spin_lock(&graph_lock);
	if (!debug->class_number)
		debug->class_number =
			lock_graph_class(&graph, in_image((uintptr_t)r->lock)
							 ? (uintptr_t)r->lock
							 : r->site);
	if (debug->class_number)
		wrong = learn(r, current_thread(), debug, flags, unmasked);
	raw_spin_unlock(&graph_lock);
	return wrong;
}

bool lock_debug_take(const void *lock, struct lock_debug *debug, unsigned flags,
		     uintptr_t site)
{
	struct thread *self = current_thread();
	bool unmasked = irq_available() && local_irq_enabled(), wrong;
	struct report r = { .lock = lock };
	unsigned long irqs = local_irq_save();
	bool again = debug->owner == self;

	r.site = site ? site : (uintptr_t)__builtin_return_address(0);
	if (again) {
		struct held_lock *held = find_held(self, lock);

		r.mistake = LOCK_RECURSIVE;
		wrong = !held || !held->depth++;
	} else {
		wrong = watch(&r, debug, flags, unmasked);
	}
	local_irq_restore(irqs);
	if (wrong)
		print_report(&r);
	return again;
}

void lock_debug_taken(const void *lock, struct lock_debug *debug,
		      uintptr_t site)
{
	struct thread *self = current_thread();
	unsigned long irqs = local_irq_save();

	debug->owner = self;
	/* What goes beyond is not watched. */
	if (self->held_count < HELD_LOCKS_MAX)
		self->held[self->held_count++] = (struct held_lock){
			.lock = lock,
			.site = site ? site
				     : (uintptr_t)__builtin_return_address(0),
			.class_number = debug->class_number,
		};
	local_irq_restore(irqs);
}

static void forget(struct thread *self, struct held_lock *held)
{
	const struct held_lock *end = &self->held[--self->held_count];

	for (; held < end; held++)
		held[0] = held[1];
}

enum lock_release lock_debug_release(const void *lock, struct lock_debug *debug,
				     uintptr_t site)
{
	struct thread *self = current_thread();
	struct report r = { .mistake = LOCK_WRONG_OWNER, .lock = lock };
	unsigned long irqs = local_irq_save();
	enum lock_release answer = LOCK_REFUSE;

	if (debug->owner == self) {
		struct held_lock *held = find_held(self, lock);

		answer = held && held->depth ? LOCK_KEEP : LOCK_RELEASE;
		if (answer == LOCK_KEEP)
			held->depth--;
		else
			debug->owner = NULL;
		if (answer == LOCK_RELEASE && held)
			forget(self, held);
	}
	local_irq_restore(irqs);
	if (answer == LOCK_REFUSE) {
		r.site = site ? site : (uintptr_t)__builtin_return_address(0);
		print_report(&r);
	}
	return answer;
}
