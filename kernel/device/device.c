/* SPDX-License-Identifier: BSD-2-Clause */
/* The tree of devices and how long they live. */
#include <kernel/errno.h>
#include <kernel/string.h>
#include "internal.h"

struct spinlock device_lock = SPINLOCK_INIT;
struct dma_pool *device_root_dma_pool;

/*
 * All devices that are referred to, each subtree behind its root. One that
 * was unregistered stays until its last reference is put, so that a visitor
 * standing on it finds the way on.
 */
static struct device *first;
static unsigned count;

/* Called with device_lock held. */
static struct device *find_locked(const char *name)
{
	struct device *dev = first;

	while (dev && (dev->state == DEVICE_GONE || strcmp(dev->name, name)))
		dev = dev->next;
	return dev;
}

/* The link behind the last device below @parent, or the last of all. */
static struct device **place_below(struct device *parent)
{
	struct device **link = parent ? &parent->next : &first;

	while (*link && (!parent || (*link)->depth > parent->depth))
		link = &(*link)->next;
	return link;
}

/* Called with device_lock held. */
static int insert(struct device *dev)
{
	struct device *parent = dev->parent;
	struct device **link;

	if (count == DEVICES_MAX)
		return -ENOSPC;
	if (find_locked(dev->name))
		return -EEXIST;
	if (parent && parent->state == DEVICE_GONE)
		return -ENODEV;
	if (parent && parent->depth == DEVICE_DEPTH_MAX)
		return -E2BIG;
	if (parent) {
		parent->references++;
		parent->children++;
		dev->depth = (unsigned char)(parent->depth + 1);
	}
	if (!dev->dma_pool)
		dev->dma_pool =
			parent ? parent->dma_pool : device_root_dma_pool;
	dev->references = 1;
	dev->state = DEVICE_UNBOUND;
	link = place_below(parent);
	dev->next = *link;
	*link = dev;
	count++;
	return 0;
}

int device_register(struct device *dev)
{
	int ret;

	spin_lock(&device_lock);
	ret = insert(dev);
	spin_unlock(&device_lock);
	if (!ret && device_binding_started())
		device_bind(dev, NULL);
	return ret;
}

/* From UNBOUND to GONE, in one step that nobody can come between. */
static int withdraw(struct device *dev)
{
	int ret = 0;

	spin_lock(&device_lock);
	if (dev->state == DEVICE_GONE)
		ret = -ENODEV;
	else if (dev->state != DEVICE_UNBOUND || dev->children)
		ret = -EBUSY;
	else
		dev->state = DEVICE_GONE;
	if (!ret && dev->parent)
		dev->parent->children--;
	spin_unlock(&device_lock);
	return ret;
}

int device_unregister(struct device *dev)
{
	int ret = device_unbind(dev);

	if (ret && ret != -ENODEV)
		return ret;
	ret = withdraw(dev);
	if (!ret)
		device_put(dev);
	return ret;
}

void device_get(struct device *dev)
{
	spin_lock(&device_lock);
	dev->references++;
	spin_unlock(&device_lock);
}

/* True when that was the last reference: @dev is in the list no more. */
static bool put_locked(struct device *dev)
{
	struct device **link = &first;

	if (--dev->references)
		return false;
	while (*link != dev)
		link = &(*link)->next;
	*link = dev->next;
	count--;
	return true;
}

/* A device that goes puts its parent, which may go too, and so on. */
void device_put(struct device *dev)
{
	while (dev) {
		struct device *parent = dev->parent;
		bool last;

		spin_lock(&device_lock);
		last = put_locked(dev);
		spin_unlock(&device_lock);
		if (!last)
			return;
		if (dev->bus && dev->bus->release)
			dev->bus->release(dev);
		dev = parent;
	}
}

struct device *device_next(struct device *prev)
{
	struct device *dev;

	spin_lock(&device_lock);
	dev = prev ? prev->next : first;
	while (dev && dev->state == DEVICE_GONE)
		dev = dev->next;
	if (dev)
		dev->references++;
	spin_unlock(&device_lock);
	device_put(prev);
	return dev;
}

struct device *device_find(const char *name)
{
	struct device *dev;

	spin_lock(&device_lock);
	dev = find_locked(name);
	if (dev)
		dev->references++;
	spin_unlock(&device_lock);
	return dev;
}
