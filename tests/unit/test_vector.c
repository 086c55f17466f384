/* SPDX-License-Identifier: BSD-2-Clause */
/* Vectors of several CPUs, and the messages that lead to them. */
#include "unit.h"
#include <stdlib.h>
#include <kernel/string.h>
/* Included, not linked: its per-CPU variable is made for several CPUs here. */
#include "../../arch/x86/kernel/vector.c"

#define CPUS 288

DEFINE_PER_CPU(unsigned, cpu_number);
struct cpumask cpu_online_mask;
static u32 ids[CPUS];
static unsigned current;

unsigned cpu_count(void)
{
	return CPUS;
}

bool irq_available(void)
{
	return true;
}

u32 apic_id(void)
{
	return ids[current];
}

static void become(unsigned cpu)
{
	current = cpu;
	unit_percpu_offset = percpu_offsets[cpu];
}

/* CPU n has APIC ID @first_id + n * @step, and no vector in use. */
static void start_cpus(u32 first_id, u32 step)
{
	static struct cpu_vectors all[CPUS];

	memset(all, 0, sizeof(all));
	next = 0;
	id_max = MSI_DESTINATION_MAX;
	for (unsigned cpu = 0; cpu < CPUS; cpu++) {
		percpu_offsets[cpu] =
			(uintptr_t)&all[cpu] - (uintptr_t)&percpu__vectors;
		ids[cpu] = first_id + step * cpu;
		become(cpu);
		vector_init_cpu();
	}
	become(0);
}

static struct cpumask cpus_from(unsigned first, unsigned count)
{
	struct cpumask mask = { 0 };

	for (unsigned i = 0; i < count; i++)
		cpumask_set(&mask, first + i);
	return mask;
}

TEST(lines_spread_over_cpus_that_messages_reach)
{
	struct cpumask all = cpus_from(0, CPUS), far = cpus_from(255, 33);
	struct msi_route route;

	start_cpus(0, 1);
	/* 0xff is everybody: 255 CPUs can be reached. */
	for (unsigned irq = 0; irq < 255 * VECTORS / 3; irq++) {
		CHECK_EQ(arch_msi_route(NULL, irq, 1, &all, &route), 0);
		CHECK(route.cpu < 255);
		CHECK(route.vector >= VECTOR_LINE_FIRST &&
		      route.vector <= VECTOR_LINE_LAST);
		become(route.cpu);
		CHECK_EQ(vector_irq(route.vector), irq);
	}
	become(7);
	CHECK_EQ(this_cpu_ptr(vectors)->used, VECTORS / 3);
	CHECK_EQ(arch_msi_route(NULL, 1, 1, &far, &route), -EINVAL);
	vector_use_extended_ids();
	CHECK_EQ(arch_msi_route(NULL, 1, 1, &far, &route), 0);
	CHECK(route.cpu >= 255);
}

TEST(each_vector_of_a_cpu_is_given_out_once)
{
	struct cpumask one = cpus_from(3, 1);
	bool used[256] = { false };
	struct msi_route route;

	start_cpus(0, 1);
	for (unsigned irq = 0; irq < VECTORS; irq++) {
		CHECK_EQ(arch_msi_route(NULL, irq, 1, &one, &route), 0);
		CHECK(!used[route.vector]);
		used[route.vector] = true;
	}
	CHECK_EQ(arch_msi_route(NULL, 7, 1, &one, &route), -ENOSPC);
	CHECK_EQ(vector_irq(VECTOR_TIMER), -ENOENT);
	CHECK_EQ(vector_irq(3), -ENOENT);
}

/* A message on its way still finds its line, as long as can be. */
TEST(a_vector_given_up_leads_to_its_line_until_it_is_needed)
{
	struct cpumask one = cpus_from(0, 1);
	struct msi_route route, other;
	unsigned vector;

	start_cpus(0, 1);
	CHECK_EQ(arch_msi_route(NULL, 42, 1, &one, &route), 0);
	vector = route.vector;
	arch_msi_unroute(&route);
	arch_msi_unroute(&route);
	for (unsigned irq = 100; irq < 100 + VECTORS - 1; irq++) {
		CHECK_EQ(arch_msi_route(NULL, irq, 1, &one, &other), 0);
		CHECK_EQ(vector_irq(vector), 42);
	}
	CHECK_EQ(arch_msi_route(NULL, 7, 1, &one, &other), 0);
	CHECK_EQ(other.vector, vector);
	CHECK_EQ(vector_irq(vector), 7);
}

TEST(blocks_are_aligned_and_move_as_they_are)
{
	struct cpumask a = cpus_from(1, 1), b = cpus_from(2, 1);
	struct msi_route route, single, before;
	struct msi_message m, n;

	start_cpus(0x10, 1);
	CHECK_EQ(arch_msi_route(NULL, 9, 1, &a, &single), 0);
	CHECK_EQ(arch_msi_route(NULL, 300, 32, &a, &route), 0);
	CHECK_EQ(route.vector % 32, 0);
	arch_msi_compose(&route, &m);
	before = route;
	CHECK_EQ(arch_msi_reroute(300, &b, &route), 0);
	CHECK_EQ(route.vector, before.vector);
	CHECK_EQ(route.cpu, 2);
	arch_msi_compose(&route, &n);
	CHECK_EQ(m.data, n.data);
	CHECK_EQ(m.address >> 32, n.address >> 32);
	CHECK(m.address != n.address);
	/* By either way, for what is still sent to the old CPU. */
	for (unsigned cpu = 1; cpu <= 2; cpu++) {
		become(cpu);
		for (unsigned i = 0; i < 32; i++)
			CHECK_EQ(vector_irq(route.vector + i), 300 + i);
	}
	/* In use there. */
	CHECK_EQ(arch_msi_route(NULL, 77, 32, &a, &before), 0);
	CHECK_EQ(arch_msi_route(NULL, 78, 1, &b, &single), 0);
	next = before.vector - VECTOR_LINE_FIRST;
	CHECK_EQ(arch_msi_route(NULL, 78, 1, &b, &single), 0);
	CHECK_EQ(arch_msi_reroute(77, &b, &before), -EBUSY);
	CHECK_EQ(before.cpu, 1);
}

TEST(messages_hold_the_cpus_id)
{
	static const struct {
		u32 id;
		u64 address;
	} expected[] = {
		{ 0, 0xfee00000 },	{ 0xfe, 0xfeefe000 },
		{ 0x100, 0xfee00020 },	{ 0x1ff, 0xfeeff020 },
		{ 0x7f01, 0xfee01fe0 },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(expected); i++) {
		struct msi_route route = { .vector = 0x41, .count = 1 };
		struct msi_message m;

		start_cpus(expected[i].id, 0);
		arch_msi_compose(&route, &m);
		CHECK_EQ(m.address, expected[i].address);
		CHECK_EQ(m.data, 0x41);
	}
}
