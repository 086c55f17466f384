/* SPDX-License-Identifier: BSD-2-Clause */
/* The page allocator: lists of free blocks, split and merged by halves. */
#define pr_fmt(fmt) "memory: " fmt

#include "frames.h"
#include <kernel/atomic.h>
#include <kernel/cpu.h>
#include <kernel/errno.h>
#include <kernel/mm/bootmem.h>
#include <kernel/mm/fault.h>
#include <kernel/mm/map.h>
#include <kernel/printk.h>
#include <kernel/spinlock.h>
#include <kernel/string.h>

#define FRAMES_BELOW_1M (1U << (20 - PAGE_SHIFT))
#define FRAMES_BELOW_4G (1U << (32 - PAGE_SHIFT))

/* Protects everything here and in frames.c. Innermost: taken last. */
static struct spinlock lock;
static struct page_stats stats;
static u32 free_list[PAGE_ZONES][PAGE_ORDERS]; /* first frames, 0: none */
static enum page_zone kept_zone;	       /* the one that CPUs keep of */
static u64 token_seed;

#define TOKEN_FACTOR 0x9e3779b97f4a7c15ULL /* odd: different for each frame */

/*
 * No free block reaches into another zone: page 0 is never free, and 4 GiB is
 * a multiple of the largest block.
 */
static enum page_zone zone_of(u32 frame)
{
	if (frame < FRAMES_BELOW_1M)
		return ZONE_BELOW_1M;
	return frame < FRAMES_BELOW_4G ? ZONE_BELOW_4G : ZONE_HIGH;
}

u64 page_token(u32 frame)
{
	/* Odd: no pointer, and not 0. */
	return (frame * TOKEN_FACTOR ^ token_seed) | 1;
}

bool page_may_be_kept(u32 frame)
{
	return zone_of(frame) == kept_zone;
}

static void count_free(u32 frame, unsigned order, bool more)
{
	struct page_zone_stats *zone = &stats.zone[zone_of(frame)];

	zone->blocks[order] += more ? 1 : -1ULL;
	zone->free_pages += more ? BIT(order) : -(u64)BIT(order);
}

static void list_add(u32 frame, unsigned order)
{
	u32 *first = &free_list[zone_of(frame)][order];
	struct page *page = frame_page(frame);

	*page = (struct page){
		.next = *first,
		.state = PAGE_FREE,
		.order = (u8)order,
	};
	if (*first)
		frame_page(*first)->prev = frame;
	*first = frame;
	count_free(frame, order, true);
}

static void list_remove(u32 frame, const struct page *page)
{
	u32 *first = &free_list[zone_of(frame)][page->order];

	if (page->prev)
		frame_page(page->prev)->next = page->next;
	else
		*first = page->next;
	if (page->next)
		frame_page(page->next)->prev = page->prev;
	count_free(frame, page->order, false);
}

/* Cut [@start, @end) into blocks of @state. */
static void tile(u32 start, u32 end, enum page_state state)
{
	while (start < end) {
		unsigned order = frames_order_at(start, end);

		if (state == PAGE_FREE) {
			list_add(start, order);
			stats.zone[zone_of(start)].pages += BIT(order);
		} else {
			*frame_page(start) = (struct page){
				.state = (u8)state,
				.order = (u8)order,
			};
		}
		start += BIT(order);
	}
}

static void tile_span(const struct memmap *map, u32 start, u32 end)
{
	for (unsigned i = 0; i < map->count; i++) {
		const struct memmap_entry *e = &map->entries[i];
		u64 from = MAX(e->start >> PAGE_SHIFT, 1ULL); /* not page 0 */
		u64 to = e->end >> PAGE_SHIFT;

		from = MAX(from, start);
		to = MIN(to, end);
		if (e->type != MEMMAP_RAM || from >= to)
			continue;
		tile(start, (u32)from, PAGE_RESERVED);
		tile((u32)from, (u32)to, PAGE_FREE);
		start = (u32)to;
	}
	tile(start, end, PAGE_RESERVED);
}

void page_init(void)
{
	const struct memmap *map = bootmem_map();
	u32 start, end;

	memset(&stats, 0, sizeof(stats));
	memset(free_list, 0, sizeof(free_list));
	page_cache_reset();
	token_seed = cpu_counter() * TOKEN_FACTOR;
	frames_reset();
	frames_add_spans(map);
	bootmem_close();
	for (unsigned i = 0; i < frames_span_count(); i++) {
		frames_span(i, &start, &end);
		tile_span(map, start, end);
	}
	kept_zone = stats.zone[ZONE_HIGH].pages ? ZONE_HIGH : ZONE_BELOW_4G;
}

