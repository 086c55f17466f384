/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading the System Resource Affinity Table. */
#define pr_fmt(fmt) "srat: " fmt

#include <kernel/byteorder.h>
#include <kernel/printk.h>
#include "srat.h"

/* Faults that are said once each. */
enum fault {
	FAULT_SHORT,
	FAULT_NODES,
	FAULT_RANGE,
	FAULT_OVERLAP,
	FAULT_CPU,
	FAULTS,
};

struct reader {
	const struct acpi_sdt_header *srat;
	struct numa_layout *layout;
	unsigned faults[FAULTS];
};

static u32 length_of(const struct acpi_sdt_header *srat)
{
	return le32_to_cpu(srat->length);
}

/* The structure at @offset if it is whole, else NULL. */
static const struct acpi_srat_entry *entry_at(
	const struct acpi_sdt_header *srat, u32 offset)
{
	u32 length = length_of(srat);
	const struct acpi_srat_entry *e =
		(const void *)((const u8 *)srat + offset);

	if (offset > length || length - offset < sizeof(*e))
		return NULL;
	return e->length >= sizeof(*e) && e->length <= length - offset ? e
								       : NULL;
}

/* Bytes that a structure of this type has; 0: it is not read. */
static size_t size_of(u8 type)
{
	switch (type) {
	case ACPI_SRAT_LOCAL_APIC: return sizeof(struct acpi_srat_local_apic);
	case ACPI_SRAT_MEMORY: return sizeof(struct acpi_srat_memory);
	case ACPI_SRAT_LOCAL_X2APIC:
		return sizeof(struct acpi_srat_local_x2apic);
	default: return 0;
	}
}

static unsigned node_of(struct reader *r, u32 domain)
{
	struct numa_layout *layout = r->layout;

	for (unsigned i = 0; i < layout->nodes; i++)
		if (layout->domain[i] == domain)
			return i;
	if (layout->nodes == NUMA_NODES_MAX) {
		if (!r->faults[FAULT_NODES]++)
			pr_warn("domain %#x and more: there can be %u nodes",
				domain, NUMA_NODES_MAX);
		return NUMA_NO_NODE;
	}
	layout->domain[layout->nodes] = domain;
	return layout->nodes++;
}

/* A CPU that is listed twice is where it was first. */
static void add_cpu(struct reader *r, u32 id, u32 domain)
{
	struct numa_layout *layout = r->layout;
	unsigned node = node_of(r, domain);

	if (node == NUMA_NO_NODE)
		return;
	for (unsigned i = 0; i < layout->cpus; i++) {
		if (layout->cpu[i].id != id)
			continue;
		if (layout->cpu[i].node != node && !r->faults[FAULT_CPU]++)
			pr_warn("CPU %u is in domains %#x and %#x: the first "
				"one stands",
				id, layout->domain[layout->cpu[i].node],
				domain);
		return;
	}
	if (layout->cpus < SRAT_CPUS_MAX)
		layout->cpu[layout->cpus++] = (struct numa_cpu){ id, node };
}

static bool is_range(struct reader *r, u64 start, u64 length)
{
	/* Firmware leaves empty ones behind. */
	if (!length)
		return false;
	if (start + length > start)
		return true;
	if (!r->faults[FAULT_RANGE]++)
		pr_warn("%#llx bytes of memory at %#llx cannot be: ignored",
			(unsigned long long)length, (unsigned long long)start);
	return false;
}

/* The first range that ends behind @start: where a new one goes. */
static unsigned place_for(const struct numa_layout *layout, u64 start)
{
	unsigned i = 0;

	while (i < layout->ranges && layout->range[i].end <= start)
		i++;
	return i;
}

/* Keep them sorted; one that overlaps another is ignored. */
static void add_range(struct reader *r, const struct numa_range *new)
{
	struct numa_layout *layout = r->layout;
	unsigned at = place_for(layout, new->start);

	if (at < layout->ranges && layout->range[at].start < new->end) {
		if (!r->faults[FAULT_OVERLAP]++)
			pr_warn("memory at %#llx to %#llx overlaps another: "
				"ignored",
				(unsigned long long)new->start,
				(unsigned long long)new->end - 1);
		return;
	}
	if (layout->ranges == SRAT_RANGES_MAX)
		return;
	for (unsigned i = layout->ranges++; i > at; i--)
		layout->range[i] = layout->range[i - 1];
	layout->range[at] = *new;
}

