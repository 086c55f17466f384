/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Synthetic timers, four for each CPU. They are set to a reference time, and
 * interrupt by a vector of their own (direct mode) or send a message.
 */
#define pr_fmt(fmt) "hyperv: " fmt

#include <kernel/atomic.h>
#include <kernel/clockevent.h>
#include <kernel/errno.h>
#include <kernel/irq.h>
#include <kernel/param.h>
#include <kernel/percpu.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <kernel/timer.h>
#include <kernel/virt/x86.h>
#include "internal.h"

/* Above the local APIC's count, below its TSC deadline. */
#define RATING_DIRECT  260
#define RATING_MESSAGE 220
#define SET_MAX_NS     (1000 * NSEC_PER_SEC)
#define NS_PER_UNIT    100

#define TIMER_DIRECT  0
#define TIMER_MESSAGE 1

/* Policy: source 2 is that of VMBus where there is one. */
#define TIMER_SINT 3

static bool no_timers, no_direct;
param_bool("no-hv-synthetic-timers", no_timers,
	   "do not use Hyper-V's synthetic timers");
param_bool("no-hv-direct-timers", no_direct,
	   "use Hyper-V's synthetic timers by messages only");

static unsigned vector; /* of direct mode */
static bool by_message;
static DEFINE_PER_CPU(u64, seen_ns);
static DEFINE_PER_CPU(bool, stimers_on);

u64 hv_stimer_seen_ns(void)
{
	return this_cpu_read(seen_ns);
}

static void fired(void)
{
	this_cpu_write(seen_ns, hv_reference_ns());
	timer_interrupt();
}

static void take_timer_message(const struct hv_message *message)
{
	struct hv_timer_message timer;

	memcpy(&timer, message->payload, sizeof(timer));
	if (message->message_type != HV_MESSAGE_TIMER_EXPIRED ||
	    message->payload_size < sizeof(timer) ||
	    (timer.timer_index != TIMER_MESSAGE &&
	     timer.timer_index != HV_STIMER_TEST_MESSAGE))
		return;
	fired();
}

static const struct hv_sint_listener listener = {
	.message = take_timer_message,
};

static u64 config_of(bool direct)
{
	u64 how = direct ? HV_STIMER_DIRECT | (u64)vector
						      << HV_STIMER_VECTOR_SHIFT
			 : (u64)TIMER_SINT << HV_STIMER_SINT_SHIFT;

	return how | HV_STIMER_AUTO_ENABLE;
}

/* A timer that may run is disabled first (TLFS). */
static int configure(unsigned index, bool direct)
{
	if (!this_cpu_read(stimers_on) || !(direct ? vector : by_message))
		return -ENODEV;
	if (virt_wrmsr(HV_X64_MSR_STIMER_CONFIG(index), 0))
		return -EIO;
	return virt_wrmsr(HV_X64_MSR_STIMER_CONFIG(index), config_of(direct));
}

/* 0 would stop it. */
static void set_count(unsigned index, u64 due_ns)
{
	u64 count = (due_ns + NS_PER_UNIT - 1) / NS_PER_UNIT;

	virt_wrmsr(HV_X64_MSR_STIMER_COUNT(index), MAX(count, 1));
}

int hv_stimer_set(unsigned index, bool direct, u64 due_ns)
{
	int err = configure(index, direct);

	if (!err)
		set_count(index, due_ns);
	return err;
}

static int direct_init_cpu(void)
{
	return configure(TIMER_DIRECT, true);
}

static void direct_set(u64 ns)
{
	set_count(TIMER_DIRECT, hv_reference_ns() + ns);
}

static void direct_stop(void)
{
	virt_wrmsr(HV_X64_MSR_STIMER_COUNT(TIMER_DIRECT), 0);
}

static int direct_probe(void)
{
	return irq_available() ? direct_init_cpu() : -ENODEV;
}

static struct clockevent direct_event = {
	.name = "hyperv-direct",
	.rating = RATING_DIRECT,
	.per_cpu = true,
	.probe = direct_probe,
	.release = direct_stop,
	.init_cpu = direct_init_cpu,
	.set = direct_set,
	.stop = direct_stop,
	.max_ns = SET_MAX_NS,
};
CLOCKEVENT(direct_event);

static int message_init_cpu(void)
{
	return configure(TIMER_MESSAGE, false);
}

static void message_set(u64 ns)
{
	set_count(TIMER_MESSAGE, hv_reference_ns() + ns);
}

static void message_stop(void)
{
	virt_wrmsr(HV_X64_MSR_STIMER_COUNT(TIMER_MESSAGE), 0);
}

static int message_probe(void)
{
	return irq_available() ? message_init_cpu() : -ENODEV;
}

static struct clockevent message_event = {
	.name = "hyperv-message",
	.rating = RATING_MESSAGE,
	.per_cpu = true,
	.probe = message_probe,
	.release = message_stop,
	.init_cpu = message_init_cpu,
	.set = message_set,
	.stop = message_stop,
	.max_ns = SET_MAX_NS,
};
CLOCKEVENT(message_event);

static int start(void)
{
	if (!hv_reference_ns())
		return -ENODEV;
	by_message =
		hv_runs(HV_SYNIC) && !hv_synic_listen(TIMER_SINT, &listener);
	return by_message || hv_offers(HV_DIRECT_TIMERS) ? 0 : -ENODEV;
}

static int start_cpu(void)
{
	this_cpu_write(stimers_on, true);
	return 0;
}

static void stop_cpu(void)
{
	this_cpu_write(stimers_on, false);
	for (unsigned i = 0; i < HV_STIMER_COUNT; i++)
		virt_wrmsr(HV_X64_MSR_STIMER_CONFIG(i), 0);
}

static const struct virt_service timer_service = {
	.hypervisor = HYPERV_TYPE_HYPERV,
	.feature = HV_STIMERS,
	.off = &no_timers,
	.start = start,
	.start_cpu = start_cpu,
	.stop_cpu = stop_cpu,
};
VIRT_SERVICE(5, timer_service);

static int start_direct(void)
{
	int ret = arch_take_callback_vector(fired, true);

	if (ret < 0)
		return ret;
	vector = (unsigned)ret;
	return 0;
}

static const struct virt_service direct_service = {
	.hypervisor = HYPERV_TYPE_HYPERV,
	.feature = HV_DIRECT_TIMERS,
	.requires = HV_STIMERS,
	.off = &no_direct,
	.start = start_direct,
};
VIRT_SERVICE(6, direct_service);
