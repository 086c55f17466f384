/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory that devices read and write. A device has one of two kinds of reach:
 * it reaches all RAM, and what it is given is the memory itself; or it has a
 * pool, the only memory it reaches or is to be shown, and what it is given is
 * a copy there (a bounce buffer). Drivers do not see the difference. The kind
 * is inherited from the parent when a device is registered.
 *
 * Devices of all hypervisors are coherent with the CPUs' caches, so there is
 * nothing to flush: order is what fences are for.
 *
 * Lifetimes: what is mapped belongs to the device until dma_unmap(), whose
 * caller knows that the device is done with it or was reset.
 */
#pragma once

#include <kernel/device.h>
#include <kernel/mm/map.h>

/** An address as a device sees it. */
typedef u64 dma_addr_t;

enum dma_direction {
	DMA_TO_DEVICE = BIT(0),	  /* it reads */
	DMA_FROM_DEVICE = BIT(1), /* it writes */
	DMA_BOTH = DMA_TO_DEVICE | DMA_FROM_DEVICE,
	/*
	 * Beside one of these: the device has it until it has something to
	 * say, which may be never. In a pool such mappings leave room for
	 * requests, which end.
	 */
	DMA_LASTING = BIT(2),
};

/* No mapping is longer: what a pool gives out in one piece. */
#define DMA_MAP_MAX (256 * 1024)
/* What a mapping takes of a pool is a multiple of this. */
#define DMA_MAP_UNIT 2048

/*
 * Somebody who found a pool full. The caller's memory, zeroed but for fn
 * before it waits for the first time, and always of the same device.
 */
struct dma_waiter {
	void (*fn)(struct dma_waiter *waiter);
	struct dma_waiter *next; /* the pool's, as what follows */
	u64 seen;
	bool waiting;
};

/* What dma_map() and dma_unmap() do for a device that has a pool. */
int dma_pool_map(struct device *dev, void *data, size_t length,
		 enum dma_direction direction, dma_addr_t *address);
void dma_pool_unmap(struct device *dev, dma_addr_t address, size_t length,
		    enum dma_direction direction);

/**
 * Let @dev reach [@data, @data + @length), which is in the direct map, 1 to
 * DMA_MAP_MAX bytes. 0 and *@address; -EAGAIN when the pool is full now: see
 * dma_wait(). Any context but NMI.
 */
static inline int dma_map(struct device *dev, void *data, size_t length,
			  enum dma_direction direction, dma_addr_t *address)
{
	if (IS_ENABLED(CONFIG_DMA_POOL) && unlikely(dev->dma_pool))
		return dma_pool_map(dev, data, length, direction, address);
	*address = virt_to_phys(data);
	return 0;
}

/**
 * The device is done with what dma_map() returned: what it wrote, in a mapping
 * of DMA_FROM_DEVICE, is in the memory now. @length and @direction as they
 * were then. Any context but NMI.
 */
static inline void dma_unmap(struct device *dev, dma_addr_t address,
			     size_t length, enum dma_direction direction)
{
	if (IS_ENABLED(CONFIG_DMA_POOL) && unlikely(dev->dma_pool))
		dma_pool_unmap(dev, address, length, direction);
}

/**
 * Call @waiter->fn once when @dev's pool has had something given back since
 * the last mapping that failed: soon, if it has already. It is called by a
 * thread, with interrupts masked and no locks, never from within this or
 * dma_unmap(), so both may be called with a lock held that it takes. It may
 * have been nothing that helps: map again, wait again. Any context but NMI.
 */
void dma_wait(struct device *dev, struct dma_waiter *waiter);
/**
 * Not any more; its fn neither runs nor will run on return. In threads, with
 * no lock held that fn takes.
 */
void dma_wait_cancel(struct device *dev, struct dma_waiter *waiter);

/**
 * @size bytes, cleared, in one piece, aligned to a page, that @dev and the
 * CPUs share for long: rings. *@address is where the device finds them. NULL
 * when there are none. In threads and the boot.
 */
void *dma_alloc(struct device *dev, size_t size, dma_addr_t *address);
/** Give them back, when the device does not use them any more. */
void dma_free(struct device *dev, void *memory, size_t size,
	      dma_addr_t address);

/**
 * Bytes that the mappings of one request of @dev may have together: with no
 * more, and a few small ones beside them, it finds room at least when nothing
 * else is mapped. SIZE_MAX for a device without a pool. Who makes requests of
 * many segments must not make longer ones: they could wait for ever.
 */
size_t dma_request_max(const struct device *dev);

/**
 * Bytes that a driver should let @dev have for long, in mappings of DMA_LASTING
 * and in memory of dma_alloc() that it could do without: an eighth of a pool,
 * so that others find room beside it. SIZE_MAX for a device without a pool.
 */
size_t dma_share(const struct device *dev);

/** True if [@address, @address + @length) is what @dev may be shown. */
bool dma_reaches(const struct device *dev, dma_addr_t address, size_t length);

#ifdef CONFIG_DMA_POOL
/**
 * @dev says that it reaches only what the platform lets it reach (virtio's
 * VIRTIO_F_ACCESS_PLATFORM): give it the default pool, if it has none and
 * `swiotlb=access-platform` asks for that. Before it is given any memory; in
 * threads. 0 or -ENOMEM.
 */
int dma_limit_to_platform(struct device *dev);

/**
 * The restricted DMA pool that "memory-region" of node @node of the machine's
 * device tree names, for device.dma_pool; NULL: none. A pool that is of no use
 * is one from which nothing can be had. In threads. Only with CONFIG_FDT.
 */
struct dma_pool *dma_pool_for_node(int node);
#else
static inline int dma_limit_to_platform(struct device *dev __unused)
{
	return 0;
}

static inline struct dma_pool *dma_pool_for_node(int node __unused)
{
	return NULL;
}
#endif
