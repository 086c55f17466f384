/* SPDX-License-Identifier: BSD-2-Clause */
/* The wakeup mailbox, with firmware that answers, is slow, or does not. */
#include "unit.h"
#include <asm/smp.h>
#include <kernel/byteorder.h>
#include <kernel/errno.h>
#include <kernel/time.h>

static struct acpi_wakeup_mailbox mailbox;
static u64 now_us, answers_at_us;
static u32 started_id;
static u64 started_at;
static unsigned starts;

/* Firmware acts while the kernel waits. */
void udelay(u64 us)
{
	now_us += us;
	if (now_us < answers_at_us)
		return;
	if (le16_to_cpu(mailbox.command) == ACPI_WAKEUP_START) {
		started_id = le32_to_cpu(mailbox.apic_id);
		started_at = le64_to_cpu(mailbox.wakeup_vector);
		starts++;
	}
	mailbox.command = cpu_to_le16(ACPI_WAKEUP_NOOP);
}

static void begin(u64 delay_us)
{
	mailbox = (struct acpi_wakeup_mailbox){ 0 };
	now_us = 0;
	answers_at_us = delay_us;
	starts = 0;
}

TEST(the_cpu_is_sent_where_it_should_go)
{
	begin(0);
	CHECK_EQ(mailbox_start(&mailbox, 0x12345, 0x9f0b0), 0);
	CHECK_EQ(starts, 1);
	CHECK_EQ(started_id, 0x12345);
	CHECK_EQ(started_at, 0x9f0b0);
	CHECK_EQ(mailbox_start(&mailbox, 7, 0x9f0b0), 0);
	CHECK_EQ(started_id, 7);
}

TEST(slow_firmware_is_waited_for)
{
	begin(500000);
	CHECK_EQ(mailbox_start(&mailbox, 1, 2), 0);
	CHECK_EQ(starts, 1);
	CHECK(now_us >= 500000);
}

TEST(silent_firmware_is_given_up)
{
	begin(UINT64_MAX);
	CHECK_EQ(mailbox_start(&mailbox, 1, 2), -ETIMEDOUT);
	CHECK_EQ(starts, 0);
	CHECK(now_us <= 2000000);
	/* And what it has not taken is not overwritten. */
	CHECK_EQ(mailbox_start(&mailbox, 3, 4), -EBUSY);
	CHECK_EQ(le32_to_cpu(mailbox.apic_id), 1);
}

TEST(a_command_of_firmwares_own_is_not_an_answer)
{
	begin(UINT64_MAX);
	mailbox.command = cpu_to_le16(77);
	CHECK_EQ(mailbox_start(&mailbox, 1, 2), -EBUSY);
	CHECK_EQ(le16_to_cpu(mailbox.command), 77);
}
