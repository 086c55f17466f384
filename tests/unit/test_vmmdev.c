/* SPDX-License-Identifier: BSD-2-Clause */
/* VirtualBox's device, with hosts that answer well, badly or not at all. */
#include <kernel/power_hook.h>
#include <kernel/wallclock.h>
#include "fake_vmmdev.h"

static struct vmmdev *the(void)
{
	return device_data(&pdev.dev);
}

static const struct wallclock *clock(void)
{
	table_for_each(const struct wallclock, wallclock, it)
		return *it;
	return NULL;
}

static const struct power_hook *hook(void)
{
	table_for_each(const struct power_hook, power_hook, it)
		return *it;
	return NULL;
}

TEST(device_is_introduced_and_given_back)
{
	new_host();
	CHECK_EQ(probe(), 0);
	CHECK(host.in_use && line);
	CHECK_EQ(the()->major, 7);
	CHECK_EQ(the()->heartbeat_ns, 2000000000);
	CHECK_EQ(host.requests[VMMDEV_REQ_REPORT_GUEST_INFO2], 1);
	CHECK_EQ(state_of(VBOX_VMMDEV), VIRT_OFFERED | VIRT_ENABLED);
	CHECK_EQ(state_of(VBOX_EVENTS), VIRT_OFFERED | VIRT_ENABLED);
	CHECK_EQ(state_of(VBOX_HGCM), VIRT_OFFERED);
	CHECK_EQ(state_of(VBOX_HOST_TIME), VIRT_OFFERED);
	remove_and_check(0);
	CHECK_EQ(host_run_work(), 0);
	CHECK(!vmmdev_get());
}

TEST(device_without_its_regions_is_left_alone)
{
	new_host();
	pdev.region[0].flags = 0;
	CHECK_EQ(probe(), -ENODEV);
	CHECK(!host.enabled && !host.pages);

	new_host();
	pdev.region[0].start = 0xfff0;
	CHECK_EQ(probe(), -ENODEV);

	new_host();
	pdev.region[1].size = 0;
	CHECK_EQ(probe(), -ENODEV);

	new_host();
	host.no_memory = true;
	CHECK_EQ(probe(), -ENOMEM);
	CHECK(!host.enabled && !host.pages);
}

TEST(second_device_is_refused)
{
	struct pci_device first;

	new_host();
	CHECK_EQ(probe(), 0);
	first = pdev;
	CHECK_EQ(probe(), -EBUSY);
	pdev = first;
	host.enabled = true;
	remove_and_check(0);
}

TEST(answer_with_another_header_breaks_the_device_with_one_message)
{
	u64 ms;

	for (enum lie lie = LIES_SIZE; lie <= LIES_SILENT; lie++) {
		new_host();
		CHECK_EQ(probe(), 0);
		host_said_count = 0;
		host.lie = lie;
		host.lie_about = VMMDEV_REQ_GET_HOST_TIME;
		CHECK_EQ(vmmdev_host_time(the(), &ms), -EBADMSG);
		CHECK_EQ(host_said_count, 1);
		CHECK(strstr(host_said, "broken"));
		/* Nothing is asked any more. */
		host.requests[VMMDEV_REQ_GET_HOST_TIME] = 0;
		CHECK_EQ(vmmdev_host_time(the(), &ms), -EIO);
		CHECK_EQ(host.requests[VMMDEV_REQ_GET_HOST_TIME], 0);
		CHECK_EQ(host_said_count, 1);
		remove_and_check(0);
	}
}

TEST(host_that_lies_at_once_is_not_used)
{
	for (enum lie lie = LIES_SIZE; lie <= LIES_SILENT; lie++) {
		new_host();
		host.lie = lie;
		CHECK(probe() < 0);
		CHECK(!host.enabled && !host.pages && !line);
	}
}

TEST(request_that_the_host_refuses_is_an_error_and_no_more)
{
	static const struct {
		s32 rc;
		int err;
	} cases[] = {
		{ VERR_NOT_IMPLEMENTED, -ENOSYS },
		{ VERR_NOT_FOUND, -ENOENT },
		{ -99999, -EIO },
		{ 5, 0 },
	};
	u64 ms;

	new_host();
	CHECK_EQ(probe(), 0);
	host.rc_of = VMMDEV_REQ_GET_HOST_TIME;
	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		host.rc = cases[i].rc;
		CHECK_EQ(vmmdev_host_time(the(), &ms), cases[i].err);
	}
	host.rc_of = 0;
	CHECK_EQ(vmmdev_host_time(the(), &ms), 0);
	CHECK_EQ(ms, host.time_ms);
	remove_and_check(0);
}

TEST(old_host_without_the_second_report_is_used)
{
	new_host();
	host.rc_of = VMMDEV_REQ_REPORT_GUEST_INFO2;
	host.rc = VERR_NOT_IMPLEMENTED;
	CHECK_EQ(probe(), 0);
	remove_and_check(0);
}

TEST(time_of_day_is_the_host_s)
{
	u64 ns = 0;

	new_host();
	CHECK_EQ(clock()->read(&ns), -ENODEV);
	CHECK_EQ(probe(), 0);
	CHECK_EQ(clock()->read(&ns), 0);
	CHECK_EQ(ns, 1700000000000000000ULL);
	host.time_ms = UINT64_MAX;
	CHECK_EQ(clock()->read(&ns), -ERANGE);
	remove_and_check(0);
}

