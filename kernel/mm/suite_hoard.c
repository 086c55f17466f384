/* SPDX-License-Identifier: BSD-2-Clause */
/* A machine without memory, for a while. */
#include <kernel/mm/map.h>
#include <kernel/mm/page.h>
#include "suite.h"

/* At the beginning of each block that was taken. */
struct hoarded {
	phys_addr_t next; /* 0: the last */
	unsigned order;
};

u32 suite_random(void)
{
	static u32 state = 2463534242; /* a xorshift generator's */

	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state;
}

phys_addr_t suite_hoard(unsigned order_min)
{
	phys_addr_t hoard = 0, block;

	for (unsigned order = PAGE_ORDERS; order-- > order_min;) {
		while ((block = alloc_pages(order, 0)) != 0) {
			struct hoarded *h = phys_to_virt(block);

			*h = (struct hoarded){ hoard, order };
			hoard = block;
		}
	}
	return hoard;
}

u64 suite_give_back(phys_addr_t hoard)
{
	u64 pages = 0;

	while (hoard) {
		struct hoarded h = *(struct hoarded *)phys_to_virt(hoard);

		if (!free_pages(hoard, h.order))
			pages += BIT64(h.order);
		hoard = h.next;
	}
	return pages;
}
