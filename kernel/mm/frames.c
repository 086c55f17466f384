/* SPDX-License-Identifier: BSD-2-Clause */
#define pr_fmt(fmt) "memory: " fmt

#include "frames.h"
#include <kernel/mm/bootmem.h>
#include <kernel/mm/map.h>
#include <kernel/printk.h>

/* Policy: a larger hole is not worth entries for the frames in it. */
#define SPAN_HOLE_MAX (64U << (20 - PAGE_SHIFT))

#define SPANS_MAX 64

struct span {
	u32 start, end; /* frames, end not included */
	struct page *pages;
};

static struct span spans[SPANS_MAX];
static unsigned span_count;

void frames_reset(void)
{
	span_count = 0;
}

unsigned frames_span_count(void)
{
	return span_count;
}

void frames_span(unsigned n, u32 *start, u32 *end)
{
	*start = spans[n].start;
	*end = spans[n].end;
}

static u32 frame_of(phys_addr_t phys)
{
	return (u32)MIN(phys >> PAGE_SHIFT, (phys_addr_t)FRAME_MAX);
}

/* Entries come sorted: @e lies in or after the last span. */
static void cover(const struct memmap_entry *e)
{
	struct span *last = span_count ? &spans[span_count - 1] : NULL;
	u32 start = frame_of(e->start);
	u32 end = frame_of(MIN(e->end, UINT64_MAX - PAGE_SIZE) + PAGE_SIZE - 1);

	if (start == end)
		pr_warn("RAM at %#llx is out of reach: ignored",
			(unsigned long long)e->start);
	else if (last && start <= last->end + SPAN_HOLE_MAX)
		last->end = MAX(last->end, end);
	else if (span_count < SPANS_MAX)
		spans[span_count++] = (struct span){ start, end, NULL };
	else
		pr_warn("RAM at %#llx is one piece too many: ignored",
			(unsigned long long)e->start);
}

static bool add_entries(struct span *span)
{
	u64 bytes = (u64)(span->end - span->start) * sizeof(struct page);
	phys_addr_t at = bootmem_alloc(bytes, PAGE_SIZE, 0);

	if (!at) {
		pr_warn("no memory to manage RAM at %#llx: ignored",
			(unsigned long long)span->start << PAGE_SHIFT);
		return false;
	}
	span->pages = phys_to_virt(at);
	return true;
}

void frames_add_spans(const struct memmap *map)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < map->count; i++)
		if (map->entries[i].type == MEMMAP_RAM ||
		    map->entries[i].type == MEMMAP_KERNEL)
			cover(&map->entries[i]);
	/* This changes the map, but not where RAM is. */
	for (unsigned i = 0; i < span_count; i++)
		if (add_entries(&spans[i]))
			spans[kept++] = spans[i];
	span_count = kept;
}

static struct span *span_of(u32 frame)
{
	for (unsigned i = 0; i < span_count; i++)
		if (frame >= spans[i].start && frame < spans[i].end)
			return &spans[i];
	return NULL;
}

bool frames_in_one_span(u32 frame, u64 count)
{
	const struct span *span = span_of(frame);

	return span && count <= span->end - frame;
}

struct page *frame_page(u32 frame)
{
	struct span *span = span_of(frame);

	return &span->pages[frame - span->start];
}

struct page *frame_find(u32 frame)
{
	struct span *span = span_of(frame);

	return span ? &span->pages[frame - span->start] : NULL;
}

/*
 * From the largest order down: the aligned frame at or below @frame begins a
 * block, or a larger block that holds it would have been found before. The
 * first such block that reaches @frame is the answer.
 */
struct page *frame_block(u32 frame, u32 *head)
{
	struct span *span = span_of(frame);

	if (!span)
		return NULL;
	for (unsigned order = PAGE_ORDER_MAX; order > 0; order--) {
		u32 first = ALIGN_DOWN(frame, BIT(order));

		if (first < span->start ||
		    span->pages[first - span->start].order < order)
			continue;
		*head = first;
		return &span->pages[first - span->start];
	}
	*head = frame;
	return &span->pages[frame - span->start];
}

unsigned frames_order_at(u32 frame, u32 end)
{
	unsigned order = 0;

	while (order < PAGE_ORDER_MAX && IS_ALIGNED(frame, BIT(order + 1)) &&
	       end - frame >= BIT(order + 1))
		order++;
	return order;
}
