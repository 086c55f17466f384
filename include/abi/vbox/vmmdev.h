/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * VirtualBox's device for its guests: names and numbers of the public header
 * VBox/VMMDev.h of VirtualBox 7. Its PCI region 0 has ports, 1 memory that both
 * sides read, 2 (older versions only) a heap that nobody uses.
 *
 * A request is a structure in memory below 4 GiB. Its physical address,
 * written to VMMDEV_PORT_OFF_REQUEST, has the host carry it out, and it is
 * answered in place when that write is over; those of HGCM are answered later,
 * with an event. Until VMMDevReq_ReportGuestInfo only VMMDevReq_GetHostVersion,
 * VMMDevReq_ReportGuestInfo2 and it itself are carried out.
 */
#pragma once

#include <kernel/types.h>

#define VMMDEV_PCI_VENDOR 0x80ee
#define VMMDEV_PCI_DEVICE 0xcafe

/* Offsets in region 0, each 32 bits. */
#define VMMDEV_PORT_OFF_REQUEST	     0
#define VMMDEV_PORT_OFF_REQUEST_FAST 8 /* VMMDEV_HVF_FAST_IRQ_ACK: read */

/* A byte written here is added to a line that '\n' ends, in the host's log. */
#define VMMDEV_LOG_PORT	    0x504
#define VMMDEV_LOG_LINE_MAX 511

#define VMMDEV_VERSION		      0x00010004
#define VMMDEV_REQUEST_HEADER_VERSION 0x10001
#define VMMDEV_MAX_VMMDEVREQ_SIZE     0x100000 /* bytes of a request */

enum vmmdev_request_type {
	VMMDEV_REQ_GET_MOUSE_STATUS = 1,
	VMMDEV_REQ_SET_MOUSE_STATUS = 2,
	VMMDEV_REQ_GET_HOST_VERSION = 4,
	VMMDEV_REQ_GET_HOST_TIME = 10,
	VMMDEV_REQ_SET_POWER_STATUS = 30,
	VMMDEV_REQ_ACKNOWLEDGE_EVENTS = 41,
	VMMDEV_REQ_CTL_GUEST_FILTER_MASK = 42,
	VMMDEV_REQ_REPORT_GUEST_INFO = 50,
	VMMDEV_REQ_SET_GUEST_CAPABILITIES = 56,
	VMMDEV_REQ_REPORT_GUEST_INFO2 = 58,
	VMMDEV_REQ_REPORT_GUEST_STATUS = 59,
	VMMDEV_REQ_HGCM_CONNECT = 60,
	VMMDEV_REQ_HGCM_DISCONNECT = 61,
	VMMDEV_REQ_HGCM_CALL32 = 62,
	VMMDEV_REQ_HGCM_CALL64 = 63,
	VMMDEV_REQ_HGCM_CANCEL2 = 65,
	VMMDEV_REQ_GET_SESSION_ID = 217,
	VMMDEV_REQ_GUEST_HEARTBEAT = 219,
	VMMDEV_REQ_HEARTBEAT_CONFIGURE = 220,
};

/* IPRT status codes (iprt/err.h, VBox/err.h): below 0 is failure. */
#define VINF_SUCCESS		0
#define VERR_INVALID_PARAMETER	(-2)
#define VERR_NO_MEMORY		(-8)
#define VERR_NOT_IMPLEMENTED	(-12)
#define VERR_NOT_SUPPORTED	(-37)
#define VERR_ACCESS_DENIED	(-38)
#define VERR_NOT_FOUND		(-78)
#define VERR_SVC_NOT_FOUND	(-2900) /* VERR_HGCM_SERVICE_NOT_FOUND */
#define VINF_HGCM_ASYNC_EXECUTE 2903

struct vmmdev_request_header {
	le32 size; /* of the whole request */
	le32 version;
	le32 request_type;
	le32 rc; /* signed: an IPRT status code */
	le32 reserved1;
	le32 requestor; /* 0: a kernel, nobody in particular */
};
_Static_assert(sizeof(struct vmmdev_request_header) == 24, "header");
_Static_assert(offsetof(struct vmmdev_request_header, rc) == 12, "header");

