/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who this guest is, and the page by which it makes hypercalls. Both are the
 * whole machine's, and are given back by the last CPU.
 */
#define pr_fmt(fmt) "hyperv: " fmt

#include <kernel/atomic.h>
#include <kernel/errno.h>
#include <kernel/mm/map.h>
#include <kernel/mm/page.h>
#include <kernel/param.h>
#include <kernel/percpu.h>
#include <kernel/virt/x86.h>
#include "../kvm/internal.h"
#include "internal.h"

/*
 * TLFS, "Reporting the Guest OS Identity": types of open source systems are
 * Microsoft's to give out; this one, at the end of the range, is nobody's.
 */
#define GUEST_OS_TYPE	 0x7fULL
#define GUEST_OS_VERSION 0x000100ULL /* 0.1.0 */

/* HV_X64_MSR_HYPERCALL: then it cannot be changed. */
#define HYPERCALL_LOCKED BIT(1)

static bool no_hypercalls;
param_bool("no-hv-hypercalls", no_hypercalls,
	   "make no hypercalls of Hyper-V's interface");

static bool usable;
static u64 failures;
static DEFINE_PER_CPU(void *, inputs);

u64 hv_guest_os_id(void)
{
	return HV_GUEST_OS_OPEN_SOURCE |
	       GUEST_OS_TYPE << HV_GUEST_OS_TYPE_SHIFT |
	       GUEST_OS_VERSION << HV_GUEST_OS_VERSION_SHIFT;
}

u64 hv_call_failures(void)
{
	return atomic_read(&failures);
}

int hv_set_page(u32 msr, phys_addr_t address)
{
	u64 value;

	if (virt_rdmsr(msr, &value))
		return -EIO;
	value &= HV_MSR_PAGE_PRESERVED;
	return virt_wrmsr(msr, address ? value | address | HV_MSR_PAGE_ENABLED
				       : value);
}

void *hv_get_page(void **page)
{
	phys_addr_t phys;

	if (*page)
		return *page;
	phys = alloc_pages(0, ALLOC_ZERO);
	if (phys)
		*page = phys_to_virt(phys);
	return *page;
}

static int error_of(u64 result)
{
	u64 status = result & HV_RESULT_STATUS_MASK;

	if (status == HV_STATUS_SUCCESS)
		return 0;
	atomic_fetch_add_relaxed(&failures, (u64)1);
	return status == HV_STATUS_INVALID_HYPERCALL_CODE ? -ENOSYS : -EIO;
}

int hv_call_fast(u16 code, u64 a, u64 b)
{
	if (!READ_ONCE(usable))
		return -ENODEV;
	return error_of(hyperv_page_call(code | HV_HYPERCALL_FAST, a, b));
}

void *hv_call_input(void)
{
	return READ_ONCE(usable) ? this_cpu_read(inputs) : NULL;
}

static u64 call_with_input(u64 control, unsigned variable)
{
	control |= (u64)variable << HV_HYPERCALL_VARHEAD_SHIFT;
	return hyperv_page_call(control, virt_to_phys(this_cpu_read(inputs)),
				0);
}

int hv_call(u16 code, unsigned variable)
{
	if (!hv_call_input())
		return -ENODEV;
	return error_of(call_with_input(code, variable));
}

/* Each call does at least one element, or is the last. */
int hv_call_list(u16 code, unsigned variable, unsigned count)
{
	unsigned done = 0;

	if (!hv_call_input())
		return -ENODEV;
	while (done < count) {
		u64 result = call_with_input(
			code | (u64)count << HV_HYPERCALL_REP_COUNT |
				(u64)done << HV_HYPERCALL_REP_START,
			variable);
		unsigned now = (unsigned)(result >> HV_RESULT_REPS_SHIFT &
					  HV_HYPERCALL_REP_MASK);
		int err = error_of(result);

		if (err)
			return err;
		if (now <= done || now > count) {
			atomic_fetch_add_relaxed(&failures, (u64)1);
			return -EIO;
		}
		done = now;
	}
	return 0;
}

/* True if the page was filled in: an unknown call has a result, too. */
static bool answers(void)
{
	return hyperv_page_call(HV_CALL_NOTIFY_LONG_SPIN_WAIT |
					HV_HYPERCALL_FAST,
				0, 0) <= HV_RESULT_STATUS_MASK;
}

static int enable_page(void)
{
	phys_addr_t page = hyperv_call_page();
	u64 value;

	if (virt_rdmsr(HV_X64_MSR_HYPERCALL, &value))
		return -EIO;
	if (value & HYPERCALL_LOCKED)
		return -EBUSY;
	if (hv_set_page(HV_X64_MSR_HYPERCALL, page) ||
	    virt_rdmsr(HV_X64_MSR_HYPERCALL, &value) ||
	    (value & ~HV_MSR_PAGE_PRESERVED) != (page | HV_MSR_PAGE_ENABLED))
		return -EIO;
	return answers() ? 0 : -ENOSYS;
}

static void stop(void)
{
	WRITE_ONCE(usable, false);
	hv_set_page(HV_X64_MSR_HYPERCALL, 0);
	virt_wrmsr(HV_X64_MSR_GUEST_OS_ID, 0);
}

/*
 * KVM has one instruction for its own hypercalls and for those of Hyper-V's
 * interface: to a guest that has said who it is here the former are lost.
 */
static bool kvm_is_called(void)
{
	return virt_service_runs(HYPERV_TYPE_KVM, KVM_IPI) ||
	       virt_service_runs(HYPERV_TYPE_KVM, KVM_UNHALT) ||
	       virt_service_runs(HYPERV_TYPE_KVM, KVM_YIELD);
}

static int start(void)
{
	int err;

	if (kvm_is_called())
		return -ENODEV;
	if (virt_wrmsr(HV_X64_MSR_GUEST_OS_ID, hv_guest_os_id()))
		return -EIO;
	err = enable_page();
	if (err)
		stop();
	else
		WRITE_ONCE(usable, true);
	return err;
}

static int start_cpu(void)
{
	return hv_get_page(this_cpu_ptr(inputs)) ? 0 : -ENOMEM;
}

static const struct virt_service hypercall_service = {
	.hypervisor = HYPERV_TYPE_HYPERV,
	.feature = HV_HYPERCALLS,
	.off = &no_hypercalls,
	.start = start,
	.start_cpu = start_cpu,
	.stop = stop,
};
VIRT_SERVICE(4, hypercall_service);
