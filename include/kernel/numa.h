/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Nodes: CPUs and the memory that is near them, as firmware tells. They have
 * numbers from 0 on, in the order in which firmware names them. A machine of
 * which nothing is told has one node with everything. Known at the end of
 * level IRQ; after that nothing changes, and any context may ask.
 */
#pragma once

#include <kernel/compiler.h>

#define NUMA_NODES_MAX 64
#define NUMA_NO_NODE   NUMA_NODES_MAX

#define NUMA_DISTANCE_LOCAL 10
/* Where nothing is told: ACPI 6.5, 5.2.17, has no unit but this relation. */
#define NUMA_DISTANCE_REMOTE 20

/** At least 1. */
unsigned numa_node_count(void);

/** What firmware calls @node, which is below numa_node_count(). */
u32 numa_node_domain(unsigned node);

/** The node whose memory has @phys, or NUMA_NO_NODE: in none's. */
unsigned numa_node_of_phys(phys_addr_t phys);

/** The node of the CPU with this hardware ID (APIC ID), or NUMA_NO_NODE. */
unsigned numa_node_of_cpu_id(u64 id);

/** From @from to @to: NUMA_DISTANCE_LOCAL to itself, else more. */
unsigned numa_distance(unsigned from, unsigned to);

/** The end of all memory that is told of, or may be plugged in; 0: nothing. */
phys_addr_t numa_memory_end(void);
