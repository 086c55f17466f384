/* SPDX-License-Identifier: BSD-2-Clause */
/* Which APIC IDs KVM's hypercall is given for a set of CPUs. */
#include "unit.h"
#include "../../kernel/virt/kvm/internal.h"
#include <abi/kvm/hypercall.h>
#include <kernel/errno.h>
#include <kernel/string.h>
#include <kernel/virt/service.h>
#include <kernel/virt/x86.h>

void kvm_ipi_send_mask(const struct cpumask *mask, enum ipi_kind kind);

#define CPUS   300
#define ID_MAX 65536

static u32 id_of[CPUS];
static unsigned sent[ID_MAX]; /* by APIC ID */
static unsigned calls, native, yields;
static bool returns, fails;
static unsigned preempted; /* CPU, or CPUS */

u64 arch_cpu_id(unsigned cpu)
{
	return id_of[cpu];
}

u32 arch_ipi_command(enum ipi_kind kind)
{
	return 0x4000U + kind;
}

bool kvm_hypercalls_return(void)
{
	return returns;
}

bool kvm_is_preempted(unsigned cpu)
{
	return cpu == preempted;
}

bool virt_service_offered(enum hypervisor_type type, const char *feature)
{
	CHECK_EQ(type, HYPERV_TYPE_KVM);
	CHECK(!strcmp(feature, "hint-realtime"));
	return false;
}

int static_call_patch(void *name, const void *fn)
{
	CHECK(name && fn);
	return 0;
}

void ipi_send_mask(const struct cpumask *mask, enum ipi_kind kind)
{
	(void)mask;
	(void)kind;
}

void native_ipi_send_mask(const struct cpumask *mask, enum ipi_kind kind)
{
	unsigned cpu;

	CHECK_EQ(kind, IPI_CALL);
	native++;
	for_each_cpu(cpu, mask)
		sent[id_of[cpu]]++;
}

long kvm_hypercall(unsigned long number, unsigned long a, unsigned long b,
		   unsigned long c, unsigned long d)
{
	unsigned long words[2] = { a, b };

	if (number == KVM_HC_SCHED_YIELD) {
		CHECK_EQ(a, id_of[preempted]);
		yields++;
		return 0;
	}
	CHECK_EQ(number, KVM_HC_SEND_IPI);
	CHECK_EQ(d, 0x4000U + IPI_CALL);
	calls++;
	if (fails)
		return -KVM_ENOSYS;
	for (unsigned bit = 0; bit < KVM_SEND_IPI_TARGETS; bit++)
		if (words[bit / 64] >> bit % 64 & 1)
			sent[c + bit]++;
	return 1;
}

static void begin(void)
{
	table_for_each(const struct virt_service, virt_service, it)
		CHECK_EQ((*it)->start(), 0);
	memset(sent, 0, sizeof(sent));
	calls = native = yields = 0;
	returns = true;
	fails = false;
	preempted = CPUS;
}

/* To every @step-th CPU: each of them is sent one, and nobody else. */
static void check(unsigned step)
{
	struct cpumask mask = { 0 };
	unsigned expected = 0;

	memset(sent, 0, sizeof(sent));
	for (unsigned cpu = 0; cpu < CPUS; cpu += step) {
		cpumask_set(&mask, cpu);
		expected++;
	}
	kvm_ipi_send_mask(&mask, IPI_CALL);
	for (unsigned cpu = 0; cpu < CPUS; cpu++)
		CHECK_EQ(sent[id_of[cpu]], cpu % step == 0);
	for (unsigned id = 0; id < ID_MAX; id++)
		expected -= sent[id];
	CHECK_EQ(expected, 0);
}

static void number(unsigned first, unsigned distance)
{
	for (unsigned cpu = 0; cpu < CPUS; cpu++)
		id_of[cpu] = first + cpu * distance;
}

TEST(every_cpu_of_the_set_is_reached_once)
{
	static const unsigned distances[] = { 1, 2, 3, 64, 127, 128, 129, 200 };

	begin();
	for (unsigned i = 0; i < ARRAY_SIZE(distances); i++) {
		number(i * 7, distances[i]);
		for (unsigned step = 1; step <= CPUS; step += 13)
			check(step);
	}
	CHECK_EQ(native, 0);
}

TEST(ids_need_not_rise)
{
	begin();
	for (unsigned cpu = 0; cpu < CPUS; cpu++)
		id_of[cpu] = CPUS - 1 - cpu;
	check(1);
	CHECK_EQ(calls, 3);
	for (unsigned cpu = 0; cpu < CPUS; cpu++)
		id_of[cpu] = cpu * 7919 % 65521;
	check(1);
}

TEST(neighbours_take_one_call_in_128)
{
	begin();
	number(0, 1);
	check(1);
	CHECK_EQ(calls, 3);
}

TEST(what_the_hypercall_refuses_is_sent_by_the_apic)
{
	begin();
	number(0, 1);
	fails = true;
	check(1);
	CHECK_EQ(native, calls);
}

TEST(no_hypercall_is_made_before_one_returned)
{
	begin();
	number(0, 1);
	returns = false;
	preempted = 1;
	check(1);
	CHECK_EQ(calls + yields, 0);
	CHECK_EQ(native, 1);
}

TEST(one_of_those_that_do_not_run_is_yielded_to)
{
	begin();
	number(0, 1);
	preempted = 7;
	check(1);
	CHECK_EQ(yields, 1);
	preempted = 8; /* not in the set */
	check(7);
	CHECK_EQ(yields, 1);
}
