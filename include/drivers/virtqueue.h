/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Virtqueues, as drivers use them: one API over split and packed rings
 * (virtio 1.3, 2.6 to 2.8).
 *
 * The device is not trusted. What the driver has posted is remembered in
 * private memory; every used element is checked against it. A queue whose
 * device lies is broken: one message, nothing more comes out of it, and the
 * core has the driver take back all that it posted (see <drivers/virtio.h>).
 *
 * One context at a time may call what takes a queue, except where it says
 * "any": drivers have a lock for each. Any context but NMI, unless it says
 * otherwise.
 */
#pragma once

#include <kernel/dma.h>

struct virtio_device;
struct virtqueue;

/* A run of memory in the direct map, 1 to DMA_MAP_MAX bytes. */
struct virtio_segment {
	void *data;
	u32 length;
};

/* What a driver wants of a queue. */
struct virtqueue_config {
	unsigned index;	  /* the device type's number of it */
	const char *name; /* "requests"; lives as long as the queue */
	/*
	 * Buffers were used, or there is room again after -EAGAIN. From the
	 * device's interrupt, or any context with interrupts masked; it may
	 * come without cause. NULL: the driver looks by itself, and the queue
	 * does not interrupt. (For a broken queue there is failed().)
	 */
	void (*done)(struct virtqueue *vq);
	void *data;   /* the driver's: virtqueue_data() */
	u16 size_max; /* policy: no more descriptors; 0: what it has */
	/*
	 * Most segments of one virtqueue_add(), at least 1. The queue may
	 * have fewer descriptors: virtqueue_segments_max().
	 */
	u16 segments_max;
	unsigned cpu; /* which should take its interrupt, or VIRTQUEUE_ANY */
	/*
	 * The device has buffers until it has something to say: a receive
	 * queue. dma_share() says how many to post of those.
	 */
	bool lasting;
};

#define VIRTQUEUE_ANY UINT32_MAX

/**
 * Post a buffer: @out segments that the device reads, then @in that it writes
 * (2.6.4.2), @out + @in being 1 to segments_max. @token, not NULL, comes back
 * with it. The memory is the device's until then. The device is not told yet:
 * virtqueue_kick(). 0; -ENOSPC (no room: after the next virtqueue_get() there
 * may be); -EAGAIN (no memory that the device reaches: done() is called when
 * there may be); -EIO (broken); -EINVAL (segments). After an error nothing
 * has been posted. The device may see the buffer from the next kick on.
 */
int virtqueue_add(struct virtqueue *vq, const struct virtio_segment *segments,
		  unsigned out, unsigned in, void *token);

/**
 * Tell the device of all that was posted since the last time, if it wants to
 * be told. As its two halves do: prepare (under the queue's lock) says whether
 * notify (which may cost an exit, and takes no lock: any) is needed.
 */
void virtqueue_kick(struct virtqueue *vq);
bool virtqueue_kick_prepare(struct virtqueue *vq);
void virtqueue_notify(struct virtqueue *vq);

/**
 * The token of the next used buffer, or NULL: none now, or broken. *@length
 * is how many bytes the device says it wrote: no more than were posted for
 * it, from the first one on. What the device wrote is in the memory.
 */
void *virtqueue_get(struct virtqueue *vq, u32 *length);

/** True if virtqueue_get() would give a buffer. Reads only. */
bool virtqueue_pending(const struct virtqueue *vq);

/** Ask the device not to interrupt. It still may. */
void virtqueue_disable_callback(struct virtqueue *vq);
/**
 * Ask it to interrupt again. False if something came in between, for which
 * there will be no interrupt: look again.
 */
bool virtqueue_enable_callback(struct virtqueue *vq);
/**
 * The same, to interrupt when @part percent (1 to 100) of what is posted now
 * was used; the device may do so earlier.
 */
bool virtqueue_enable_callback_after(struct virtqueue *vq, unsigned part);

/** Free descriptors: as many segments can surely be posted. */
unsigned virtqueue_room(const struct virtqueue *vq);
/** Descriptors of the ring, 1 to 32768. */
unsigned virtqueue_size(const struct virtqueue *vq);
/** Most segments of one virtqueue_add(): what was asked for, or the size. */
unsigned virtqueue_segments_max(const struct virtqueue *vq);
/** Buffers that the device has. */
unsigned virtqueue_outstanding(const struct virtqueue *vq);
bool virtqueue_is_broken(const struct virtqueue *vq);

/**
 * Take back one buffer that the device has not used, or NULL when it has none.
 * Only when it cannot use it any more: in a driver's remove() and failed(),
 * and between virtqueue_reset() and virtqueue_restart().
 */
void *virtqueue_detach(struct virtqueue *vq);

/**
 * Stop this queue alone (2.6.1, VIRTIO_F_RING_RESET). 0; -EOPNOTSUPP;
 * -ETIMEDOUT, and the device is broken. In threads.
 */
int virtqueue_reset(struct virtqueue *vq);
/**
 * Start it again, empty: all was detached. 0; -EBUSY when not, or it was not
 * reset; -EIO, and the device is broken. In threads.
 */
int virtqueue_restart(struct virtqueue *vq);

/** The device broke its contract, in a way only the driver sees: @why. Any. */
void virtqueue_break(struct virtqueue *vq, const char *why);

struct virtio_device *virtqueue_device(const struct virtqueue *vq);
unsigned virtqueue_index(const struct virtqueue *vq);
void *virtqueue_data(const struct virtqueue *vq);

/* What a queue has cost since it was made. */
struct virtqueue_stats {
	u64 added;	   /* buffers */
	u64 used;	   /* that came back */
	u64 kicks;	   /* calls of virtqueue_kick() or _prepare() */
	u64 notifications; /* that the device was told */
	u64 interrupts;	   /* calls of done() by the device */
};
void virtqueue_get_stats(const struct virtqueue *vq,
			 struct virtqueue_stats *stats);
