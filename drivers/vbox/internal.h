/* SPDX-License-Identifier: BSD-2-Clause */
/* Between the files that drive VirtualBox's device (VMMDev). */
#pragma once

#include <abi/vbox/vmmdev.h>
#include <drivers/pci.h>
#include <kernel/irq.h>
#include <kernel/virt/feature.h>
#include <kernel/wait.h>
#include <kernel/work.h>

/* Requests go through one page: the second half is for who leaves or dies. */
#define VMMDEV_REQUEST_MAX 2048

/* The rc that no answer has: the host has not written one. */
#define VMMDEV_UNANSWERED INT32_MIN

/* HGCM requests whose memory the host may still write to; then no more. */
#define VMMDEV_ABANDONED_MAX 8

struct vmmdev {
	struct pci_device *pdev;
	const char *name; /* the device's */
	u16 port;
	const struct vmmdev_memory __iomem *memory;
	u8 *page; /* for requests; below 4 GiB */
	phys_addr_t page_phys;
	struct spinlock lock; /* of its first half */
	bool broken;	      /* it lied: nothing is asked of it any more */
	u32 generation;	      /* of the driver's bindings: which one this is */

	u16 major, minor;
	u32 build, revision, features;

	struct irq_action irq;
	bool has_irq;
	u64 interrupts, events; /* of ours; bits that came with them, ever */

	struct wait_queue answered; /* HGCM requests */
	unsigned abandoned;

	bool time_used; /* the time of day is the host's */

	u64 heartbeat_ns; /* 0: the host does not want it */
	u64 beats;
	struct delayed_work heartbeat;
};

/**
 * Have the host carry out @request, which begins with its header, is of @size
 * bytes (at most VMMDEV_REQUEST_MAX) and gets the answer. The host sees a copy
 * only. 0; -ENOSYS: the host does not know it; -EIO: it answered with failure,
 * or the device is broken; -EBADMSG: the answer is none to what was asked, and
 * the device is broken from now on. Any context but NMI.
 */
int vmmdev_request(struct vmmdev *v, void *request, u32 type, u32 size);

/**
 * The same for who is alone, or dies: takes no lock. Any context.
 */
int vmmdev_last_request(struct vmmdev *v, void *request, u32 type, u32 size);

/** Write a header for a request of @size bytes. */
void vmmdev_write_header(struct vmmdev_request_header *header, u32 type,
			 u32 size);

/** 0, or -EBADMSG if it is not the one that was written, but for its rc. */
int vmmdev_check_header(struct vmmdev *v,
			const struct vmmdev_request_header *header, u32 type,
			u32 size);

/** One message, and nothing is asked of the device any more. -EBADMSG. */
int vmmdev_break(struct vmmdev *v, const char *why);

/** -errno for an IPRT status code below 0. */
int vmmdev_errno(s32 status);

/** Host version, and what this guest is. 0 or -errno: no use for the device. */
int vmmdev_introduce(struct vmmdev *v);
/** Say that this driver has become @status. */
int vmmdev_report_status(struct vmmdev *v, enum vbox_facility_status status);
/** UTC of the host in ms since 1970. 0 or -errno. */
int vmmdev_host_time(struct vmmdev *v, u64 *ms);

/** Interrupts and the events that are wanted; without them all is polled. */
void vmmdev_start_events(struct vmmdev *v);
void vmmdev_stop_events(struct vmmdev *v);

void vmmdev_start_heartbeat(struct vmmdev *v);
void vmmdev_stop_heartbeat(struct vmmdev *v);

/**
 * The device, which stays until vmmdev_put(), or NULL: there is none, or its
 * driver leaves. In threads.
 */
struct vmmdev *vmmdev_get(void);
void vmmdev_put(struct vmmdev *v);
/** Not to be waited for any more: the driver leaves. Any context. */
bool vmmdev_is_leaving(const struct vmmdev *v);

/** The same for who is alone or dies: nobody keeps it. Any context. */
struct vmmdev *vmmdev_peek(void);

/** Add VIRT_ bits to feature @name of VirtualBox. */
static inline void vmmdev_feature(const char *name, u8 bits)
{
	virt_feature_add_state(HYPERV_TYPE_VIRTUALBOX, name, bits);
}

/* Names of features. */
#define VBOX_VMMDEV    "vmmdev"
#define VBOX_EVENTS    "vmmdev-events"
#define VBOX_HOST_TIME "host-time"
#define VBOX_HEARTBEAT "heartbeat"
#define VBOX_POINTER   "free-pointer"
#define VBOX_HGCM      "hgcm"