/* Halve the block at @frame down to @order; the upper halves become free. */
static void split(u32 frame, unsigned from, unsigned order)
{
	while (from > order) {
		from--;
		list_add(frame + BIT(from), from);
	}
}

static u32 take(enum page_zone zone, unsigned order)
{
	for (unsigned o = order; o <= PAGE_ORDER_MAX; o++) {
		u32 frame = free_list[zone][o];

		if (!frame)
			continue;
		list_remove(frame, frame_page(frame));
		split(frame, o, order);
		*frame_page(frame) = (struct page){
			.state = PAGE_USED,
			.order = (u8)order,
		};
		return frame;
	}
	return 0;
}

static u32 take_from_zones(unsigned order, unsigned flags)
{
	unsigned zones = flags & ALLOC_BELOW_1M	  ? ZONE_BELOW_1M + 1
			 : flags & ALLOC_BELOW_4G ? ZONE_BELOW_4G + 1
						  : PAGE_ZONES;
	unsigned long irq = spin_lock_irqsave(&lock);
	u32 frame = 0;

	while (zones-- > 0 && !frame)
		frame = take((enum page_zone)zones, order);
	if (frame) {
		stats.allocated++;
		if (!order)
			frame_page(frame)->token = page_token(frame);
	}
	spin_unlock_irqrestore(&lock, irq);
	return frame;
}

static u32 find_memory(unsigned order, unsigned flags)
{
	u32 frame = 0;

	if (order > PAGE_ORDER_MAX || fault_inject())
		return 0;
	if (!order && !(flags & (ALLOC_BELOW_1M | ALLOC_BELOW_4G)))
		frame = page_cache_take();
	if (!frame)
		frame = take_from_zones(order, flags);
	if (frame || !page_cache_count())
		return frame;
	/* What CPUs keep may be just what is missing. */
	page_cache_drain();
	return take_from_zones(order, flags);
}

phys_addr_t alloc_pages(unsigned order, unsigned flags)
{
	phys_addr_t phys = (phys_addr_t)find_memory(order, flags) << PAGE_SHIFT;

	if (!phys)
		atomic_fetch_add_relaxed(&stats.failed, (u64)1);
	else if (flags & ALLOC_ZERO)
		memset(phys_to_virt(phys), 0, (size_t)PAGE_SIZE << order);
	return phys;
}

void page_move_out(u32 *frames, u32 *count, unsigned max)
{
	unsigned long irq = spin_lock_irqsave(&lock);
	u32 n = *count, frame;

	for (; max-- > 0 && (frame = take(kept_zone, 0)); n++)
		frames[n] = frame;
	*count = n; /* one store: others read it */
	spin_unlock_irqrestore(&lock, irq);
}

/* Free the block at @frame and, as far as possible, join it with its buddy. */
static void merge(u32 frame, unsigned order)
{
	while (order < PAGE_ORDER_MAX) {
		u32 buddy = frame ^ BIT(order);
		struct page *page;

		if (!frames_in_one_span(MIN(frame, buddy), BIT(order + 1)))
			break;
		page = frame_page(buddy);
		if (page->state != PAGE_FREE || page->order != order)
			break;
		list_remove(buddy, page);
		frame = MIN(frame, buddy);
		order++;
	}
	list_add(frame, order);
}

void page_move_in(const u32 *frames, u32 *count, unsigned n)
{
	unsigned long irq = spin_lock_irqsave(&lock);
	u32 left = *count;

	while (n-- > 0)
		merge(frames[--left], 0);
	*count = left; /* one store: others read it */
	spin_unlock_irqrestore(&lock, irq);
}

/* A CPU keeps it: free, though not for others. */
static bool is_kept(const struct page *page)
{
	return page->state == PAGE_USED && !page->order &&
	       !atomic_read(&page->token);
}

/* What is wrong with freeing @phys, or NULL. */
static const char *why_not(phys_addr_t phys, unsigned order,
			   const struct page *page, u32 head)
{
	if (!page || page->state == PAGE_RESERVED)
		return "it was never given out";
	if (page->state == PAGE_FREE || is_kept(page))
		return "it is free already";
	if (phys != (phys_addr_t)head << PAGE_SHIFT)
		return "it is inside a block";
	if (page->state != PAGE_USED)
		return "it belongs to kmalloc";
	return page->order != order ? "the block has another order" : NULL;
}