TEST(events_are_acknowledged_and_only_what_was_asked_for_counts)
{
	for (unsigned slow = 0; slow < 2; slow++) {
		new_host();
		if (slow)
			host.features &= ~VMMDEV_HVF_FAST_IRQ_ACK;
		CHECK_EQ(probe(), 0);
		host.memory.have_events = 0;
		CHECK_EQ(line->handler(line->context), IRQ_NONE);
		CHECK_EQ(interrupt(VMMDEV_EVENT_HGCM), IRQ_HANDLED);
		CHECK_EQ(woken, 1);
		CHECK(!host.memory.have_events);
		CHECK_EQ(interrupt(1U << 20), IRQ_HANDLED);
		CHECK_EQ(woken, 1);
		CHECK_EQ(the()->events, VMMDEV_EVENT_HGCM);
		CHECK_EQ(the()->interrupts, 2);
		remove_and_check(0);
	}
}

TEST(storm_of_events_ends_with_each_interrupt)
{
	new_host();
	CHECK_EQ(probe(), 0);
	for (unsigned i = 0; i < 10000; i++)
		CHECK_EQ(interrupt(~0U), IRQ_HANDLED);
	CHECK_EQ(the()->interrupts, 10000);
	CHECK_EQ(stirred, 10000);
	remove_and_check(0);
}

TEST(machine_that_goes_on_from_a_saved_state_draws_other_numbers)
{
	new_host();
	CHECK_EQ(probe(), 0);
	interrupt(VMMDEV_EVENT_RESTORED);
	CHECK_EQ(stirred, 1);
	CHECK_EQ(host.requests[VMMDEV_REQ_GET_SESSION_ID], 1);
	remove_and_check(0);
}

TEST(device_without_a_line_works)
{
	new_host();
	host.no_line = true;
	CHECK_EQ(probe(), 0);
	CHECK(!line);
	CHECK_EQ(state_of(VBOX_EVENTS), 0);
	remove_and_check(0);
}

TEST(heart_beats_as_often_as_the_host_wants)
{
	new_host();
	CHECK_EQ(probe(), 0);
	for (unsigned i = 1; i < 4; i++) {
		struct vmmdev *v = the();

		v->heartbeat.work.fn(&v->heartbeat.work);
		CHECK_EQ(v->beats, i);
	}
	CHECK_EQ(host.requests[VMMDEV_REQ_GUEST_HEARTBEAT], 3);
	remove_and_check(0);
	CHECK_EQ(host_run_work(), 0);
}

TEST(interval_that_makes_no_sense_is_no_heartbeat)
{
	static const u64 intervals[] = { 0, 1, UINT64_MAX };

	for (unsigned i = 0; i < ARRAY_SIZE(intervals); i++) {
		new_host();
		host.interval_ns = intervals[i];
		CHECK_EQ(probe(), 0);
		CHECK_EQ(host_run_work(), 0);
		CHECK(strstr(host_said, "makes no sense"));
		CHECK_EQ(state_of(VBOX_HEARTBEAT), VIRT_OFFERED);
		remove_and_check(0);
	}
}

TEST(panic_is_one_line_in_the_host_s_log)
{
	char text[2000];

	new_host();
	hook()->panicked("nobody hears it");
	CHECK_EQ(host.log_length, 0);
	CHECK_EQ(probe(), 0);
	hook()->panicked("oh\nno");
	CHECK_STR(host.log, "oh no\n");
	CHECK_EQ(host.requests[VMMDEV_REQ_REPORT_GUEST_STATUS], 2);
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	host.log_length = 0;
	hook()->panicked(text);
	CHECK_EQ(host.log_length, VMMDEV_LOG_LINE_MAX + 1);
	remove_and_check(0);
}

/* A CPU that was stopped in a request holds the lock for ever. */
TEST(host_is_told_of_a_panic_while_somebody_holds_the_lock)
{
	new_host();
	CHECK_EQ(probe(), 0);
	spin_lock(&the()->lock);
	hook()->panicked("bad");
	hook()->poweroff();
	spin_unlock(&the()->lock);
	CHECK_STR(host.log, "bad\n");
	CHECK_EQ(host.requests[VMMDEV_REQ_SET_POWER_STATUS], 1);
	remove_and_check(0);
}

TEST(orderly_end_stops_the_heartbeat)
{
	new_host();
	CHECK_EQ(probe(), 0);
	hook()->closing();
	CHECK_EQ(host_run_work(), 0);
	CHECK_EQ(host.requests[VMMDEV_REQ_HEARTBEAT_CONFIGURE], 2);
	remove_and_check(0);
	CHECK_EQ(host.requests[VMMDEV_REQ_HEARTBEAT_CONFIGURE], 2);
}

TEST(power_off_that_the_host_refuses_takes_no_time)
{
	u64 before;

	new_host();
	CHECK_EQ(probe(), 0);
	host.rc_of = VMMDEV_REQ_SET_POWER_STATUS;
	host.rc = VERR_NOT_SUPPORTED;
	before = host_time_now_ns;
	hook()->poweroff();
	CHECK_EQ(host_time_now_ns, before);
	remove_and_check(0);
}