static void read_memory(struct reader *r, const struct acpi_srat_memory *e)
{
	u32 flags = le32_to_cpu(e->flags);
	u32 domain = le32_to_cpu(e->proximity_domain);
	struct numa_range range = {
		.start = le64_to_cpu(e->base_address),
		.end = le64_to_cpu(e->base_address) + le64_to_cpu(e->length),
		.later = flags & ACPI_SRAT_HOT_PLUGGABLE,
	};

	if (!(flags & ACPI_SRAT_ENABLED) ||
	    !is_range(r, range.start, le64_to_cpu(e->length)))
		return;
	if (r->srat->revision < ACPI_SRAT_REVISION_WIDE)
		domain &= 0xff;
	range.node = node_of(r, domain);
	if (range.node != NUMA_NO_NODE)
		add_range(r, &range);
}

static void read_local_apic(struct reader *r,
			    const struct acpi_srat_local_apic *e)
{
	u32 domain = e->proximity_domain_low;

	if (!(le32_to_cpu(e->flags) & ACPI_SRAT_ENABLED))
		return;
	if (r->srat->revision >= ACPI_SRAT_REVISION_WIDE)
		domain |= (u32)e->proximity_domain_high[0] << 8 |
			  (u32)e->proximity_domain_high[1] << 16 |
			  (u32)e->proximity_domain_high[2] << 24;
	add_cpu(r, e->apic_id, domain);
}

static void read_local_x2apic(struct reader *r,
			      const struct acpi_srat_local_x2apic *e)
{
	if (le32_to_cpu(e->flags) & ACPI_SRAT_ENABLED)
		add_cpu(r, le32_to_cpu(e->x2apic_id),
			le32_to_cpu(e->proximity_domain));
}

static void read_entry(struct reader *r, const struct acpi_srat_entry *e)
{
	if (e->length < size_of(e->type)) {
		if (!r->faults[FAULT_SHORT]++)
			pr_warn("a structure of type %u has %u bytes: ignored",
				e->type, e->length);
		return;
	}
	switch (e->type) {
	case ACPI_SRAT_LOCAL_APIC: read_local_apic(r, (const void *)e); break;
	case ACPI_SRAT_MEMORY: read_memory(r, (const void *)e); break;
	case ACPI_SRAT_LOCAL_X2APIC:
		read_local_x2apic(r, (const void *)e);
		break;
	default: break;
	}
}

/* Neighbours of one node are one range: firmware cuts at odd places. */
static void join_ranges(struct numa_layout *layout)
{
	unsigned kept = 0;

	for (unsigned i = 1; i < layout->ranges; i++) {
		struct numa_range *last = &layout->range[kept];
		const struct numa_range *next = &layout->range[i];

		if (last->end == next->start && last->node == next->node &&
		    last->later == next->later)
			last->end = next->end;
		else
			layout->range[++kept] = *next;
	}
	if (layout->ranges)
		layout->ranges = kept + 1;
}

void srat_count(const struct acpi_sdt_header *srat, unsigned *ranges,
		unsigned *cpus)
{
	const struct acpi_srat_entry *e;
	u32 offset = sizeof(struct acpi_srat);

	*ranges = 0;
	*cpus = 0;
	for (; (e = entry_at(srat, offset)); offset += e->length) {
		if (e->type == ACPI_SRAT_MEMORY)
			++*ranges;
		else if (size_of(e->type))
			++*cpus;
	}
	*ranges = MIN(*ranges, SRAT_RANGES_MAX);
	*cpus = MIN(*cpus, SRAT_CPUS_MAX);
}

void srat_read(const struct acpi_sdt_header *srat, struct numa_layout *layout)
{
	struct reader r = { .srat = srat, .layout = layout };
	const struct acpi_srat_entry *e;
	u32 offset = sizeof(struct acpi_srat);

	layout->nodes = 0;
	layout->ranges = 0;
	layout->cpus = 0;
	for (; (e = entry_at(srat, offset)); offset += e->length)
		read_entry(&r, e);
	if (offset < length_of(srat))
		pr_warn("%u bytes at the end are not understood",
			length_of(srat) - offset);
	join_ranges(layout);
}
