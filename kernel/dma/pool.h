/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pools of bounce buffers: memory that is all a device reaches, or is shown,
 * cut into slots of 2 KiB. A mapping is a run of slots that are neighbours.
 *
 * Slots belong to areas of at most 4 MiB, each with a lock and counters of its
 * own. A CPU takes slots from the area that it begins at, which is no other
 * CPU's as long as there are as many areas as CPUs, and from others when that
 * one is full. Nothing that all CPUs write to is touched by a mapping that
 * finds room; copying is done without a lock.
 *
 * What is known about a mapping is in private memory, where no device reaches:
 * one number for each slot says what begins there, and it is exchanged for 0
 * by exactly one dma_unmap().
 */
#pragma once

#include <kernel/dma.h>
#include <kernel/spinlock.h>
#include <kernel/work.h>

#define DMA_SLOT_SHIFT	   11
#define DMA_SLOT_BYTES	   BIT(DMA_SLOT_SHIFT)
#define DMA_AREA_SLOTS_MAX 2048
#define DMA_AREA_SLOTS_MIN 512

_Static_assert(DMA_SLOT_BYTES == DMA_MAP_UNIT, "mappings are runs of slots");

/* Policy: more of a pool than this is not used. */
#define DMA_POOL_BYTES_MAX (1ULL << 30)

#define DMA_POOL_NAME_MAX 32

/* A part of a pool. Its lock protects it all. */
struct dma_area {
	struct spinlock lock;
	u32 slots;
	u32 first;    /* slot of the pool */
	u32 free;     /* slots, also read without the lock: then a hint */
	u32 used_max; /* slots: the most at any time */
	u64 mapped;   /* runs given out */
	u64 released; /* runs given back; never less than before */
	u64 copied;   /* bytes, to the pool and from it */
	u64 used[DMA_AREA_SLOTS_MAX / 64]; /* a bit is set: the slot is used */
} __aligned(64);

struct dma_pool {
	char name[DMA_POOL_NAME_MAX];
	phys_addr_t start;
	u64 size;     /* whole slots */
	char *memory; /* the same in the direct map */
	u32 slots;
	u32 map_max;	 /* slots of the longest mapping */
	u32 request_max; /* slots of all mappings of a request */
	u32 lasting;	 /* from here on may be what is not a request's */
	u32 areas;
	u32 area_shift; /* all areas but the last have 1 << this many slots */
	u32 stride;	/* areas between those that two CPUs begin at */
	struct dma_area *area;
	u32 *tag;    /* for each slot: dma_tag() of what begins there, or 0 */
	void **data; /* for each slot: what is mapped there */
	unsigned order; /* of the block that holds these three */
	u64 failed;	/* mappings that found it full */
	u64 refused;	/* wrong calls of dma_unmap() and dma_free() */

	/* Those who found it full: kernel/dma/wait.c. */
	struct spinlock wait_lock;
	struct dma_waiter *first_waiter;
	struct dma_waiter *last_waiter;
	const struct dma_waiter *running; /* its fn, now */
	bool waiting; /* somebody does; read under areas' locks */
	struct delayed_work wake;
	u64 woken_ns; /* when they were called last */

	int fdt_node;	       /* of a restricted pool, else 0 */
	struct dma_pool *next; /* in the order of their making */
};

/* Bits of a tag that are a direction. */
#define DMA_TAG_SHIFT 3

/** What begins at a slot; @direction 0: memory of dma_alloc(). Not 0. */
static inline u32 dma_tag(size_t length, unsigned direction)
{
	return (u32)(length << DMA_TAG_SHIFT | direction);
}

/**
 * Make a pool of @size bytes at @start, which are in the direct map, the
 * caller's, and nobody else's from then on. Partial slots at the ends are left
 * out. NULL: no memory for what is known about it, or less than two slots.
 * From level SMP on, in threads and the boot.
 */
struct dma_pool *dma_pool_create(const char *name, phys_addr_t start, u64 size);

/** For tests: end a pool that no device has. -EBUSY while slots are used. */
int dma_pool_destroy(struct dma_pool *pool);

/** A pool without slots, for devices whose own is of no use: all fails. */
extern struct dma_pool dma_no_pool;

/** The first pool for NULL, else the one after @pool; NULL past the last. */
struct dma_pool *dma_pool_next(struct dma_pool *pool);

/** Say, as Linux does, that @pool can be used. */
void dma_pool_announce(const struct dma_pool *pool);

/* What a pool does now and has done. */
struct dma_pool_stats {
	u32 used;     /* slots */
	u32 used_max; /* sum of all areas' most: no less than the pool's */
	u64 mapped, failed, refused, copied;
};
void dma_pool_get_stats(struct dma_pool *pool, struct dma_pool_stats *stats);

/** dma_alloc() and dma_free() for a device with a pool. */
void *dma_pool_alloc(struct dma_pool *pool, size_t size, dma_addr_t *address);
void dma_pool_free(struct dma_pool *pool, size_t size, dma_addr_t address);

/*
 * Runs of slots in areas (slots.c).
 */

/**
 * A run of @n free slots, the first one being a multiple of the power of two
 * @align and no lower than @from in the pool: now the caller's. -1: there is
 * none. Any context but NMI.
 */
int dma_slots_take(struct dma_pool *pool, unsigned n, unsigned align,
		   unsigned from, size_t copied);

/** Give back @n slots from @slot on. Wakes who waits. */
void dma_slots_give(struct dma_pool *pool, unsigned slot, unsigned n,
		    size_t copied);

/**
 * Runs given back so far. A run that is given back later finds pool->waiting
 * as it was stored before this call.
 */
u64 dma_slots_released(struct dma_pool *pool);

/** How many areas pool->slots slots are to have: how they are divided. */
void dma_slots_divide(struct dma_pool *pool);
/** Prepare pool->area, which has memory for them now: all slots are free. */
void dma_slots_init(struct dma_pool *pool);

/*
 * Waiting for them (wait.c).
 */
void dma_pool_wait(struct dma_pool *pool, struct dma_waiter *waiter);
void dma_pool_wait_cancel(struct dma_pool *pool, struct dma_waiter *waiter);
/** Something was given back: call those who wait. Any context but NMI. */
void dma_pool_wake(struct dma_pool *pool);
/** pool->wake's function. */
void dma_pool_wake_work(struct work *work);
