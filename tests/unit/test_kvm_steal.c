/* SPDX-License-Identifier: BSD-2-Clause */
/* KVM's steal time pages, as a host may write them. */
#include "unit.h"
#include "../../kernel/virt/kvm/internal.h"
#include <abi/kvm/msr.h>
#include <kernel/mm/map.h>
#include <kernel/sched.h>
#include <kernel/virt/service.h>
#include <kernel/virt/x86.h>

static steal_clock_fn clock;
static struct kvm_steal_time *page;
static u64 msr;

steal_clock_fn sched_set_steal_clock(steal_clock_fn new)
{
	clock = new;
	return NULL;
}

phys_addr_t virt_to_phys(const void *virt)
{
	return (phys_addr_t)(uintptr_t)virt;
}

int virt_wrmsr(u32 number, u64 value)
{
	CHECK_EQ(number, MSR_KVM_STEAL_TIME);
	msr = value;
	return 0;
}

static void begin(void)
{
	table_for_each(const struct virt_service, virt_service, it) {
		CHECK_EQ((*it)->start(), 0);
		CHECK_EQ((*it)->start_cpu(), 0);
	}
	CHECK_EQ(msr % sizeof(*page), KVM_MSR_ENABLED);
	page = (void *)(uintptr_t)(msr - KVM_MSR_ENABLED);
	*page = (struct kvm_steal_time){ .version = 2, .steal = 12345 };
}

TEST(stolen_time_is_what_the_page_says)
{
	begin();
	CHECK_EQ(clock(0), 12345);
}

TEST(a_version_that_is_never_even_is_given_up)
{
	begin();
	page->version = 3;
	CHECK_EQ(clock(0), 0);
}

TEST(a_flush_is_left_only_for_a_cpu_that_does_not_run)
{
	begin();
	CHECK(!kvm_is_preempted(0));
	CHECK(!kvm_flush_when_it_runs(0));
	CHECK_EQ(page->preempted, 0);
	page->preempted = KVM_VCPU_PREEMPTED;
	CHECK(kvm_is_preempted(0));
	CHECK(kvm_flush_when_it_runs(0));
	CHECK_EQ(page->preempted, KVM_VCPU_PREEMPTED | KVM_VCPU_FLUSH_TLB);
	/* Twice is once. */
	CHECK(kvm_flush_when_it_runs(0));
}

TEST(the_page_is_given_back)
{
	begin();
	page->preempted = KVM_VCPU_PREEMPTED;
	table_for_each(const struct virt_service, virt_service, it)
		(*it)->stop_cpu();
	CHECK_EQ(msr, 0);
	CHECK(!kvm_flush_when_it_runs(0));
}
