/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A made-up VMware behind vmware_call(): nothing here was seen on a real one.
 * Tests set its knobs, and take hold of any answer with fake_vmware.lie.
 */
#pragma once

#include <abi/vmware/backdoor.h>
#include <abi/vmware/message.h>
#include <kernel/errno.h>
#include <kernel/string.h>
#include <kernel/virt/driver.h>
#include <kernel/virt/vmware.h>

#define FAKE_CHANNEL	 5U
#define FAKE_COOKIE_HIGH 0xc00c1e01U
#define FAKE_COOKIE_LOW	 0xc00c1e02U
#define FAKE_MESSAGE_MAX 512

static struct {
	bool absent; /* nothing changes a register; the port reads all ones */
	bool faults; /* of the instructions */
	u64 hz, seconds;
	u32 us, vcpu_info;
	bool old_time, no_steal_clock, no_messages, no_cookies;
	u64 area; /* the steal clock's; 0: off */
	unsigned calls, ports, instructions;
	/* Messages */
	bool open;
	u32 size, at; /* of what the guest sends, and how much came */
	char received[FAKE_MESSAGE_MAX + 4];
	unsigned messages; /* complete ones */
	const char *reply; /* waits for the guest */
	u32 reply_size, reply_at;
	unsigned checkpoints; /* interrupt so many requests */
	unsigned refused;     /* replies that the guest did not take */
	/* Has the last word on an answer. */
	void (*lie)(u32 command, struct vmware_regs *regs);
} fake_vmware;

static inline void fake_vmware_reset(void)
{
	memset(&fake_vmware, 0, sizeof(fake_vmware));
	fake_vmware.hz = 5000000000ULL;
	fake_vmware.seconds = 1700000000;
	fake_vmware.us = 250000;
	fake_vmware.vcpu_info = BIT(VMWARE_VCPU_LEGACY_X2APIC);
	fake_vmware.reply = "1 ";
}

static inline void fake_status(struct vmware_regs *r, u32 status)
{
	r->ecx = status << 16 | VMWARE_CMD_MESSAGE;
}

static inline void fake_send(struct vmware_regs *r)
{
	if (fake_vmware.at >= fake_vmware.size ||
	    fake_vmware.at >= FAKE_MESSAGE_MAX) {
		fake_status(r, 0);
		return;
	}
	memcpy(fake_vmware.received + fake_vmware.at, &r->ebx, 4);
	fake_vmware.at += 4;
	if (fake_vmware.at < fake_vmware.size)
		return;
	fake_vmware.received[fake_vmware.size] = '\0';
	fake_vmware.messages++;
	fake_vmware.reply_size = (u32)strlen(fake_vmware.reply);
	fake_vmware.reply_at = 0;
}

static inline void fake_receive(struct vmware_regs *r)
{
	u32 word = 0, left = fake_vmware.reply_size - fake_vmware.reply_at;

	if (r->ebx != VMWARE_MSG_SUCCESS) {
		fake_vmware.refused++;
		return;
	}
	memcpy(&word, fake_vmware.reply + fake_vmware.reply_at, MIN(left, 4U));
	fake_vmware.reply_at += MIN(left, 4U);
	r->ebx = word;
	r->edx = (u32)VMWARE_MSG_SEND_DATA << 16;
}

static inline void fake_open(struct vmware_regs *r)
{
	u32 flags = fake_vmware.no_cookies ? 0 : VMWARE_MSG_COOKIE;

	if (fake_vmware.no_messages || fake_vmware.open ||
	    r->ebx != (VMWARE_MSG_RPCI | flags)) {
		fake_status(r, 0);
		return;
	}
	fake_vmware.open = true;
	r->edx = FAKE_CHANNEL << 16 | (r->edx & 0xffff);
	r->esi = FAKE_COOKIE_HIGH;
	r->edi = FAKE_COOKIE_LOW;
}

