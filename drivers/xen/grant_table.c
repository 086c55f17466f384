/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The grant table. It begins with one frame, and grows by another when all
 * entries are in use. Which are is kept where no other domain writes.
 */
#define pr_fmt(fmt) "grant-table: " fmt

#include <drivers/grant_table.h>
#include <kernel/atomic.h>
#include <kernel/errno.h>
#include <kernel/mm/slab.h>
#include <kernel/param.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <kernel/spinlock.h>
#include <kernel/virt/service.h>
#include <kernel/virt/xen.h>
#include "grant_table.h"

#define FRAME_BYTES 4096
#define ENTRIES	    (FRAME_BYTES / sizeof(struct grant_entry_v1))
#define WORD_BITS   64
#define WORDS	    (ENTRIES / WORD_BITS)
/* Policy: of what Xen allows, as Linux does. 128 KiB, 16384 pages. */
#define FRAMES_MAX 32

static bool no_grants;
param_bool("no-xen-grant-table", no_grants,
	   "grant no memory to other Xen domains");

struct frame {
	struct grant_entry_v1 *entries; /* shared with Xen */
	phys_addr_t phys;
	u64 used[WORDS]; /* a bit for each entry */
};

static struct {
	struct spinlock lock;
	struct frame *frames[FRAMES_MAX];
	unsigned count, max, grants;
} table;

bool gnttab_available(void)
{
	return virt_service_runs(HYPERV_TYPE_XEN, GRANT_TABLE_FEATURE);
}

/* Under the lock, or alone: one more frame. 0 or -errno. */
static int grow(void)
{
	struct frame *frame;
	int err;

	if (table.count == table.max)
		return -ENOSPC;
	frame = kzalloc(sizeof(*frame));
	if (!frame)
		return -ENOMEM;
	err = xen_map_frame(XENMAPSPACE_grant_table, table.count, &frame->phys);
	if (err) {
		kfree(frame);
		return err;
	}
	frame->entries = phys_to_virt(frame->phys);
	if (!table.count)
		frame->used[0] = (1U << GNTTAB_NR_RESERVED_ENTRIES) - 1;
	table.frames[table.count++] = frame;
	return 0;
}

/* Under the lock: the first that is free in @frame, or -ENOSPC. */
static int take_in(struct frame *frame)
{
	for (unsigned i = 0; i < WORDS; i++) {
		unsigned bit;

		if (!~frame->used[i])
			continue;
		bit = (unsigned)__builtin_ctzll(~frame->used[i]);
		frame->used[i] |= 1ULL << bit;
		return (int)(i * WORD_BITS + bit);
	}
	return -ENOSPC;
}

/* Under the lock: an entry's number or -errno. */
static int take(void)
{
	int err;

	for (unsigned i = 0;; i++) {
		int entry;

		if (i == table.count) {
			err = grow();
			if (err)
				return err;
		}
		entry = take_in(table.frames[i]);
		if (entry >= 0)
			return (int)(i * ENTRIES) + entry;
	}
}

/* Under the lock: the entry of @ref if it is in use, or NULL. */
static struct grant_entry_v1 *find(unsigned ref)
{
	const struct frame *frame;
	unsigned entry = ref % ENTRIES;

	if (ref < GNTTAB_NR_RESERVED_ENTRIES || ref / ENTRIES >= table.count)
		return NULL;
	frame = table.frames[ref / ENTRIES];
	if (!(frame->used[entry / WORD_BITS] >> entry % WORD_BITS & 1))
		return NULL;
	return &frame->entries[entry];
}

static void give(unsigned ref)
{
	unsigned entry = ref % ENTRIES;

	table.frames[ref / ENTRIES]->used[entry / WORD_BITS] &=
		~(1ULL << entry % WORD_BITS);
}

static void write_entry(struct grant_entry_v1 *entry, xen_domid_t domid,
			u32 gfn, bool readonly)
{
	u16 flags = GTF_permit_access;

	if (readonly)
		flags |= GTF_readonly;
	entry->domid = domid;
	entry->frame = gfn;
	/* Release: Xen reads what is granted when it sees that it is. */
	atomic_store_release(&entry->flags, flags);
}

int gnttab_grant_access(xen_domid_t domid, const void *page, bool readonly)
{
	u64 gfn = xen_gfn(page);
	unsigned long irq;
	int ref;

	if (!gnttab_available())
		return -ENODEV;
	if (gfn > UINT32_MAX)
		return -ERANGE;
	irq = spin_lock_irqsave(&table.lock);
	ref = take();
	if (ref >= 0) {
		write_entry(find((unsigned)ref), domid, (u32)gfn, readonly);
		table.grants++;
	}
	spin_unlock_irqrestore(&table.lock, irq);
	return ref;
}

/* False: the other domain uses it. Xen changes the flags meanwhile. */
static bool revoke(struct grant_entry_v1 *entry)
{
	u16 flags = atomic_read(&entry->flags);

	do {
		if (flags & (GTF_reading | GTF_writing))
			return false;
		/* Full barrier: the page is the caller's only after it. */
	} while (!atomic_cmpxchg(&entry->flags, &flags, (u16)0));
	return true;
}

int gnttab_end_access(unsigned ref)
{
	unsigned long irq = spin_lock_irqsave(&table.lock);
	struct grant_entry_v1 *entry = find(ref);
	int err = !entry ? -EINVAL : revoke(entry) ? 0 : -EBUSY;

	if (!err) {
		give(ref);
		table.grants--;
	}
	spin_unlock_irqrestore(&table.lock, irq);
	return err;
}

void gnttab_get_stats(struct gnttab_stats *out)
{
	unsigned long irq = spin_lock_irqsave(&table.lock);

	*out = (struct gnttab_stats){
		.frames = table.count,
		.frames_max = table.max,
		.grants = table.grants,
	};
	spin_unlock_irqrestore(&table.lock, irq);
}

static int start(void)
{
	struct gnttab_query_size size = { .dom = DOMID_SELF };
	long ret = xen_grant_table_op(GNTTABOP_query_size, &size, 1);
	int err;

	if (ret || size.status != GNTST_okay)
		return ret ? (int)ret : -EIO;
	table.max = MIN(size.max_nr_frames, FRAMES_MAX);
	err = grow();
	if (!err)
		pr_info("%u of %u frames", table.count, table.max);
	return err;
}

/* The memory that lay under the table comes back. */
static void stop_cpu(void)
{
	if (smp_processor_id())
		return;
	for (unsigned i = 0; i < table.count; i++)
		xen_unmap_frame(table.frames[i]->phys);
	table.count = 0;
}

static const struct virt_service grant_service = {
	.hypervisor = HYPERV_TYPE_XEN,
	.feature = GRANT_TABLE_FEATURE,
	.requires = "hypercalls",
	.off = &no_grants,
	.start = start,
	.stop_cpu = stop_cpu,
};
VIRT_SERVICE(2, grant_service);