struct vmmdev_mouse_status {
	struct vmmdev_request_header header;
	le32 mouse_features;
	le32 pointer_pos_x; /* VMMDEV_MOUSE_RANGE_MAX is the right edge */
	le32 pointer_pos_y;
};
_Static_assert(sizeof(struct vmmdev_mouse_status) == 36, "mouse status");

#define VMMDEV_MOUSE_GUEST_CAN_ABSOLUTE	 (1U << 0)
#define VMMDEV_MOUSE_HOST_WANTS_ABSOLUTE (1U << 1)
#define VMMDEV_MOUSE_NEW_PROTOCOL	 (1U << 4)
#define VMMDEV_MOUSE_RANGE_MAX		 0xffffU

struct vmmdev_host_version {
	struct vmmdev_request_header header;
	le16 major, minor;
	le32 build;
	le32 revision;
	le32 features;
};
_Static_assert(sizeof(struct vmmdev_host_version) == 40, "host version");

#define VMMDEV_HVF_HGCM_PHYS_PAGE_LIST (1U << 0)
#define VMMDEV_HVF_FAST_IRQ_ACK	       (1U << 31)

struct vmmdev_host_time {
	struct vmmdev_request_header header;
	le64 time; /* milliseconds since 1970, UTC */
};
_Static_assert(sizeof(struct vmmdev_host_time) == 32, "host time");

enum vmmdev_power_state {
	VMMDEV_POWER_STATE_PAUSE = 1,
	VMMDEV_POWER_STATE_POWER_OFF = 2,
	VMMDEV_POWER_STATE_SAVE_STATE = 3,
};

struct vmmdev_power_state_request {
	struct vmmdev_request_header header;
	le32 power_state;
};
_Static_assert(sizeof(struct vmmdev_power_state_request) == 28, "power");

struct vmmdev_events {
	struct vmmdev_request_header header;
	le32 events;
};
_Static_assert(sizeof(struct vmmdev_events) == 28, "events");

#define VMMDEV_EVENT_MOUSE_CAPABILITIES_CHANGED (1U << 0)
#define VMMDEV_EVENT_HGCM			(1U << 1)
#define VMMDEV_EVENT_RESTORED			(1U << 4)
#define VMMDEV_EVENT_MOUSE_POSITION_CHANGED	(1U << 9)

/* Two masks: CTL_GUEST_FILTER_MASK and SET_GUEST_CAPABILITIES. */
struct vmmdev_mask {
	struct vmmdev_request_header header;
	le32 or_mask;
	le32 not_mask;
};
_Static_assert(sizeof(struct vmmdev_mask) == 32, "mask");

struct vmmdev_guest_info {
	struct vmmdev_request_header header;
	le32 interface_version; /* VMMDEV_VERSION */
	le32 os_type;
};
_Static_assert(sizeof(struct vmmdev_guest_info) == 32, "guest info");

/* VBox/ostypes.h */
#define VBOX_OSTYPE_UNKNOWN 0x00000U
#define VBOX_OSTYPE_X64	    0x00100U

struct vmmdev_guest_info2 {
	struct vmmdev_request_header header;
	le16 additions_major, additions_minor;
	le32 additions_build;
	le32 additions_revision;
	le32 additions_features;
	char name[128]; /* ends with NUL */
};
_Static_assert(sizeof(struct vmmdev_guest_info2) == 168, "guest info 2");

struct vmmdev_guest_status {
	struct vmmdev_request_header header;
	le32 facility;
	le32 status;
	le32 flags;
};
_Static_assert(sizeof(struct vmmdev_guest_status) == 36, "guest status");

#define VBOX_FACILITY_VBOXGUEST_DRIVER 20

enum vbox_facility_status {
	VBOX_FACILITY_INACTIVE = 0,
	VBOX_FACILITY_ACTIVE = 50,
	VBOX_FACILITY_TERMINATING = 100,
	VBOX_FACILITY_FAILED = 800,
};

