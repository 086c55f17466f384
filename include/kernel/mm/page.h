/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Physical pages, in blocks of 2^order pages aligned to their size: from one
 * page (order 0) to 1 GiB (order 18). Usable from the end of level MEMORY on,
 * in any context but NMI.
 *
 * The allocator never touches the memory it manages: what it knows about a
 * page is kept apart, so a free block may be given back to the hypervisor.
 */
#pragma once

#include <asm/layout.h>
#include <kernel/compiler.h>

#define PAGE_ORDER_MAX 18
#define PAGE_ORDERS    (PAGE_ORDER_MAX + 1)

/* Orders of the pages that x86-64 and arm64 (4 KiB granule) map. */
#define PAGE_ORDER_2M 9
#define PAGE_ORDER_1G 18

enum alloc_flags {
	ALLOC_ZERO = BIT(0),	 /* cleared */
	ALLOC_BELOW_4G = BIT(1), /* for devices with 32-bit addresses */
	ALLOC_BELOW_1M = BIT(2), /* for code that starts in real mode */
};

/**
 * A block of 2^@order pages, as its physical address; phys_to_virt() leads to
 * it. 0 when there is none (or @order is above PAGE_ORDER_MAX): page 0 is
 * never given out. The caller owns it until free_pages().
 */
phys_addr_t alloc_pages(unsigned order, unsigned flags);

/**
 * Give back the block at @phys, which alloc_pages() gave out with this
 * @order. Anything else is refused: one message says what was found there,
 * nothing changes, and -EINVAL is returned. Otherwise 0.
 */
int free_pages(phys_addr_t phys, unsigned order);

/** The smallest order whose blocks hold @bytes; may be > PAGE_ORDER_MAX. */
unsigned page_order_for(u64 bytes);

/*
 * Zones divide memory by what can address it. Those who do not ask for low
 * memory get it only when there is no other.
 */
enum page_zone {
	ZONE_BELOW_1M,
	ZONE_BELOW_4G,
	ZONE_HIGH,
	PAGE_ZONES,
};

struct page_zone_stats {
	u64 pages;		 /* that the allocator owns, free or not */
	u64 free_pages;		 /* of these */
	u64 blocks[PAGE_ORDERS]; /* free, by order */
};

struct page_stats {
	struct page_zone_stats zone[PAGE_ZONES];
	u64 allocated; /* blocks, since boot */
	u64 freed;
	u64 failed;  /* allocations for which there was no memory */
	u64 refused; /* wrong calls of free_pages() */
};

/** A consistent picture of now. */
void page_get_stats(struct page_stats *out);

/** Free pages in all zones. */
u64 page_free_count(void);

/**
 * Take over all RAM of bootmem_map(); its allocator gives out nothing from
 * then on. Called once, at level MEMORY, after arch_paging_init().
 */
void page_init(void);

/**
 * Hand whole pages of [@start, @end), RAM that only the boot needed, to the
 * allocator. What it does not know as reserved RAM is refused with a message.
 */
void page_release_reserved(phys_addr_t start, phys_addr_t end);
