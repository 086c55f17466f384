/* SPDX-License-Identifier: BSD-2-Clause */
#include <kernel/timer_heap.h>
#include <kernel/compiler.h>

/* One heap of two roots, either of which may be NULL. */
static struct timer_node *meld(struct timer_node *a, struct timer_node *b)
{
	struct timer_node *top = a, *below = b;

	if (!a || !b)
		return a ? a : b;
	/* Of equal keys the first stays on top. */
	if (b->key < a->key) {
		top = b;
		below = a;
	}
	below->previous = top;
	below->sibling = top->child;
	if (top->child)
		top->child->previous = below;
	top->child = below;
	top->sibling = NULL;
	top->previous = NULL;
	return top;
}

/* Take the first two off the list *@siblings and return their heap. */
static struct timer_node *meld_pair(struct timer_node **siblings)
{
	struct timer_node *a = *siblings, *b = a->sibling;

	*siblings = b ? b->sibling : NULL;
	a->sibling = a->previous = NULL;
	if (b)
		b->sibling = b->previous = NULL;
	return meld(a, b);
}

/*
 * One heap of a list of siblings: in pairs from the front, then all pairs from
 * the back. It is what makes the cost of removing logarithmic.
 */
static struct timer_node *meld_siblings(struct timer_node *siblings)
{
	struct timer_node *pairs = NULL, *heap = NULL;

	while (siblings) {
		struct timer_node *pair = meld_pair(&siblings);

		pair->sibling = pairs;
		pairs = pair;
	}
	while (pairs) {
		struct timer_node *next = pairs->sibling;

		pairs->sibling = NULL;
		heap = meld(heap, pairs);
		pairs = next;
	}
	return heap;
}

void timer_heap_add(struct timer_heap *heap, struct timer_node *node)
{
	node->child = node->sibling = node->previous = NULL;
	node->queued = true;
	heap->root = meld(heap->root, node);
}

static void unlink(struct timer_node *node)
{
	if (node->previous->child == node)
		node->previous->child = node->sibling;
	else
		node->previous->sibling = node->sibling;
	if (node->sibling)
		node->sibling->previous = node->previous;
}

void timer_heap_remove(struct timer_heap *heap, struct timer_node *node)
{
	struct timer_node *children = meld_siblings(node->child);

	if (node == heap->root) {
		heap->root = children;
	} else {
		unlink(node);
		heap->root = meld(heap->root, children);
	}
	node->child = node->sibling = node->previous = NULL;
	node->queued = false;
}
