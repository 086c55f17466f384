/* SPDX-License-Identifier: BSD-2-Clause */
#define pr_fmt(fmt) "memory: " fmt

#include "vm_area.h"
#include <kernel/mm/page.h>
#include <kernel/mm/slab.h>
#include <kernel/printk.h>
#include <kernel/spinlock.h>

/* Protects the list and the statistics. */
static struct spinlock lock;
static struct vm_area *areas; /* sorted by address */
static struct vm_stats stats;

const struct vm_range vm_anywhere = { REMAP_BASE, REMAP_SIZE };

/* The lowest address from @from on that the alignment allows. */
static uintptr_t align_to(uintptr_t from, u64 align, u64 offset)
{
	uintptr_t at = ALIGN_DOWN(from, align) + offset;

	return at >= from ? at : at + align;
}

/*
 * First fit: low addresses are used again soon, and so are their page tables.
 * Returns the link that the new area goes into, or NULL.
 */
static struct vm_area **find_place(const struct vm_range *range, u64 size,
				   u64 align, u64 offset, uintptr_t *start)
{
	uintptr_t from = range->base + PAGE_SIZE;
	uintptr_t last = range->base + range->size;
	struct vm_area **link = &areas;

	while (*link && (*link)->start < from)
		link = &(*link)->next;
	for (;; link = &(*link)->next) {
		uintptr_t end = *link ? MIN((*link)->start, last) : last;

		*start = align_to(from, align, offset);
		if (*start < end && size < end - *start)
			return link;
		if (end == last)
			return NULL;
		from = (*link)->start + (*link)->size + PAGE_SIZE;
	}
}

struct vm_area *vm_area_alloc(const struct vm_range *range, u64 size, u64 align,
			      u64 offset, phys_addr_t *pages)
{
	struct vm_area *area = kmalloc(sizeof(*area));
	struct vm_area **link;
	unsigned long irq;
	uintptr_t start;

	if (!area)
		return NULL;
	irq = spin_lock_irqsave(&lock);
	link = find_place(range, size, align, offset, &start);
	if (link) {
		*area = (struct vm_area){
			.next = *link,
			.start = start,
			.size = size,
		};
		area->pages = pages;
		*link = area;
		stats.areas++;
		stats.bytes += size;
	}
	spin_unlock_irqrestore(&lock, irq);
	if (!link)
		kfree(area);
	return link ? area : NULL;
}

void vm_area_free(struct vm_area *area)
{
	unsigned long irq = spin_lock_irqsave(&lock);
	struct vm_area **link = &areas;

	while (*link != area)
		link = &(*link)->next;
	*link = area->next;
	stats.areas--;
	stats.bytes -= area->size;
	spin_unlock_irqrestore(&lock, irq);
	kfree(area);
}

static struct vm_area *find(uintptr_t start, bool pages)
{
	struct vm_area *area = areas;

	while (area && area->start < start)
		area = area->next;
	if (!area || area->start != start || area->closing ||
	    (area->pages != NULL) != pages)
		return NULL;
	return area;
}

struct vm_area *vm_area_close(uintptr_t start, bool pages)
{
	unsigned long irq = spin_lock_irqsave(&lock);
	struct vm_area *area = find(start, pages);

	if (area)
		area->closing = true;
	else
		stats.refused++;
	spin_unlock_irqrestore(&lock, irq);
	if (!area)
		pr_err("%s of %p refused: nothing is mapped there by %s",
		       pages ? "vfree" : "memunmap", (void *)start,
		       pages ? "vmalloc" : "memremap");
	return area;
}

void vm_area_unmap(const struct vm_area *area)
{
	arch_unmap(area->start, area->size);
	tlb_flush_kernel_range(area->start, area->start + area->size);
}

void vm_get_stats(struct vm_stats *out)
{
	unsigned long irq = spin_lock_irqsave(&lock);

	*out = stats;
	spin_unlock_irqrestore(&lock, irq);
}