struct vmmdev_session_id {
	struct vmmdev_request_header header;
	le64 session; /* another one after each start, reset and restore */
};
_Static_assert(sizeof(struct vmmdev_session_id) == 32, "session");

struct vmmdev_heartbeat {
	struct vmmdev_request_header header;
	le64 interval_ns; /* the host's answer */
	u8 enabled;
	u8 padding[3];
} __attribute__((packed));
_Static_assert(sizeof(struct vmmdev_heartbeat) == 36, "heartbeat");

/* Region 1, for guests that said VMMDEV_VERSION. */
struct vmmdev_memory {
	le32 size;
	le32 version; /* VMMDEV_MEMORY_VERSION */
	u8 have_events;
	u8 padding[7];
};
_Static_assert(sizeof(struct vmmdev_memory) == 16, "memory");
_Static_assert(offsetof(struct vmmdev_memory, have_events) == 8, "memory");

#define VMMDEV_MEMORY_VERSION 1

/*
 * HGCM, calls of services in the host's process. What is written is answered
 * when VMMDEV_HGCM_REQ_DONE is set.
 */
struct vmmdev_hgcm_header {
	struct vmmdev_request_header header;
	le32 flags;
	le32 result; /* signed: an IPRT status code */
};
_Static_assert(sizeof(struct vmmdev_hgcm_header) == 32, "HGCM header");

#define VMMDEV_HGCM_REQ_DONE	  (1U << 0)
#define VMMDEV_HGCM_REQ_CANCELLED (1U << 1)

#define VMMDEV_HGCM_LOC_LOCALHOST_EXISTING 2
#define VMMDEV_HGCM_SERVICE_NAME_MAX	   128 /* with its terminator */

struct vmmdev_hgcm_connect {
	struct vmmdev_hgcm_header header;
	le32 location_type;
	char service_name[VMMDEV_HGCM_SERVICE_NAME_MAX];
	le32 client_id; /* the answer */
};
_Static_assert(sizeof(struct vmmdev_hgcm_connect) == 168, "HGCM connect");

struct vmmdev_hgcm_disconnect {
	struct vmmdev_hgcm_header header;
	le32 client_id;
};
_Static_assert(sizeof(struct vmmdev_hgcm_disconnect) == 36, "disconnect");

#define VMMDEV_MAX_HGCM_PARMS 32

struct vmmdev_hgcm_call {
	struct vmmdev_hgcm_header header;
	le32 client_id;
	le32 function;
	le32 parm_count;
	/* parameters follow, then page lists */
};
_Static_assert(sizeof(struct vmmdev_hgcm_call) == 44, "HGCM call");

enum vmmdev_hgcm_parm_type {
	VMMDEV_HGCM_PARM_32BIT = 1,
	VMMDEV_HGCM_PARM_64BIT = 2,
	VMMDEV_HGCM_PARM_PAGELIST = 10,
};

/* As VMMDEV_REQ_HGCM_CALL64 has them. */
struct vmmdev_hgcm_parm {
	le32 type;
	union {
		le32 value32;
		le64 value64;
		struct {
			le32 size;   /* of the buffer */
			le32 offset; /* of the list, from the request's start */
		} page_list;
		u8 bytes[12];
	} __attribute__((packed));
} __attribute__((packed));
_Static_assert(sizeof(struct vmmdev_hgcm_parm) == 16, "HGCM parameter");
_Static_assert(offsetof(struct vmmdev_hgcm_parm, value64) == 4, "parameter");

struct vmmdev_hgcm_pagelist {
	le32 flags;
	le16 offset_first_page;
	le16 page_count;
	le64 pages[]; /* physical addresses */
} __attribute__((packed));
_Static_assert(sizeof(struct vmmdev_hgcm_pagelist) == 8, "page list");

#define VMMDEV_HGCM_TO_HOST   (1U << 0)
#define VMMDEV_HGCM_FROM_HOST (1U << 1)

struct vmmdev_hgcm_cancel2 {
	struct vmmdev_request_header header;
	le32 phys_req_to_cancel;
};
_Static_assert(sizeof(struct vmmdev_hgcm_cancel2) == 28, "HGCM cancel");
