/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A made-up Hyper-V: its registers, its hypercalls and the pages that it
 * shares, for tests of kernel/virt/hyperv. It does what TLFS says unless a
 * test tells it to do otherwise. Included once by a test.
 */
#pragma once

#include "unit.h"
#include "../../kernel/virt/hyperv/internal.h"
#include <kernel/errno.h>
#include <kernel/mm/map.h>
#include <kernel/mm/page.h>
#include <kernel/string.h>
#include <kernel/virt/x86.h>

#define FAKE_MSR_BASE 0x40000000U
#define FAKE_MSRS     0x200U

static u64 fake_msr[FAKE_MSRS];
static bool fake_no_msr[FAKE_MSRS];	/* reading it faults */
static bool fake_no_write[FAKE_MSRS];	/* writing it does */
static unsigned fake_writes[FAKE_MSRS]; /* how often it was written */
static const char *fake_missing;	/* a feature that is not offered, ... */
static bool fake_nothing_runs;		/* ... or no service that runs */
static u64 fake_counter_value;
/* What it writes to the reference TSC page when that is registered. */
static const struct hv_reference_tsc_page *fake_fill;

static struct {
	u64 control[64], a[64], b[64];
	unsigned count;
	u64 result;	  /* of each */
	unsigned at_once; /* elements of a list that one call does; 0: all */
	void (*seen)(const void *input);
	u8 input[HV_HYPERCALL_PAGE_SIZE]; /* of the last */
} fake_calls;

static inline unsigned fake_index(u32 msr)
{
	unsigned index = msr - FAKE_MSR_BASE;

	return CHECK(index < FAKE_MSRS) ? index : 0;
}

#define FAKE(msr) fake_msr[fake_index(msr)]

int virt_rdmsr(u32 msr, u64 *value)
{
	if (fake_no_msr[fake_index(msr)])
		return -EIO;
	*value = FAKE(msr);
	return 0;
}

int virt_wrmsr(u32 msr, u64 value)
{
	if (fake_no_msr[fake_index(msr)] || fake_no_write[fake_index(msr)])
		return -EIO;
	fake_writes[fake_index(msr)]++;
	FAKE(msr) = value;
	if (msr == HV_X64_MSR_REFERENCE_TSC && fake_fill && value & 1)
		memcpy((void *)(uintptr_t)(value & ~0xfffULL), fake_fill,
		       sizeof(*fake_fill));
	return 0;
}

u64 virt_counter(void)
{
	return fake_counter_value;
}

bool virt_counter_is_invariant(void)
{
	return false;
}

bool virt_service_runs(enum hypervisor_type type, const char *feature)
{
	return !fake_nothing_runs && type == HYPERV_TYPE_HYPERV &&
	       (!fake_missing || strcmp(feature, fake_missing));
}

bool virt_service_offered(enum hypervisor_type type, const char *feature)
{
	return virt_service_runs(type, feature);
}

phys_addr_t virt_to_phys(const void *virt)
{
	return (phys_addr_t)(uintptr_t)virt;
}

void *phys_to_virt(phys_addr_t phys)
{
	return (void *)(uintptr_t)phys;
}

phys_addr_t hyperv_call_page(void)
{
	return 0x123000;
}

/* Pages of the C library's, which stay. */
phys_addr_t alloc_pages(unsigned order, unsigned flags)
{
	static u8 pages[64][4096] __attribute__((aligned(4096)));
	static unsigned given;

	CHECK_EQ(order, 0);
	CHECK_EQ(flags, ALLOC_ZERO);
	if (given == ARRAY_SIZE(pages))
		return 0;
	return (phys_addr_t)(uintptr_t)pages[given++];
}

static unsigned fake_next(unsigned done, unsigned count)
{
	return fake_calls.at_once && done + fake_calls.at_once < count
		       ? done + fake_calls.at_once
		       : count;
}

u64 hyperv_page_call(u64 control, u64 a, u64 b)
{
	unsigned n = fake_calls.count++ % 64;
	unsigned count =
		control >> HV_HYPERCALL_REP_COUNT & HV_HYPERCALL_REP_MASK;
	unsigned start =
		control >> HV_HYPERCALL_REP_START & HV_HYPERCALL_REP_MASK;

	fake_calls.control[n] = control;
	fake_calls.a[n] = a;
	fake_calls.b[n] = b;
	if (!(control & HV_HYPERCALL_FAST)) {
		CHECK_EQ(a % HV_HYPERCALL_ALIGNMENT, 0);
		memcpy(fake_calls.input, (const void *)(uintptr_t)a,
		       sizeof(fake_calls.input));
		if (fake_calls.seen)
			fake_calls.seen(fake_calls.input);
	}
	if (fake_calls.result)
		return fake_calls.result;
	return (u64)fake_next(start, count) << HV_RESULT_REPS_SHIFT;
}

static inline const struct virt_service *fake_service(const char *feature)
{
	table_for_each(const struct virt_service, virt_service, it)
		if (!strcmp((*it)->feature, feature))
			return *it;
	CHECK(false);
	return NULL;
}

/** As the boot CPU does it. */
static inline int fake_start(const char *feature)
{
	const struct virt_service *s = fake_service(feature);
	int err = s->start ? s->start() : 0;

	return err ?: s->start_cpu ? s->start_cpu() : 0;
}

/** As the last CPU does it. */
static inline void fake_stop(const char *feature)
{
	const struct virt_service *s = fake_service(feature);

	if (s->stop_cpu)
		s->stop_cpu();
	if (s->stop)
		s->stop();
}

static inline void fake_hyperv_reset(void)
{
	memset(fake_msr, 0, sizeof(fake_msr));
	memset(fake_no_msr, 0, sizeof(fake_no_msr));
	memset(fake_no_write, 0, sizeof(fake_no_write));
	memset(fake_writes, 0, sizeof(fake_writes));
	memset(&fake_calls, 0, sizeof(fake_calls));
	fake_missing = NULL;
	fake_nothing_runs = false;
	fake_counter_value = 0;
	fake_fill = NULL;
}
