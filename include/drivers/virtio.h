/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Virtio devices and their drivers (virtio 1.3, 2 and 3). Devices are on bus
 * "virtio", named "virtio0" and so on, children of what they were found
 * through (a PCI function, a platform device).
 *
 * The core owns the status field and the sequence of 3.1.1; a driver says
 * which features it can use, and is called at the steps that are its own:
 *
 *	1-2  reset, ACKNOWLEDGE, DRIVER			core
 *	4-6  features, FEATURES_OK, read back		core
 *	     validate(): what depends on what		driver
 *	7    probe(): read the configuration, make queues	driver
 *	8    DRIVER_OK					core
 *	     ready(): first requests, registering	driver
 *
 * and backwards: remove() after unready(), with the device reset in between.
 * A device that lies, wants a reset (DEVICE_NEEDS_RESET, 2.1.2) or is gone is
 * broken: it is reset, and failed() has the driver end all requests that it
 * waits for with -EIO. Its memory is the driver's again by then, unless the
 * device is lost: see virtio_is_lost().
 */
#pragma once

#include <abi/virtio/config.h>
#include <drivers/virtqueue.h>
#include <kernel/device.h>
#include <kernel/mutex.h>
#include <kernel/work.h>

struct virtio_transport;

/* Feature bits 0 to 127 (2.2). */
#define VIRTIO_FEATURE_WORDS 2

struct virtio_features {
	u64 word[VIRTIO_FEATURE_WORDS];
};

static inline bool virtio_feature_test(const struct virtio_features *features,
				       unsigned bit)
{
	return features->word[bit / 64] & BIT64(bit % 64);
}

static inline void virtio_feature_set(struct virtio_features *features,
				      unsigned bit)
{
	features->word[bit / 64] |= BIT64(bit % 64);
}

static inline void virtio_feature_clear(struct virtio_features *features,
					unsigned bit)
{
	features->word[bit / 64] &= ~BIT64(bit % 64);
}

enum virtio_state {
	VIRTIO_DOWN,	/* no driver */
	VIRTIO_SETUP,	/* in probe(): no DRIVER_OK yet */
	VIRTIO_RUNNING, /* DRIVER_OK */
	VIRTIO_BROKEN,	/* reset; nothing goes until it is bound again */
};

/*
 * The transport sets type, vendor and transport, names nothing, and calls
 * virtio_device_register(). The rest is the core's.
 */
struct virtio_device {
	struct device dev;
	const struct virtio_transport *transport;
	u32 type; /* VIRTIO_ID_... (5) */
	u32 vendor;
	bool legacy; /* driven through the interface of before 1.0 */
	u8 state;    /* enum virtio_state, atomic */
	u8 status;   /* what the driver has set of it (2.1) */
	struct virtio_features offered;
	struct virtio_features features; /* negotiated; from probe() on */
	struct virtqueue **queues;	 /* by place in virtio_make_queues() */
	unsigned queue_count;
	struct mutex lock;  /* of the transport's functions for threads */
	bool quiet;	    /* reset, and no interrupts, since it was bound */
	bool interrupts;    /* were started */
	bool config_missed; /* its interrupt came before DRIVER_OK; atomic */
	bool lost;	    /* see virtio_is_lost() */
	struct work broken_work;
	struct work config_work;
	const char *broken_why;
};

extern const struct bus_type virtio_bus;

static inline struct virtio_device *to_virtio_device(const struct device *dev)
{
	return container_of(dev, struct virtio_device, dev);
}

