/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Devices, the buses they sit on, and the drivers that run them.
 *
 * Devices form one tree: a bus driver registers what it finds below the
 * device it found it through. Drivers are in a linker table; one is bound to
 * a device when their bus says that they match and the driver's probe()
 * accepts it, at level DRIVER of the boot or as soon as the device is
 * registered after that. Binding can be undone and done again at run time.
 *
 * Lifetimes. The owner (a bus driver) provides the memory of a struct device.
 * From device_register() on the core holds a reference to it, and each child
 * holds one to its parent; device_next() and device_find() hand out more.
 * After device_unregister() the device is no longer found, and once the last
 * reference is put its bus's release() gets the memory back. A driver lives as
 * long as its module, which is not stopped before all its devices are unbound.
 *
 * Everything here is for threads and the boot, not for interrupt handlers.
 * No lock is held while a bus's or driver's function runs.
 */
#pragma once

#include <kernel/module.h>
#include <kernel/table.h>

#define DEVICE_NAME_MAX	 24 /* with its terminator */
#define DEVICE_DEPTH_MAX 24 /* levels below a root */
#define DEVICES_MAX	 1024
#define DEVICE_TEXT_MAX	 80 /* what a bus says about a device */

struct device;
struct dma_pool;
struct driver;

struct bus_type {
	const char *name;
	/** True if @drv, a driver of this bus, knows devices like @dev. */
	bool (*match)(const struct device *dev, const struct driver *drv);
	/**
	 * Write what @dev is to @text of DEVICE_TEXT_MAX bytes, for people.
	 * May be NULL.
	 */
	void (*describe)(const struct device *dev, char *text);
	/**
	 * Nobody refers to @dev any more: its memory is the owner's again.
	 * May be NULL if the memory is never used for anything else.
	 */
	void (*release)(struct device *dev);
};

struct driver {
	const char *name; /* no other driver's */
	const struct bus_type *bus;
	/* It drives nothing while this is stopped. NULL: it is always there. */
	struct module *module;
	/**
	 * Take over @dev, which matched. 0, or -errno with all undone:
	 * -ENODEV when it is none of this driver's after all, which is not
	 * reported. May call device_set_data().
	 */
	int (*probe)(struct device *dev);
	/**
	 * Give @dev back: quiet, its children unregistered, nothing of the
	 * driver's in use. Cannot fail.
	 */
	void (*remove)(struct device *dev);
};

enum device_state {
	DEVICE_UNBOUND,
	DEVICE_CHANGING, /* in probe() or remove() */
	DEVICE_BOUND,
	DEVICE_GONE, /* unregistered */
};

/*
 * The owner sets name, bus, parent and perhaps dma_pool, with all else 0,
 * before it registers the device; the rest is the core's.
 */
struct device {
	char name[DEVICE_NAME_MAX];  /* unique, "0000:00:1f.2" */
	const struct bus_type *bus;  /* NULL: nothing can drive it */
	struct device *parent;	     /* NULL: a root of the tree */
	const struct driver *driver; /* NULL unless BOUND or CHANGING */
	void *data;		     /* the driver's */
	/* What it reaches: <kernel/dma.h>. NULL: its parent's, or all RAM. */
	struct dma_pool *dma_pool;
	struct device *next;	 /* in the order of the tree */
	unsigned references;	 /* including the core's own */
	unsigned short children; /* registered ones */
	unsigned char depth;	 /* 0 for a root */
	unsigned char /* enum device_state */ state;
};

TABLE_DECLARE_OPEN(const struct driver, driver);

/** Register driver @object, a `const struct driver`, with a unique @id. */
#define DRIVER(id, object) TABLE_ENTRY(const struct driver, driver, id, object)

/**
 * Add @dev to the tree, and bind a driver to it if level DRIVER was reached.
 * 0; -EEXIST (the name is taken), -ENODEV (the parent was unregistered),
 * -E2BIG (too deep) or -ENOSPC (too many devices), and nothing has happened.
 */
int device_register(struct device *dev);

/**
 * Unbind @dev and take it out of the tree. 0; -EBUSY while it has children or
 * another context binds or unbinds it; -ENODEV if it is not registered. The
 * caller must not use @dev afterwards unless it holds a reference.
 */
int device_unregister(struct device *dev);

/** Take one more reference to @dev, to which the caller has one. */
void device_get(struct device *dev);
/** Put a reference; NULL does nothing. */
void device_put(struct device *dev);

/**
 * Visit all devices, each parent before its children: the first one for NULL,
 * else the one after @prev, whose reference is put. NULL past the last. The
 * device has a reference for the caller; who stops early puts it.
 */
struct device *device_next(struct device *prev);

/** The registered device @name, with a reference for the caller, or NULL. */
struct device *device_find(const char *name);

/**
 * Bind @drv to @dev, or for NULL the first driver that matches and accepts.
 * 0; -EBUSY (bound already, or another context is at it), -ENODEV (no driver
 * matches, or the device was unregistered), else what the last probe()
 * returned, after a message.
 */
int device_bind(struct device *dev, const struct driver *drv);

/** Take @dev from its driver. 0, -EBUSY (see above) or -ENODEV (unbound). */
int device_unbind(struct device *dev);

/** The driver @name, or NULL. It stays until driver_put(). */
const struct driver *driver_find(const char *name);
void driver_put(const struct driver *drv);

/** Offer all devices without a driver to those of @module, which is live. */
void device_bind_module(const struct module *module);

#define DEVICE_UNBIND_TIMEOUT_MS 2000

/**
 * Take all devices from the drivers of @module, which is stopping, so that
 * they get no new ones. 0, or -EBUSY when another context did not get done
 * with binding or unbinding one for DEVICE_UNBIND_TIMEOUT_MS.
 */
int device_unbind_module(const struct module *module);

static inline void device_set_data(struct device *dev, void *data)
{
	dev->data = data;
}

static inline void *device_data(const struct device *dev)
{
	return dev->data;
}
