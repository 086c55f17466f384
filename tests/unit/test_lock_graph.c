/* SPDX-License-Identifier: BSD-2-Clause */
/* Orders of locks: which of them close a circle. */
#include <kernel/string.h>
#include "../../kernel/lock/graph.h"
#include "unit.h"

static struct lock_graph graph;

static void clear(unsigned classes)
{
	memset(&graph, 0, sizeof(graph));
	for (unsigned i = 1; i <= classes; i++)
		CHECK_EQ(lock_graph_class(&graph, i * 100), i);
}

static bool add(unsigned from, unsigned to)
{
	struct lock_edge edge = { (u16)from, (u16)to, from, to };

	return lock_graph_add(&graph, &edge);
}

TEST(a_key_has_one_class)
{
	clear(3);
	CHECK_EQ(lock_graph_class(&graph, 200), 2);
	CHECK_EQ(lock_graph_class(&graph, 400), 4);
	CHECK_EQ(graph.class_count, 5);
}

TEST(no_more_classes_than_there_are)
{
	clear(LOCK_CLASSES_MAX - 1);
	CHECK_EQ(lock_graph_class(&graph, 7), 0);
	CHECK_EQ(lock_graph_class(&graph, 100), 1);
}

TEST(both_orders_are_a_circle_once)
{
	clear(2);
	CHECK(!add(1, 2));
	CHECK(!add(1, 2));
	CHECK(add(2, 1));
	CHECK(!add(2, 1));
	CHECK(!add(1, 1));
	CHECK_EQ(graph.edge_count, 2);
}

TEST(the_way_back_is_told)
{
	const struct lock_edge *step;

	clear(5);
	CHECK(!add(1, 2));
	CHECK(!add(2, 3));
	CHECK(!add(3, 4));
	CHECK(!add(1, 5));
	CHECK(!add(5, 4));
	/* From 1 to 4 by 5 is shorter. */
	CHECK(add(4, 1));
	step = lock_graph_step(&graph, 4);
	if (!CHECK(step))
		return;
	CHECK_EQ(step->from, 5);
	step = lock_graph_step(&graph, 5);
	if (!CHECK(step))
		return;
	CHECK_EQ(step->from, 1);
	CHECK(!lock_graph_step(&graph, 1));
}

TEST(no_circle_without_a_way_back)
{
	clear(4);
	CHECK(!add(1, 2));
	CHECK(!add(1, 3));
	CHECK(!add(2, 4));
	CHECK(!add(3, 4));
	CHECK(!add(2, 3));
	CHECK(add(4, 1));
}

TEST(a_full_table_of_edges_learns_no_more)
{
	clear(LOCK_CLASSES_MAX - 1);
	for (unsigned from = 1; from < 20; from++)
		for (unsigned to = 20; to < LOCK_CLASSES_MAX; to++)
			CHECK(!add(from, to));
	CHECK_EQ(graph.edge_count, LOCK_EDGES_MAX);
	CHECK(!add(200, 19));
}
