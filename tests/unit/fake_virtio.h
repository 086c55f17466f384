/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A virtio device for tests: a transport whose registers are memory, and the
 * device's side of the rings, played honestly, split and packed. What the
 * specification demands of a driver is checked at every step, and a breach
 * ends the program; so a driver's tests and fuzz targets need not look.
 *
 *	struct fake_virtio fake;
 *
 *	fake_virtio_init(&fake, VIRTIO_ID_BLOCK);
 *	fake_offer(&fake, VIRTIO_BLK_F_FLUSH);	 (VERSION_1 is offered)
 *	fake.queue_count = 1;
 *	fake.queues[0].size_max = 256;
 *	fake.serve = my_disk;			 (or drive it by hand)
 *	CHECK_EQ(fake_virtio_add(&fake), 0);	 binds the driver
 *	...
 *	fake_virtio_remove(&fake);		 all memory must be back
 *
 * serve() is called whenever the driver notifies a queue, and takes what is
 * there:
 *
 *	static void my_disk(struct fake_virtio *fake, unsigned queue)
 *	{
 *		struct fake_buffer buffer;
 *
 *		while (fake_take(fake, queue, &buffer)) {
 *			...fake_read(), fake_write() of its memory...
 *			fake_use(fake, queue, &buffer, written);
 *		}
 *		fake_interrupt(fake, queue);	 if the driver wants one
 *	}
 *
 * A device that lies writes to the rings by itself (fake_split(),
 * fake_packed()), or sets one of the members below.
 *
 * Link the virtio core ($(virtio-core) in tests/unit/Makefile); what it needs
 * of the kernel comes from host_*.c, unless the test brings its own.
 */
#pragma once

#include <abi/virtio/ring.h>
#include <drivers/virtio_transport.h>

#define FAKE_QUEUES	  16
#define FAKE_SEGMENTS_MAX 1024
#define FAKE_CONFIG_MAX	  256

struct fake_queue {
	/* Set by the test. */
	unsigned size_max; /* 0: there is no such queue */
	bool cannot_reset;

	/* What the driver has said. */
	bool enabled;
	unsigned slot;
	struct virtqueue_place place;
	unsigned notifications;
	u32 notify_data; /* of the last one */

	/* The device's own. */
	u16 next_available; /* split: index; packed: place */
	u16 next_used;
	bool available_wrap, used_wrap; /* packed */
	u16 signalled; /* where next_used was at the last fake_interrupt() */
	bool signalled_wrap;
	unsigned outstanding; /* buffers taken and not used */
	unsigned used_since;  /* packed: descriptors since then */
	bool fresh;	      /* nothing was signalled yet */
};

struct fake_virtio {
	struct virtio_device vdev;

	/* Set by the test, before fake_virtio_add() or at any time. */
	struct virtio_features offered;
	unsigned queue_count;
	struct fake_queue queues[FAKE_QUEUES];
	u8 config[FAKE_CONFIG_MAX];
	unsigned config_size;
	u32 generation;
	bool fixed_size; /* legacy: sizes cannot be chosen */
	bool any_write;	 /* the configuration can be written at any time */
	void (*serve)(struct fake_virtio *fake, unsigned queue);

	/* Ways in which it can be bad. */
	bool refuses_features;	 /* FEATURES_OK does not stay set */
	bool never_resets;	 /* the status never becomes 0 */
	bool no_isolation;	 /* nor can it be cut off */
	bool gone;		 /* reads are all ones */
	unsigned config_changes; /* so many reads see another generation */
	u64 features_toggle;	 /* these differ at every other read */
	int start_interrupts_error;
	int enable_queue_error;

	/* What the driver has done. */
	u8 status;
	u8 status_log[16]; /* what was written, the last ones */
	unsigned status_writes;
	struct virtio_features accepted;
	bool interrupts_started;
	unsigned isolated;
	unsigned interrupts;	 /* sent by fake_interrupt() */
	unsigned config_written; /* calls */
	bool released;
	unsigned feature_reads;
};

/** A device that is not there yet: modern, with no queues. */
void fake_virtio_init(struct fake_virtio *fake, u32 type);
void fake_offer(struct fake_virtio *fake, unsigned feature);
bool fake_has(const struct fake_virtio *fake, unsigned feature);
/**
 * Register it and bind a driver. What binding says: when it fails, the device
 * is there, to be bound again or taken away.
 */
int fake_virtio_add(struct fake_virtio *fake);
/** Take it away, and see that it was let go. */
void fake_virtio_remove(struct fake_virtio *fake);

/* A buffer that the device has, as it finds it in the ring. */
struct fake_buffer {
	u16 id;			/* head or buffer id */
	unsigned descriptors;	/* in the ring */
	unsigned out, in;	/* segments */
	u64 readable, writable; /* bytes */
	struct {
		void *data;
		u32 length;
	} segment[FAKE_SEGMENTS_MAX];
};

/** The next available buffer of @queue; false: none. */
bool fake_take(struct fake_virtio *fake, unsigned queue,
	       struct fake_buffer *buffer);
/** Copy from what it reads, at @offset; how much there was. */
size_t fake_read(const struct fake_buffer *buffer, size_t offset, void *to,
		 size_t size);
/** Copy to what it writes, at @offset; how much had room. */
size_t fake_write(const struct fake_buffer *buffer, size_t offset,
		  const void *from, size_t size);
/** Give @buffer back as used, with @written bytes. In any order. */
void fake_use(struct fake_virtio *fake, unsigned queue,
	      const struct fake_buffer *buffer, u32 written);
/**
 * Give back @count buffers, which were taken in this order, with one entry for
 * the last of them (VIRTIO_F_IN_ORDER).
 */
void fake_use_batch(struct fake_virtio *fake, unsigned queue,
		    const struct fake_buffer *const *buffers, unsigned count,
		    u32 written);
/** True if the driver wants to hear of what was used since the last time. */
bool fake_wants_interrupt(struct fake_virtio *fake, unsigned queue);
/** Interrupt for @queue, if it wants to. */
void fake_interrupt(struct fake_virtio *fake, unsigned queue);
/** The configuration, or the status, changed. */
void fake_config_interrupt(struct fake_virtio *fake);

/** Ask for notifications of @queue, or for none. */
void fake_set_notify(struct fake_virtio *fake, unsigned queue, bool wanted);
/**
 * With EVENT_IDX: ask for one when @ahead more buffers (split) or descriptors
 * (packed) than one were added to what was taken.
 */
void fake_set_event(struct fake_virtio *fake, unsigned queue, unsigned ahead);

/* The rings themselves, for lies. */
struct fake_split {
	struct virtq_desc *desc;
	struct virtq_avail *avail;
	struct virtq_used *used;
	le16 *used_event;  /* the driver's */
	le16 *avail_event; /* the device's */
	unsigned size;
};
struct fake_split fake_split(const struct fake_virtio *fake, unsigned queue);

struct fake_packed {
	struct pvirtq_desc *desc;
	struct pvirtq_event_suppress *driver, *device;
	unsigned size;
};
struct fake_packed fake_packed(const struct fake_virtio *fake, unsigned queue);
/** A used descriptor for @id at the next place, advancing by @descriptors. */
void fake_packed_say(struct fake_virtio *fake, unsigned queue, u16 id,
		     u32 length, unsigned descriptors);
/** A used entry, and the index behind it. */
void fake_split_say(struct fake_virtio *fake, unsigned queue, u32 id,
		    u32 length);

/* For fake_*.c: the driver must have kept to this, or the program ends. */
void fake_require(bool kept, const char *what, int line);
#define REQUIRE(condition, rule) fake_require(condition, rule, __LINE__)
