/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A pairing heap (Fredman, Sedgewick, Sleator, Tarjan 1986) of nodes that are
 * members of their owners' structures: no memory of its own. Adding takes
 * constant time, removing amortized logarithmic time.
 */
#pragma once

#include <kernel/types.h>

struct timer_node {
	u64 key;
	struct timer_node *child;   /* the first one */
	struct timer_node *sibling; /* the next one */
	/* The parent if this is its first child, else the sibling before. */
	struct timer_node *previous;
	bool queued;
};

struct timer_heap {
	struct timer_node *root; /* the smallest key, or NULL */
};

/** Add @node, which is in no heap, with its key. */
void timer_heap_add(struct timer_heap *heap, struct timer_node *node);

/** Remove @node, which is in @heap. */
void timer_heap_remove(struct timer_heap *heap, struct timer_node *node);
