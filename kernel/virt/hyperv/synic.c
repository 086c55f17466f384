/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The synthetic interrupt controller: for each CPU a page of messages and one
 * of event flags, with a slot for each of 16 sources, all of which interrupt
 * by one vector. A source is unmasked when somebody listens to it.
 */
#define pr_fmt(fmt) "hyperv: " fmt

#include <kernel/atomic.h>
#include <kernel/errno.h>
#include <kernel/mm/map.h>
#include <kernel/param.h>
#include <kernel/percpu.h>
#include <kernel/smp.h>
#include <kernel/string.h>
#include <kernel/virt/x86.h>
#include "internal.h"

static bool no_synic;
param_bool("no-hv-synic", no_synic,
	   "do not use Hyper-V's synthetic interrupt controller");

static unsigned vector;
static const struct hv_sint_listener *listeners[HV_SINT_COUNT];
static DEFINE_PER_CPU(void *, message_page);
static DEFINE_PER_CPU(void *, event_page);
static DEFINE_PER_CPU(bool, synic_on);
static u64 messages, odd;

u64 hv_messages(void)
{
	return atomic_read(&messages);
}

u64 hv_odd_messages(void)
{
	return atomic_read(&odd);
}

/*
 * The slot has one message at a time, and an interrupt for each. It is copied,
 * because the host may still write there, and freed at once.
 */
static void take_message(struct hv_message *slot,
			 const struct hv_sint_listener *listener)
{
	struct hv_message copy;

	/* Before the loads of the message, which was stored before it. */
	if (atomic_load_acquire(&slot->message_type) == HV_MESSAGE_NONE)
		return;
	memcpy(&copy, slot, sizeof(copy));
	/* The loads above come before the slot is free, ... */
	atomic_store_release(&slot->message_type, HV_MESSAGE_NONE);
	/* ... and that before the look whether another one waits for it. */
	fence_full();
	if (READ_ONCE(slot->message_flags) & HV_MESSAGE_PENDING)
		virt_wrmsr(HV_X64_MSR_EOM, 0);
	atomic_fetch_add_relaxed(&messages, (u64)1);
	if (!listener->message || copy.message_type == HV_MESSAGE_NONE ||
	    copy.payload_size > HV_MESSAGE_PAYLOAD_MAX)
		atomic_fetch_add_relaxed(&odd, (u64)1);
	else
		listener->message(&copy);
}

static bool has_event(const struct hv_event_flags *flags)
{
	for (unsigned i = 0; i < HV_EVENT_FLAGS / 64; i++)
		if (READ_ONCE(flags->flags[i]))
			return true;
	return false;
}

static void synic_interrupt(void)
{
	struct hv_message_page *page = this_cpu_read(message_page);
	struct hv_event_flags_page *events = this_cpu_read(event_page);

	if (!this_cpu_read(synic_on))
		return;
	for (unsigned i = 0; i < HV_SINT_COUNT; i++) {
		const struct hv_sint_listener *listener =
			atomic_load_acquire(&listeners[i]);

		if (!listener)
			continue;
		take_message(&page->sint[i], listener);
		if (listener->events && has_event(&events->sint[i]))
			listener->events(&events->sint[i]);
	}
}

static int set_source(unsigned sint, u64 bits)
{
	u64 value;

	if (virt_rdmsr(HV_X64_MSR_SINT(sint), &value))
		return -EIO;
	value &= ~(HV_SINT_VECTOR_MASK | HV_SINT_MASKED | HV_SINT_AUTO_EOI |
		   HV_SINT_POLLING);
	return virt_wrmsr(HV_X64_MSR_SINT(sint), value | bits);
}

static void unmask_here(void *arg)
{
	unsigned sint = *(const unsigned *)arg;

	if (this_cpu_read(synic_on))
		set_source(sint, vector);
}

int hv_synic_listen(unsigned sint, const struct hv_sint_listener *listener)
{
	const struct hv_sint_listener *nobody = NULL;

	/* Source 0 is the hypervisor's own. */
	if (!sint || sint >= HV_SINT_COUNT)
		return -EINVAL;
	if (!this_cpu_read(synic_on))
		return -ENODEV;
	if (!atomic_cmpxchg(&listeners[sint], &nobody, listener))
		return -EBUSY;
	if (cpumask_count(&cpu_online_mask) > 1)
		smp_call_mask(&cpu_online_mask, unmask_here, &sint);
	else
		unmask_here(&sint);
	return 0;
}

static int set_enabled(bool on)
{
	u64 value;

	if (virt_rdmsr(HV_X64_MSR_SCONTROL, &value))
		return -EIO;
	value &= ~HV_SCONTROL_ENABLE;
	return virt_wrmsr(HV_X64_MSR_SCONTROL,
			  on ? value | HV_SCONTROL_ENABLE : value);
}

static int share_page(u32 msr, void **slot)
{
	void *page = hv_get_page(slot);

	if (!page)
		return -ENOMEM;
	return hv_set_page(msr, virt_to_phys(page));
}

static void stop_cpu(void)
{
	this_cpu_write(synic_on, false);
	for (unsigned i = 0; i < HV_SINT_COUNT; i++)
		if (READ_ONCE(listeners[i]))
			set_source(i, vector | HV_SINT_MASKED);
	set_enabled(false);
	hv_set_page(HV_X64_MSR_SIEFP, 0);
	hv_set_page(HV_X64_MSR_SIMP, 0);
}

static int start_cpu(void)
{
	int err = share_page(HV_X64_MSR_SIMP, this_cpu_ptr(message_page));

	if (!err)
		err = share_page(HV_X64_MSR_SIEFP, this_cpu_ptr(event_page));
	if (!err)
		err = set_enabled(true);
	if (err) {
		stop_cpu();
		return err;
	}
	this_cpu_write(synic_on, true);
	for (unsigned i = 0; i < HV_SINT_COUNT; i++)
		if (READ_ONCE(listeners[i]))
			unmask_here(&i);
	return 0;
}

static int start(void)
{
	u64 version;
	int ret;

	if (virt_rdmsr(HV_X64_MSR_SVERSION, &version))
		return -EIO;
	if ((u32)version != HV_SYNIC_VERSION)
		return -ENODEV;
	ret = arch_take_callback_vector(synic_interrupt, true);
	if (ret < 0)
		return ret;
	vector = (unsigned)ret;
	return 0;
}

static const struct virt_service synic_service = {
	.hypervisor = HYPERV_TYPE_HYPERV,
	.feature = HV_SYNIC,
	.off = &no_synic,
	.start = start,
	.start_cpu = start_cpu,
	.stop_cpu = stop_cpu,
};
VIRT_SERVICE(4, synic_service);
