/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ACPI wakeup mailbox (ACPI 6.5, 5.2.12.19): where the hypervisor does
 * not let one CPU reset another, firmware keeps the CPUs in a loop that reads
 * this page. One command at a time, for one CPU.
 */
#include <asm/smp.h>
#include <kernel/atomic.h>
#include <kernel/byteorder.h>
#include <kernel/errno.h>
#include <kernel/time.h>

/* A CPU that polls takes microseconds; its vCPU may have to wait for a host. */
#define MAILBOX_TIMEOUT_MS 1000
#define MAILBOX_POLL_US	   10

static u16 command_of(struct acpi_wakeup_mailbox *mailbox)
{
	le16 command = READ_ONCE(mailbox->command);

	/* Firmware is done with the rest of the page before it says so. */
	fence_acquire();
	return le16_to_cpu(command);
}

static bool wait_until_free(struct acpi_wakeup_mailbox *mailbox)
{
	unsigned polls = MAILBOX_TIMEOUT_MS * 1000 / MAILBOX_POLL_US;

	while (command_of(mailbox) != ACPI_WAKEUP_NOOP) {
		if (polls-- == 0)
			return false;
		udelay(MAILBOX_POLL_US);
	}
	return true;
}

int mailbox_start(struct acpi_wakeup_mailbox *mailbox, u32 apic_id, u64 vector)
{
	if (!wait_until_free(mailbox))
		return -EBUSY;
	mailbox->apic_id = cpu_to_le32(apic_id);
	mailbox->wakeup_vector = cpu_to_le64(vector);
	/* Who sees the command sees for whom it is, and where to go. */
	fence_release();
	WRITE_ONCE(mailbox->command, cpu_to_le16(ACPI_WAKEUP_START));
	return wait_until_free(mailbox) ? 0 : -ETIMEDOUT;
}
