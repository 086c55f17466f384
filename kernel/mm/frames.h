/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the memory allocator knows about each page frame.
 *
 * Physical memory is a few spans, each with an array of struct page. A span
 * is tiled without gaps by blocks of 2^order frames, aligned to their size,
 * and only the entry of a block's first frame means anything: the others are
 * never read or written. So a boot touches as many entries as there are
 * blocks, not as there are frames, and any frame's block can still be found.
 */
#pragma once

#include <kernel/mm/memmap.h>
#include <kernel/mm/page.h>

/* Frame numbers have 32 bits: 16 TiB. 0 is never free and ends lists. */
#define FRAME_MAX UINT32_MAX

enum page_state {
	PAGE_RESERVED = 1, /* not the allocator's, or no memory at all */
	PAGE_FREE,
	PAGE_USED,  /* given out by alloc_pages() */
	PAGE_SLAB,  /* the same, and holds objects of a slab */
	PAGE_LARGE, /* the same, and is one object of kmalloc() */
};

struct page {
	union {
		struct {
			u32 next, prev; /* PAGE_FREE: frames in the list */
		};
		void *owner; /* PAGE_SLAB */
		/*
		 * PAGE_USED of order 0: page_token(), as long as it is given
		 * out; 0 in a CPU's cache of free pages. It is claimed by
		 * compare-and-exchange, without the lock, and nothing else
		 * has such a value: not a pointer, not what lay in memory
		 * when it was made an entry.
		 */
		u64 token;
	};
	u8 state; /* enum page_state */
	u8 order;
};

/* All of this is protected by the lock of pages.c, where not said otherwise. */

/** Forget all spans. */
void frames_reset(void);

/**
 * Lay spans over the RAM of @map and take memory for them from bootmem.
 * What finds no place is left out, with a message.
 */
void frames_add_spans(const struct memmap *map);

/** The entry of @frame, which must be a block's first or about to be. */
struct page *frame_page(u32 frame);

/** The entry of @frame, which may be any, or NULL. Without the lock. */
struct page *frame_find(u32 frame);

/** The entry of the block that holds @frame, and its first frame in *@head;
 * NULL outside of all spans. */
struct page *frame_block(u32 frame, u32 *head);

/** True if the @count frames from @frame on lie in one span. */
bool frames_in_one_span(u32 frame, u64 count);

/** Visit the spans. */
unsigned frames_span_count(void);
void frames_span(unsigned n, u32 *start, u32 *end);

/** The order of the largest block that may begin at @frame before @end. */
unsigned frames_order_at(u32 frame, u32 end);

/*
 * For the slab allocator. Blocks that its caller owns keep their state while
 * it does, so the answer stays true.
 */

/** Mark the block at @phys, owned by the caller, as @state. */
void page_set_state(phys_addr_t phys, enum page_state state, void *owner);

struct page_info {
	phys_addr_t start;
	enum page_state state; /* PAGE_RESERVED outside of RAM, too */
	unsigned order;
	void *owner;
};

/** The block that holds @phys. */
struct page_info page_lookup(phys_addr_t phys);

/*
 * Between pages.c and page_cache.c. CPUs keep free pages of one zone only, the
 * highest that there is; the others are too dear.
 */

/** What the entry of @frame holds while it is given out as a page. */
u64 page_token(u32 frame);
/** True if CPUs may keep @frame. Without the lock. */
bool page_may_be_kept(u32 frame);

/**
 * Add up to @max free pages to the *@count that are in @frames, and count
 * them there before the lock is let go.
 */
void page_move_out(u32 *frames, u32 *count, unsigned max);
/** Free the last @n of the *@count pages in @frames. */
void page_move_in(const u32 *frames, u32 *count, unsigned n);

/** A page from this CPU's cache, given out, or 0. */
u32 page_cache_take(void);
/**
 * Take back the page at @phys if it was given out as one and can be kept.
 * False: nothing has changed.
 */
bool page_cache_give(phys_addr_t phys);
/** Empty all CPUs' caches. */
void page_cache_drain(void);
/** Forget what is in them. */
void page_cache_reset(void);
/** Pages in all caches; with the lock held none is counted twice. */
u64 page_cache_count(void);
/** Add what went through the caches. */
void page_cache_add_stats(struct page_stats *stats);
