/* SPDX-License-Identifier: BSD-2-Clause */
/* Hyper-V's messages, events and timers, as a host may write them. */
#include "fake_hyperv.h"
#include <kernel/clockevent.h>
#include <kernel/irq.h>
#include <kernel/smp.h>
#include <kernel/timer.h>

#define VECTORS 4
#define SINT	5

static void (*handlers[VECTORS])(void);
static unsigned taken, timer_interrupts, got;
static struct hv_message last;
static u64 reference_ns;

int arch_take_callback_vector(void (*fn)(void), bool end)
{
	CHECK(end);
	if (taken == VECTORS)
		return -EBUSY;
	handlers[taken] = fn;
	return (int)(0xf3 + taken++);
}

void smp_call_mask(const struct cpumask *mask, void (*fn)(void *arg), void *arg)
{
	(void)mask;
	fn(arg);
}

bool irq_available(void)
{
	return true;
}

void timer_interrupt(void)
{
	timer_interrupts++;
}

u64 hv_reference_ns(void)
{
	return reference_ns;
}

static void take(const struct hv_message *message)
{
	got++;
	last = *message;
}

static void take_events(struct hv_event_flags *flags)
{
	got++;
	flags->flags[3] = 0;
}

static const struct hv_sint_listener ear = { take, take_events };

static struct hv_message *slot(unsigned sint)
{
	struct hv_message_page *page =
		(void *)(uintptr_t)(FAKE(HV_X64_MSR_SIMP) & ~0xfffULL);

	return &page->sint[sint];
}

static struct hv_event_flags *flags(unsigned sint)
{
	struct hv_event_flags_page *page =
		(void *)(uintptr_t)(FAKE(HV_X64_MSR_SIEFP) & ~0xfffULL);

	return &page->sint[sint];
}

/* Services are started once, as at boot; listeners stay. */
static void begin(void)
{
	static bool started;

	fake_hyperv_reset();
	FAKE(HV_X64_MSR_SVERSION) = HV_SYNIC_VERSION;
	for (unsigned i = 0; i < HV_SINT_COUNT; i++)
		FAKE(HV_X64_MSR_SINT(i)) = HV_SINT_MASKED;
	reference_ns = 1000000;
	if (!started) {
		CHECK_EQ(hv_synic_listen(SINT, &ear), -ENODEV);
		CHECK_EQ(fake_service(HV_SYNIC)->start(), 0);
	}
	CHECK_EQ(fake_service(HV_SYNIC)->start_cpu(), 0);
	if (!started) {
		CHECK_EQ(hv_synic_listen(SINT, &ear), 0);
		CHECK_EQ(fake_start(HV_STIMERS), 0);
		CHECK_EQ(fake_start(HV_DIRECT_TIMERS), 0);
	} else {
		CHECK_EQ(fake_service(HV_STIMERS)->start_cpu(), 0);
	}
	started = true;
	memset(slot(0), 0, sizeof(struct hv_message_page));
	memset(flags(0), 0, sizeof(struct hv_event_flags_page));
	timer_interrupts = got = 0;
}

TEST(pages_are_shared_and_given_back)
{
	begin();
	CHECK_EQ(FAKE(HV_X64_MSR_SIMP) & 0xfff, 1);
	CHECK_EQ(FAKE(HV_X64_MSR_SIEFP) & 0xfff, 1);
	CHECK_EQ(FAKE(HV_X64_MSR_SCONTROL), 1);
	CHECK_EQ(FAKE(HV_X64_MSR_SINT(SINT)), 0xf3);
	CHECK_EQ(FAKE(HV_X64_MSR_SINT(SINT + 1)), HV_SINT_MASKED);
	fake_stop(HV_STIMERS);
	fake_stop(HV_SYNIC);
	CHECK_EQ(FAKE(HV_X64_MSR_SIMP), 0);
	CHECK_EQ(FAKE(HV_X64_MSR_SIEFP), 0);
	CHECK_EQ(FAKE(HV_X64_MSR_SCONTROL), 0);
	CHECK(FAKE(HV_X64_MSR_SINT(SINT)) & HV_SINT_MASKED);
	/* An interrupt that was on its way finds nothing to look at. */
	handlers[0]();
	CHECK_EQ(got, 0);
}

TEST(source_has_one_listener)
{
	begin();
	CHECK_EQ(hv_synic_listen(SINT, &ear), -EBUSY);
	CHECK_EQ(hv_synic_listen(0, &ear), -EINVAL);
	CHECK_EQ(hv_synic_listen(HV_SINT_COUNT, &ear), -EINVAL);
}

TEST(message_is_copied_and_its_slot_freed)
{
	begin();
	slot(SINT)->payload[0] = 0x1234;
	slot(SINT)->payload_size = 8;
	slot(SINT)->message_type = 1;
	handlers[0]();
	CHECK_EQ(got, 1);
	CHECK_EQ(last.payload[0], 0x1234);
	CHECK_EQ(slot(SINT)->message_type, HV_MESSAGE_NONE);
	CHECK_EQ(fake_writes[fake_index(HV_X64_MSR_EOM)], 0);
	/* An interrupt for nothing. */
	handlers[0]();
	CHECK_EQ(got, 1);
}

