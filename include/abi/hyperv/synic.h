/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hyper-V's synthetic interrupt controller: Microsoft, TLFS, "Inter-Partition
 * Communication".
 */
#pragma once

#include <kernel/types.h>

#define HV_SINT_COUNT	    16
#define HV_SYNIC_VERSION    1
#define HV_SCONTROL_ENABLE  (1ULL << 0)
#define HV_SINT_VECTOR_MASK 0xffULL
#define HV_SINT_MASKED	    (1ULL << 16)
#define HV_SINT_AUTO_EOI    (1ULL << 17)
#define HV_SINT_POLLING	    (1ULL << 18)

#define HV_MESSAGE_PAYLOAD_MAX 240

/* HV_MESSAGE_TYPE */
#define HV_MESSAGE_NONE		 0x00000000U
#define HV_MESSAGE_TIMER_EXPIRED 0x80000010U

/* HV_MESSAGE_FLAGS */
#define HV_MESSAGE_PENDING 0x1 /* there are more: write EOM */

/* HV_MESSAGE */
struct hv_message {
	u32 message_type; /* HV_MESSAGE_NONE: the slot is free */
	u8 payload_size;
	u8 message_flags;
	u8 reserved[2];
	u64 sender; /* a partition or a port */
	u64 payload[HV_MESSAGE_PAYLOAD_MAX / 8];
};
_Static_assert(sizeof(struct hv_message) == 256, "TLFS, HV_MESSAGE");
_Static_assert(offsetof(struct hv_message, payload) == 16, "TLFS");

/* The SIM page */
struct hv_message_page {
	struct hv_message sint[HV_SINT_COUNT];
};
_Static_assert(sizeof(struct hv_message_page) == 4096, "TLFS, SIMP");

/* HV_TIMER_MESSAGE_PAYLOAD; times are the reference counter's. */
struct hv_timer_message {
	u32 timer_index;
	u32 reserved;
	u64 expiration_time;
	u64 delivery_time;
};
_Static_assert(sizeof(struct hv_timer_message) == 24, "TLFS");

/* HV_SYNIC_EVENT_FLAGS */
#define HV_EVENT_FLAGS 2048
struct hv_event_flags {
	u64 flags[HV_EVENT_FLAGS / 64];
};
_Static_assert(sizeof(struct hv_event_flags) == 256, "TLFS");

/* The SIEF page */
struct hv_event_flags_page {
	struct hv_event_flags sint[HV_SINT_COUNT];
};
_Static_assert(sizeof(struct hv_event_flags_page) == 4096, "TLFS, SIEFP");