static struct page *find_block(phys_addr_t phys, u32 *head)
{
	*head = 0;
	return phys >> PAGE_SHIFT < FRAME_MAX
		       ? frame_block((u32)(phys >> PAGE_SHIFT), head)
		       : NULL;
}

int free_pages(phys_addr_t phys, unsigned order)
{
	unsigned found = 0;
	const char *problem;
	unsigned long irq;
	struct page *page;
	u32 head;

	if (!order && page_cache_give(phys))
		return 0;
	irq = spin_lock_irqsave(&lock);
	page = find_block(phys, &head);
	problem = why_not(phys, order, page, head);
	if (problem) {
		stats.refused++;
		found = page ? page->order : 0;
	} else {
		stats.freed++;
		page->token = 0;
		merge(head, order);
	}
	spin_unlock_irqrestore(&lock, irq);
	if (!problem)
		return 0;
	pr_err("free of %#llx, order %u, refused: %s (block at %#llx, order %u)",
	       (unsigned long long)phys, order, problem,
	       (unsigned long long)head << PAGE_SHIFT, found);
	return -EINVAL;
}

/* Make a reserved frame a block of its own, and then free it. */
static bool release_frame(u32 frame)
{
	u32 head;
	struct page *page = frame ? frame_block(frame, &head) : NULL;
	u32 end;

	if (!page || page->state != PAGE_RESERVED)
		return false;
	end = head + BIT(page->order);
	tile(head, frame, PAGE_RESERVED);
	tile(frame + 1, end, PAGE_RESERVED);
	stats.zone[zone_of(frame)].pages++;
	merge(frame, 0);
	return true;
}

void page_release_reserved(phys_addr_t start, phys_addr_t end)
{
	unsigned refused = 0;

	for (phys_addr_t at = ALIGN_UP(start, PAGE_SIZE); at + PAGE_SIZE <= end;
	     at += PAGE_SIZE) {
		unsigned long irq = spin_lock_irqsave(&lock);

		refused += at >> PAGE_SHIFT >= FRAME_MAX ||
			   !release_frame((u32)(at >> PAGE_SHIFT));
		spin_unlock_irqrestore(&lock, irq);
	}
	if (refused)
		pr_err("%u pages of [%#llx-%#llx] are not reserved: not released",
		       refused, (unsigned long long)start,
		       (unsigned long long)end - 1);
}

void page_set_state(phys_addr_t phys, enum page_state state, void *owner)
{
	unsigned long irq = spin_lock_irqsave(&lock);
	struct page *page = frame_page((u32)(phys >> PAGE_SHIFT));

	page->state = (u8)state;
	if (state == PAGE_USED && !page->order)
		page->token = page_token((u32)(phys >> PAGE_SHIFT));
	else
		page->owner = owner;
	spin_unlock_irqrestore(&lock, irq);
}

struct page_info page_lookup(phys_addr_t phys)
{
	struct page_info info = { .state = PAGE_RESERVED };
	unsigned long irq = spin_lock_irqsave(&lock);
	u32 head;
	const struct page *page = find_block(phys, &head);

	if (page) {
		info.start = (phys_addr_t)head << PAGE_SHIFT;
		info.state = is_kept(page) ? PAGE_FREE
					   : (enum page_state)page->state;
		info.order = page->order;
		info.owner = page->state == PAGE_SLAB ? page->owner : NULL;
	}
	spin_unlock_irqrestore(&lock, irq);
	return info;
}

void page_get_stats(struct page_stats *out)
{
	unsigned long irq;

	/* So that blocks are as large as they can be. */
	page_cache_drain();
	irq = spin_lock_irqsave(&lock);
	*out = stats;
	out->zone[kept_zone].free_pages += page_cache_count();
	spin_unlock_irqrestore(&lock, irq);
	page_cache_add_stats(out);
}

u64 page_free_count(void)
{
	unsigned long irq = spin_lock_irqsave(&lock);
	u64 pages = page_cache_count();

	for (unsigned i = 0; i < PAGE_ZONES; i++)
		pages += stats.zone[i].free_pages;
	spin_unlock_irqrestore(&lock, irq);
	return pages;
}

unsigned page_order_for(u64 bytes)
{
	unsigned order = 0;

	while (order < 64 - PAGE_SHIFT && (u64)PAGE_SIZE << order < bytes)
		order++;
	return order;
}
