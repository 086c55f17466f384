/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The order in which locks of each class are taken: a directed graph, with an
 * edge from what was held to what was taken then. A new edge that closes a
 * circle is a wrong order. All under the caller's lock.
 */
#pragma once

#include <kernel/compiler.h>

/* Class 0 is none; when there are no more, further locks are not watched. */
#define LOCK_CLASSES_MAX 256
#define LOCK_EDGES_MAX	 2048

struct lock_edge {
	u16 from, to;
	uintptr_t from_site; /* where the first was taken */
	uintptr_t to_site;   /* where the second was, with it held */
};

struct lock_class {
	uintptr_t key; /* address of the lock, or where it was taken */
	uintptr_t interrupt_site; /* taken in an interrupt there, or 0 */
	uintptr_t unmasked_site;  /* taken with interrupts unmasked, or 0 */
	bool reported;
};

struct lock_graph {
	struct lock_class classes[LOCK_CLASSES_MAX];
	unsigned class_count; /* with class 0 */
	u64 follows[LOCK_CLASSES_MAX][LOCK_CLASSES_MAX / 64];
	struct lock_edge edges[LOCK_EDGES_MAX];
	unsigned edge_count;
	u16 path[LOCK_CLASSES_MAX]; /* of the last search: the class before */
};

/** The class with @key, made if it is new; 0: there are no more. */
u16 lock_graph_class(struct lock_graph *graph, uintptr_t key);

/**
 * Learn that @edge->to was taken with @edge->from held. True: for the first
 * time, and there is a way from to back to from already, which
 * lock_graph_step() tells.
 */
bool lock_graph_add(struct lock_graph *graph, const struct lock_edge *edge);

/**
 * The edge on that way that ends at @to, beginning at its end, which is the
 * new edge's `from`; NULL: the way began here.
 */
const struct lock_edge *lock_graph_step(const struct lock_graph *graph, u16 to);