TEST(end_of_message_is_told_when_others_wait)
{
	begin();
	slot(SINT)->message_type = 1;
	slot(SINT)->message_flags = HV_MESSAGE_PENDING;
	handlers[0]();
	CHECK_EQ(fake_writes[fake_index(HV_X64_MSR_EOM)], 1);
	CHECK_EQ(got, 1);
}

TEST(message_of_impossible_size_is_counted_and_dropped)
{
	u64 odd = hv_odd_messages();

	begin();
	slot(SINT)->message_type = 1;
	slot(SINT)->payload_size = HV_MESSAGE_PAYLOAD_MAX + 1;
	handlers[0]();
	CHECK_EQ(got, 0);
	CHECK_EQ(hv_odd_messages(), odd + 1);
	CHECK_EQ(slot(SINT)->message_type, HV_MESSAGE_NONE);
}

TEST(message_where_nobody_listens_stays)
{
	begin();
	slot(9)->message_type = 1;
	handlers[0]();
	CHECK_EQ(got, 0);
	CHECK_EQ(slot(9)->message_type, 1);
}

TEST(events_are_handed_over)
{
	begin();
	flags(SINT)->flags[3] = 1;
	handlers[0]();
	CHECK_EQ(got, 1);
	handlers[0]();
	CHECK_EQ(got, 1);
}

/* The source that timers send to, as the register says. */
static unsigned timer_sint(void)
{
	for (unsigned i = 1; i < HV_SINT_COUNT; i++)
		if (i != SINT && !(FAKE(HV_X64_MSR_SINT(i)) & HV_SINT_MASKED))
			return i;
	CHECK(false);
	return 0;
}

static void timer_message(u32 type, u8 size, u32 index)
{
	struct hv_timer_message timer = { .timer_index = index };
	struct hv_message *message = slot(timer_sint());

	memcpy(message->payload, &timer, sizeof(timer));
	message->payload_size = size;
	message->message_type = type;
	handlers[0]();
	CHECK_EQ(message->message_type, HV_MESSAGE_NONE);
}

TEST(only_a_timer_s_message_is_a_timer_s_interrupt)
{
	begin();
	timer_message(HV_MESSAGE_TIMER_EXPIRED, 24, 1);
	CHECK_EQ(timer_interrupts, 1);
	timer_message(HV_MESSAGE_TIMER_EXPIRED, 24, HV_STIMER_TEST_MESSAGE);
	CHECK_EQ(timer_interrupts, 2);
	timer_message(HV_MESSAGE_TIMER_EXPIRED, 24, 0);
	timer_message(HV_MESSAGE_TIMER_EXPIRED, 24, 4);
	timer_message(HV_MESSAGE_TIMER_EXPIRED, 24, UINT32_MAX);
	timer_message(HV_MESSAGE_TIMER_EXPIRED, 23, 1);
	timer_message(HV_MESSAGE_TIMER_EXPIRED, 0, 1);
	timer_message(1, 24, 1);
	CHECK_EQ(timer_interrupts, 2);
}

static struct clockevent *event(const char *name)
{
	table_for_each(struct clockevent, clockevent, it)
		if (!strcmp((*it)->name, name))
			return *it;
	return NULL;
}

TEST(timers_are_set_to_reference_time_rounded_up)
{
	struct clockevent *direct = event("hyperv-direct");
	struct clockevent *message = event("hyperv-message");

	begin();
	CHECK_EQ(direct->probe(), 0);
	CHECK_EQ(FAKE(HV_X64_MSR_STIMER_CONFIG(0)),
		 HV_STIMER_DIRECT | HV_STIMER_AUTO_ENABLE | 0xf4ULL << 4);
	direct->set(150);
	CHECK_EQ(FAKE(HV_X64_MSR_STIMER_COUNT(0)), 10002);
	direct->stop();
	CHECK_EQ(FAKE(HV_X64_MSR_STIMER_COUNT(0)), 0);
	CHECK_EQ(message->probe(), 0);
	CHECK_EQ(FAKE(HV_X64_MSR_STIMER_CONFIG(1)),
		 HV_STIMER_AUTO_ENABLE | (u64)timer_sint() << 16);
	/* A count of 0 would be never. */
	reference_ns = 0;
	message->set(0);
	CHECK_EQ(FAKE(HV_X64_MSR_STIMER_COUNT(1)), 1);
	handlers[1]();
	CHECK_EQ(timer_interrupts, 1);
}

TEST(timers_that_refuse_are_not_used)
{
	begin();
	fake_no_write[fake_index(HV_X64_MSR_STIMER_CONFIG(0))] = true;
	CHECK_EQ(event("hyperv-direct")->probe(), -EIO);
	fake_stop(HV_STIMERS);
	CHECK_EQ(event("hyperv-message")->probe(), -ENODEV);
}

TEST(controller_of_another_version_is_not_used)
{
	begin();
	FAKE(HV_X64_MSR_SVERSION) = 2;
	CHECK_EQ(fake_service(HV_SYNIC)->start(), -ENODEV);
	fake_no_msr[fake_index(HV_X64_MSR_SVERSION)] = true;
	CHECK_EQ(fake_service(HV_SYNIC)->start(), -EIO);
	begin();
	fake_no_write[fake_index(HV_X64_MSR_SIEFP)] = true;
	CHECK_EQ(fake_service(HV_SYNIC)->start_cpu(), -EIO);
	CHECK_EQ(FAKE(HV_X64_MSR_SIMP) & 1, 0);
}
