/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stand-ins for services of the kernel, for tests of what is built on them.
 * Each is in a file host_NAME.c of its own in the library of all unit tests,
 * and is linked only where nothing else defines its functions; fuzz targets
 * name those they want.
 */
#pragma once

#include <kernel/types.h>

struct dma_pool;

/*
 * host_printk.c: what was said. Each message is formatted, whatever becomes of
 * it.
 */
#define HOST_SAID_MAX 512
extern char host_said[HOST_SAID_MAX]; /* the last message */
extern unsigned host_said_count;

/* host_time.c: the clock goes on by host_time_step_ns at each look at it. */
extern u64 host_time_now_ns, host_time_step_ns;

/* host_timer.c: timers run, all that are set, when the test says so. */
unsigned host_run_timers(void);

/*
 * host_work.c: work waits until the test runs it, or somebody flushes it.
 * Returns how many pieces ran.
 */
unsigned host_run_work(void);

/* host_heap.c: the C library's memory. The next calls fail after @count. */
void host_heap_fail_after(unsigned count);
#define HOST_HEAP_NEVER UINT32_MAX

/*
 * host_dma.c: addresses are pointers. With a pool what is mapped is a copy,
 * apart, and a bounded number of bytes can be mapped.
 */
extern size_t host_dma_pool_room;  /* bytes that can still be mapped */
extern unsigned host_dma_mappings; /* of a pool, now */
extern size_t host_dma_bytes;	   /* given out by dma_alloc(), now */
extern unsigned host_dma_waiters;
extern size_t host_dma_request_max, host_dma_share;
extern unsigned host_dma_limited; /* calls of dma_limit_to_platform() */
/** The memory of the newest copy, which nobody will unmap. */
void *host_dma_last_copy(void);
extern struct dma_pool *const host_dma_pool; /* for dev->dma_pool */