struct virtio_driver {
	struct driver driver; /* VIRTIO_DRIVER_BASE() */
	u32 type;	      /* VIRTIO_ID_... */
	/* Device-type features it can use, VIRTIO_FEATURES_END behind them. */
	const u8 *features;
	/*
	 * May clear bits of @features that are of no use without others, or
	 * refuse the device: 0 or -errno. May be NULL.
	 */
	int (*validate)(struct virtio_device *vdev,
			struct virtio_features *features);
	/* 0 or -errno with all undone (queues go by themselves). */
	int (*probe)(struct virtio_device *vdev);
	/* Works from here on: first requests, registering. May be NULL. */
	int (*ready)(struct virtio_device *vdev);
	/* Before the reset: no new requests; wait for old ones. May be NULL. */
	void (*unready)(struct virtio_device *vdev);
	/* After it: detach what was posted, free all. */
	void (*remove)(struct virtio_device *vdev);
	/* The device is broken, and was reset: end what waits for it. */
	void (*failed)(struct virtio_device *vdev);
	/* Its configuration changed. In a thread. May be NULL. */
	void (*config_changed)(struct virtio_device *vdev);
};

#define VIRTIO_FEATURES_END 0xff

/** The first member of a virtio_driver called @text, of module @in or NULL. */
#define VIRTIO_DRIVER_BASE(text, in)                              \
 {                                                                \
  .name = text, .bus = &virtio_bus, .probe = virtio_driver_probe, \
  .remove = virtio_driver_remove, .module = in,                   \
 }

/** Register @object, a `const struct virtio_driver`, with a unique @id. */
#define VIRTIO_DRIVER(id, object) DRIVER(id, object.driver)

/** "block" for what <abi/virtio/config.h> numbers; NULL: not known. */
const char *virtio_type_name(u32 type);

/** "EVENT_IDX", as the specification names it; NULL: not known. */
const char *virtio_feature_name(u32 type, unsigned bit);

/* The core's half of binding: see VIRTIO_DRIVER_BASE(). */
int virtio_driver_probe(struct device *dev);
void virtio_driver_remove(struct device *dev);

/** True if feature @bit was negotiated. */
static inline bool virtio_has(const struct virtio_device *vdev, unsigned bit)
{
	return virtio_feature_test(&vdev->features, bit);
}

/**
 * Make the queues @configs, @count of them, in probe(): vq[i] is configs[i]'s.
 * They belong to the core, which ends them after remove(). A queue has an
 * interrupt vector of its own when the device has enough, else shares one.
 * 0; -ENOENT (the device has no such queue), -EINVAL, -ENOMEM, -EIO.
 */
int virtio_make_queues(struct virtio_device *vdev,
		       const struct virtqueue_config *configs, unsigned count,
		       struct virtqueue **vq);

/** What virtio_make_queues() could: CPU that takes @vq's interrupt, or any. */
unsigned virtqueue_cpu(const struct virtqueue *vq);

/**
 * Read @size bytes at @offset of the device's configuration, all of the same
 * generation (2.5.1). Fields beyond the device's configuration read as 0.
 * 0; -EIO when it does not hold still. @size 1, 2, 4 or 8 is one access, as
 * the specification asks for fields; others are read by bytes. In threads.
 */
int virtio_read_config(struct virtio_device *vdev, unsigned offset,
		       void *buffer, unsigned size);
u8 virtio_config8(struct virtio_device *vdev, unsigned offset);
u16 virtio_config16(struct virtio_device *vdev, unsigned offset);
u32 virtio_config32(struct virtio_device *vdev, unsigned offset);
u64 virtio_config64(struct virtio_device *vdev, unsigned offset);
/** Write a field of the configuration: @size 1, 2, 4 or 8. In threads. */
void virtio_write_config(struct virtio_device *vdev, unsigned offset,
			 const void *buffer, unsigned size);

/** Shared memory region @id (2.10): 0, or -ENOENT. */
int virtio_shared_memory(struct virtio_device *vdev, u8 id, phys_addr_t *start,
			 u64 *size);

/** The device broke its contract: @why. It is reset soon. Any context. */
void virtio_break(struct virtio_device *vdev, const char *why);
bool virtio_is_broken(const struct virtio_device *vdev);

/**
 * True if the device did not complete its reset, so that it may still read and
 * write what was posted. The core keeps the rings and mappings for good; the
 * driver must do the same with memory of its own that it takes back: leak it.
 */
bool virtio_is_lost(const struct virtio_device *vdev);

/* All waits for devices' answers to registers: policy. */
#define VIRTIO_RESET_TIMEOUT_MS 1000
