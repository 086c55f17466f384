/* SPDX-License-Identifier: BSD-2-Clause */
/* What the services for VMware know of each other. */
#pragma once

#include <kernel/errno.h>
#include <kernel/types.h>

/* Features, as kernel/virt/vmware.c lists them. */
#define VMWARE_BACKDOOR	   "backdoor"
#define VMWARE_VMCALL	   "vmcall"
#define VMWARE_VMMCALL	   "vmmcall"
#define VMWARE_STEAL_CLOCK "steal-clock"
#define VMWARE_HOST_TIME   "host-time"
#define VMWARE_GUEST_LOG   "guest-log"
#define VMWARE_SOFT_POWER  "soft-power"

/* A channel for messages, while it is open. */
struct vmware_channel {
	u32 id; /* in the high half */
	u32 cookie_high, cookie_low;
};

/** Open a channel that speaks @protocol. 0 or -EIO. Any context. */
int vmware_channel_open(struct vmware_channel *channel, u32 protocol);

/** Close it; the host may have done so. */
void vmware_channel_close(const struct vmware_channel *channel);

/** Send @size bytes of @data. 0, -EINVAL (too much) or -EIO. */
int vmware_channel_send(const struct vmware_channel *channel, const void *data,
			size_t size);

/**
 * Fetch the message that waits, into @size bytes of @data. Its length, which
 * is 0 if there is none, or -EIO; -EMSGSIZE: it does not fit, and is refused.
 */
int vmware_channel_receive(const struct vmware_channel *channel, void *data,
			   size_t size);

/**
 * Make the request @text of @size bytes, in a channel of its own. 0; -EIO: the
 * host did not say that it did it; -EMSGSIZE. Any context.
 */
int vmware_request(const char *text, size_t size);

/** What the host's log gets of a line at most, in bytes. */
#define VMWARE_LOG_LINE_MAX 200

/**
 * Write @text, up to its end, its first line break or VMWARE_LOG_LINE_MAX, to
 * the log that the host keeps of this virtual machine. 0, or -EIO: the host
 * did not say that it did. Any context.
 */
#ifdef CONFIG_VMWARE_GUEST_LOG
int vmware_log(const char *text);
#else
static inline int vmware_log(const char *text)
{
	(void)text;
	return -ENOSYS;
}
#endif

/** Ticks of the counter as ns; 0 when its rate is not known. */
u64 vmware_ticks_ns(u64 ticks, u64 khz);
