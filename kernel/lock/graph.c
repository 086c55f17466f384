/* SPDX-License-Identifier: BSD-2-Clause */
/* Orders of locks, and circles in them. */
#include "graph.h"

u16 lock_graph_class(struct lock_graph *graph, uintptr_t key)
{
	unsigned n = 1;

	if (!graph->class_count)
		graph->class_count = 1;
	while (n < graph->class_count && graph->classes[n].key != key)
		n++;
	if (n == LOCK_CLASSES_MAX)
		return 0;
	if (n == graph->class_count) {
		graph->classes[n].key = key;
		graph->class_count++;
	}
	return (u16)n;
}

static bool follows(const struct lock_graph *graph, unsigned from, unsigned to)
{
	return graph->follows[from][to / 64] >> (to % 64) & 1;
}

/*
 * Search in width from @start until @goal; graph->path then leads back. Every
 * class is looked at once.
 */
static bool find_path(struct lock_graph *graph, u16 start, u16 goal)
{
	u16 queue[LOCK_CLASSES_MAX];
	unsigned first = 0, last = 0;

	for (unsigned i = 0; i < graph->class_count; i++)
		graph->path[i] = 0;
	queue[last++] = start;
	graph->path[start] = start;
	while (first < last && !graph->path[goal]) {
		u16 at = queue[first++];

		for (unsigned to = 1; to < graph->class_count; to++) {
			if (graph->path[to] || !follows(graph, at, to))
				continue;
			graph->path[to] = at;
			queue[last++] = (u16)to;
		}
	}
	return graph->path[goal];
}

static const struct lock_edge *find_edge(const struct lock_graph *graph,
					 u16 from, u16 to)
{
	for (unsigned i = 0; i < graph->edge_count; i++) {
		const struct lock_edge *edge = &graph->edges[i];

		if (edge->from == from && edge->to == to)
			return edge;
	}
	return NULL;
}

bool lock_graph_add(struct lock_graph *graph, const struct lock_edge *edge)
{
	bool circle;

	if (edge->from == edge->to || follows(graph, edge->from, edge->to) ||
	    graph->edge_count == LOCK_EDGES_MAX)
		return false;
	circle = find_path(graph, edge->to, edge->from);
	graph->follows[edge->from][edge->to / 64] |= BIT64(edge->to % 64);
	graph->edges[graph->edge_count++] = *edge;
	return circle;
}

const struct lock_edge *lock_graph_step(const struct lock_graph *graph, u16 to)
{
	u16 from = graph->path[to];

	return from == to ? NULL : find_edge(graph, from, to);
}
