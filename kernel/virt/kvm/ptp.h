/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

#include <kernel/compiler.h>

/* One moment, by two clocks. */
struct kvm_ptp {
	u64 wall_ns; /* the host's, UTC since 1970 */
	u64 ticks;   /* this guest's counter */
};

/**
 * The host's clock beside @counter, KVM_PTP_VIRT_COUNTER or
 * KVM_PTP_PHYS_COUNTER. *@pair is of a moment during the call. 0; -EOPNOTSUPP:
 * the host knows none; -EIO: what it says cannot be. Any context.
 */
int kvm_ptp_read(unsigned counter, struct kvm_ptp *pair);
