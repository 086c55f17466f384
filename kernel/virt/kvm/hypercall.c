/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * May hypercalls be made? On one known host the instruction never returns. So
 * the first one is made where that costs least: by the first CPU that comes up
 * beside the boot CPU, which goes on without it if it is not heard of again;
 * or, where there is one CPU only, by a thread of its own.
 */
#define pr_fmt(fmt) "kvm: " fmt

#include <abi/kvm/hypercall.h>
#include <kernel/atomic.h>
#include <kernel/completion.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/param.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <kernel/string.h>
#include <kernel/virt/driver.h>
#include <kernel/virt/paravirt.h>
#include <kernel/virt/service.h>
#include <kernel/virt/x86.h>
#include "internal.h"

/* A hypercall takes microseconds; the host may be busy. */
#define TRIAL_TIMEOUT_MS 500

static bool no_hypercalls;
param_bool("no-kvm-hypercalls", no_hypercalls,
	   "make no hypercalls: neither IPIs, kicks, yields nor clock pairing");

enum trial {
	TRIAL_NOT_YET,
	TRIAL_BEGUN,
	TRIAL_RETURNED,
	TRIAL_REFUSED, /* it returned that there are no hypercalls */
};
static unsigned trial;

bool kvm_hypercalls_return(void)
{
	return atomic_read(&trial) == TRIAL_RETURNED;
}

static bool wanted(void)
{
	return virt_paravirt_allowed() && !no_hypercalls &&
	       (virt_service_runs(HYPERV_TYPE_KVM, KVM_IPI) ||
		virt_service_runs(HYPERV_TYPE_KVM, KVM_UNHALT) ||
		virt_service_runs(HYPERV_TYPE_KVM, KVM_YIELD));
}

static void try_once(void)
{
	unsigned before = TRIAL_NOT_YET;
	long result;

	if (!atomic_cmpxchg(&trial, &before, (unsigned)TRIAL_BEGUN))
		return;
	result = kvm_hypercall(KVM_HC_VAPIC_POLL_IRQ, 0, 0, 0, 0);
	atomic_write(&trial,
		     (unsigned)(result ? TRIAL_REFUSED : TRIAL_RETURNED));
}

static int try_on_other_cpu(void)
{
	if (wanted())
		try_once();
	return 0;
}
initcall_cpu(INIT_PARAVIRT, try_on_other_cpu);

static void trial_thread(void *arg)
{
	struct completion *done = arg;

	try_once();
	complete(done);
}

/* If it is stuck, it stays: others take turns with it. */
static void try_in_thread(void)
{
	static struct completion done;
	static const struct thread_attr attr = {
		.priority = THREAD_PRIORITY_LOW,
		.detached = true,
	};

	if (thread_create("kvm-trial", trial_thread, &done, &attr))
		completion_wait_until(&done, time_ns() + TRIAL_TIMEOUT_MS *
								 NSEC_PER_MSEC);
}

static void give_up(const char *why)
{
	static const char *const features[] = { KVM_IPI, KVM_UNHALT,
						KVM_YIELD };

	for (unsigned i = 0; i < ARRAY_SIZE(features); i++)
		virt_service_failed(HYPERV_TYPE_KVM, features[i], why);
}

static int judge(void)
{
	if (no_hypercalls)
		give_up("no-kvm-hypercalls is on the command line");
	if (!wanted())
		return 0;
	if (atomic_read(&trial) == TRIAL_NOT_YET)
		try_in_thread();
	if (atomic_read(&trial) == TRIAL_BEGUN)
		give_up("a hypercall does not return");
	else if (!kvm_hypercalls_return())
		give_up("the hypervisor knows no hypercalls");
	return 0;
}
initcall(INIT_BUS, judge);
