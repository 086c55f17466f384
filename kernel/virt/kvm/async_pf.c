/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Asynchronous page faults. When a page of this guest is not in the host's
 * memory, the host tells the CPU that wanted it, by a page fault with a token
 * instead of an address. The thread sleeps, others run, and an interrupt with
 * the same token says that the page is there.
 *
 * A fault where nobody can sleep is answered by trying again: then the host
 * halts the CPU by itself until it has the page.
 */
#define pr_fmt(fmt) "kvm: " fmt

#include <abi/kvm/msr.h>
#include <kernel/atomic.h>
#include <kernel/cpu.h>
#include <kernel/mm/map.h>
#include <kernel/param.h>
#include <kernel/percpu.h>
#include <kernel/sched.h>
#include <kernel/spinlock.h>
#include <kernel/virt/service.h>
#include <kernel/virt/x86.h>
#include "internal.h"

/* Then the thread tries again: the host may have forgotten. */
#define WAIT_MAX_MS 1000

static bool no_async_pf;
param_bool("no-kvm-async-pf", no_async_pf,
	   "let the host stop a CPU while it fetches a page");

/* One that sleeps: on its own stack. */
struct sleeper {
	struct sleeper *next;
	struct thread *thread;
	u32 token;
	bool there; /* its page is */
};

typedef struct kvm_vcpu_pv_apf_data apf_page
	__attribute__((aligned(sizeof(struct kvm_vcpu_pv_apf_data))));
static DEFINE_PER_CPU(apf_page, apf_pages);

static struct {
	struct spinlock lock; /* interrupts masked; protects what follows */
	struct sleeper *first;
	u64 waits;
} apf;
static unsigned vector;

static void enter(struct sleeper *sleeper, u32 token)
{
	sleeper->thread = current_thread();
	sleeper->token = token;
	spin_lock(&apf.lock);
	sleeper->next = apf.first;
	apf.first = sleeper;
	apf.waits++;
	spin_unlock(&apf.lock);
}

static void leave(struct sleeper *sleeper)
{
	struct sleeper **link = &apf.first;

	spin_lock(&apf.lock);
	while (*link != sleeper)
		link = &(*link)->next;
	*link = sleeper->next;
	spin_unlock(&apf.lock);
}

static void sleep_until_there(struct sleeper *sleeper)
{
	u64 until = time_ns() + WAIT_MAX_MS * NSEC_PER_MSEC;

	for (;;) {
		sched_prepare_sleep();
		/* Set before the wake-up, which makes it seen here. */
		if (READ_ONCE(sleeper->there) || !sched_sleep(until))
			break;
	}
	sched_cancel_sleep();
}

/* Not what must not, and not an idle thread, which must always run. */
static bool can_sleep(void)
{
	return sched_running() && !preempt_disabled() &&
	       current_thread()->priority != THREAD_PRIORITY_IDLE;
}

/*
 * The interrupt for a token comes to the same CPU as the fault, on which
 * interrupts are masked until the sleeper is in the list.
 */
bool kvm_page_fault(uintptr_t address, bool unmasked);
bool kvm_page_fault(uintptr_t address, bool unmasked)
{
	struct kvm_vcpu_pv_apf_data *page = this_cpu_ptr(apf_pages);
	struct sleeper sleeper = { 0 };

	if (likely(!READ_ONCE(page->flags)))
		return false;
	WRITE_ONCE(page->flags, 0);
	if (!unmasked || !can_sleep())
		return true;
	enter(&sleeper, (u32)address);
	local_irq_enable();
	sleep_until_there(&sleeper);
	local_irq_disable();
	leave(&sleeper);
	return true;
}

static void wake(u32 token)
{
	spin_lock(&apf.lock);
	for (struct sleeper *s = apf.first; s; s = s->next) {
		if (s->token != token && token != KVM_APF_TOKEN_ALL)
			continue;
		WRITE_ONCE(s->there, true);
		thread_wake(s->thread);
	}
	spin_unlock(&apf.lock);
}

static void page_there(void)
{
	struct kvm_vcpu_pv_apf_data *page = this_cpu_ptr(apf_pages);
	u32 token = READ_ONCE(page->token);

	if (!token)
		return;
	wake(token);
	/* The host writes the next one only after it is told. */
	WRITE_ONCE(page->token, 0);
	virt_wrmsr(MSR_KVM_ASYNC_PF_ACK, 1);
}

u64 kvm_apf_waits(void)
{
	return READ_ONCE(apf.waits);
}

static int start(void)
{
	int ret = arch_take_callback_vector(page_there, true);

	if (ret < 0)
		return ret;
	vector = (unsigned)ret;
	return static_call_update(host_page_fault, kvm_page_fault);
}

static int start_cpu(void)
{
	int err = virt_wrmsr(MSR_KVM_ASYNC_PF_INT, vector);

	if (err)
		return err;
	return virt_wrmsr(MSR_KVM_ASYNC_PF_EN,
			  virt_to_phys(this_cpu_ptr(apf_pages)) |
				  KVM_ASYNC_PF_DELIVERY_AS_INT |
				  KVM_ASYNC_PF_SEND_ALWAYS | KVM_MSR_ENABLED);
}

static void stop_cpu(void)
{
	virt_wrmsr(MSR_KVM_ASYNC_PF_EN, 0);
}

static const struct virt_service async_pf_service = {
	.hypervisor = HYPERV_TYPE_KVM,
	.feature = KVM_ASYNC_PF_INT,
	.also = KVM_ASYNC_PF,
	.off = &no_async_pf,
	.start = start,
	.start_cpu = start_cpu,
	.stop_cpu = stop_cpu,
};
VIRT_SERVICE(2, async_pf_service);
