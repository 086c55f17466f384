/* SPDX-License-Identifier: BSD-2-Clause */
/* What SRAT and SLIT say, checked. */
#pragma once

#include <abi/srat.h>
#include <kernel/numa.h>

/* Entries beyond these are ignored. */
#define SRAT_RANGES_MAX 1024
#define SRAT_CPUS_MAX	4096

struct numa_range {
	phys_addr_t start, end; /* the first byte behind */
	unsigned node;
	bool later; /* memory that may be plugged in there */
};

struct numa_cpu {
	u32 id;
	unsigned node;
};

struct numa_layout {
	unsigned nodes;
	u32 domain[NUMA_NODES_MAX];
	/* Sorted by address, without overlaps, neighbours of a kind joined. */
	unsigned ranges;
	struct numa_range *range;
	/* Each ID once, in the order of the table. */
	unsigned cpus;
	struct numa_cpu *cpu;
};

/**
 * How many structures of memory and of CPUs @srat has at most: room for which
 * the caller of srat_read() provides in layout->range and ->cpu.
 */
void srat_count(const struct acpi_sdt_header *srat, unsigned *ranges,
		unsigned *cpus);

/**
 * Read @srat, as acpi_find() verified it. What cannot be is said, once for
 * each kind of fault, and ignored.
 */
void srat_read(const struct acpi_sdt_header *srat, struct numa_layout *layout);

/** True if all of @slit can be, after a message if not. */
bool slit_check(const struct acpi_sdt_header *slit);
/** From a domain to another in a checked @slit; 0 if it does not have them. */
unsigned slit_distance(const struct acpi_slit *slit, u32 from, u32 to);