static inline void fake_message(struct vmware_regs *r)
{
	u32 type = r->ecx >> 16;

	fake_status(r, VMWARE_MSG_SUCCESS);
	if (type == VMWARE_MSG_OPEN) {
		fake_open(r);
		return;
	}
	if (!fake_vmware.open || r->edx >> 16 != FAKE_CHANNEL ||
	    r->esi != FAKE_COOKIE_HIGH || r->edi != FAKE_COOKIE_LOW) {
		fake_status(r, 0);
		return;
	}
	if (type != VMWARE_MSG_CLOSE && fake_vmware.checkpoints) {
		fake_vmware.checkpoints--;
		fake_status(r, VMWARE_MSG_CHECKPOINT);
		return;
	}
	switch (type) {
	case VMWARE_MSG_SEND_SIZE:
		fake_vmware.size = r->ebx;
		fake_vmware.at = 0;
		break;
	case VMWARE_MSG_SEND_DATA: fake_send(r); break;
	case VMWARE_MSG_RECEIVE_SIZE:
		if (!fake_vmware.reply_size)
			break;
		fake_vmware.reply_at = 0;
		fake_status(r, VMWARE_MSG_SUCCESS | VMWARE_MSG_WAITING);
		r->ebx = fake_vmware.reply_size;
		r->edx = (u32)VMWARE_MSG_SEND_SIZE << 16;
		break;
	case VMWARE_MSG_RECEIVE_DATA: fake_receive(r); break;
	case VMWARE_MSG_RECEIVE_END: fake_vmware.reply_size = 0; break;
	case VMWARE_MSG_CLOSE: fake_vmware.open = false; break;
	default: fake_status(r, 0);
	}
}

static inline void fake_time(struct vmware_regs *r)
{
	if (fake_vmware.old_time) {
		r->eax = VMWARE_NO_COMMAND;
		return;
	}
	r->ebx = fake_vmware.us;
	r->edx = (u32)fake_vmware.seconds;
	r->esi = (u32)(fake_vmware.seconds >> 32);
}

static inline void fake_steal_clock(struct vmware_regs *r)
{
	u64 area = (u64)r->esi << 32 | r->edi;

	r->eax = VMWARE_NO_COMMAND;
	if (fake_vmware.no_steal_clock)
		return;
	fake_vmware.area = area == VMWARE_STEAL_CLOCK_OFF ? 0 : area;
	r->eax = fake_vmware.area ? VMWARE_STEAL_CLOCK_ENABLED
				  : VMWARE_STEAL_CLOCK_DISABLED;
}

static inline void fake_answer(u32 command, struct vmware_regs *r)
{
	switch (command) {
	case VMWARE_CMD_GETVERSION:
		r->eax = 6;
		r->ebx = VMWARE_MAGIC;
		r->ecx = VMWARE_PRODUCT_SERVER;
		break;
	case VMWARE_CMD_GETHZ:
		r->eax = (u32)fake_vmware.hz;
		r->ebx = (u32)(fake_vmware.hz >> 32);
		r->ecx = 66000000;
		break;
	case VMWARE_CMD_GET_VCPU_INFO: r->eax = fake_vmware.vcpu_info; break;
	case VMWARE_CMD_GETTIME:
		r->eax = (u32)fake_vmware.seconds;
		r->ebx = fake_vmware.us;
		break;
	case VMWARE_CMD_GETTIMEFULL: fake_time(r); break;
	case VMWARE_CMD_STEALCLOCK: fake_steal_clock(r); break;
	case VMWARE_CMD_MESSAGE: fake_message(r); break;
	default: r->eax = VMWARE_NO_COMMAND;
	}
}

int vmware_call(enum vmware_way way, struct vmware_regs *regs)
{
	u32 command = regs->ecx & 0xffff;

	fake_vmware.calls++;
	if (way != VMWARE_BY_PORT) {
		fake_vmware.instructions++;
		if (fake_vmware.faults)
			return -EIO;
	} else {
		fake_vmware.ports++;
	}
	regs->eax = VMWARE_MAGIC;
	if (fake_vmware.absent)
		regs->eax = VMWARE_NO_COMMAND;
	else
		fake_answer(command, regs);
	if (fake_vmware.lie)
		fake_vmware.lie(command, regs);
	return 0;
}
