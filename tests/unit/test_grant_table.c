/* SPDX-License-Identifier: BSD-2-Clause */
/* Grants, with frames of a made-up Xen. */
#include "unit.h"
#include <stdlib.h>
#include <drivers/grant_table.h>
#include <kernel/errno.h>
#include <kernel/mm/map.h>
#include <kernel/string.h>
#include <kernel/virt/service.h>
#include <kernel/virt/xen.h>
#include "host.h"

#define FRAME	 4096
#define ENTRIES	 512
#define FRAMES	 2
#define OTHER	 7
#define A_PAGE	 ((const void *)0x5000)
#define FAR_PAGE ((const void *)(1ULL << 45))

static struct grant_entry_v1 *frames[FRAMES];
static unsigned mapped;
static int map_result;

phys_addr_t virt_to_phys(const void *virt)
{
	return (uintptr_t)virt;
}

void *phys_to_virt(phys_addr_t phys)
{
	return (void *)(uintptr_t)phys;
}

bool virt_service_runs(enum hypervisor_type type, const char *feature)
{
	(void)feature;
	return type == HYPERV_TYPE_XEN;
}

int xen_map_frame(unsigned space, u64 index, phys_addr_t *where)
{
	CHECK_EQ(space, XENMAPSPACE_grant_table);
	CHECK_EQ(index, mapped);
	if (map_result)
		return map_result;
	frames[mapped] = calloc(1, FRAME);
	*where = (uintptr_t)frames[mapped++];
	return 0;
}

void xen_unmap_frame(phys_addr_t where)
{
	CHECK(where == (uintptr_t)frames[--mapped] || mapped);
}

long xen_hypercall(unsigned number, unsigned long a, unsigned long b,
		   unsigned long c, unsigned long d, unsigned long e)
{
	struct gnttab_query_size *size = (void *)b;

	(void)d;
	(void)e;
	CHECK_EQ(number, __HYPERVISOR_grant_table_op);
	CHECK_EQ(a, GNTTABOP_query_size);
	CHECK_EQ(c, 1);
	size->max_nr_frames = FRAMES;
	return 0;
}

static void begin(void)
{
	if (!mapped)
		table_for_each(const struct virt_service, virt_service, it)
			CHECK_EQ((*it)->start(), 0);
	map_result = 0;
}

TEST(grant_is_written_for_xen_to_read)
{
	const struct grant_entry_v1 *entry;
	int ref;

	begin();
	ref = gnttab_grant_access(OTHER, A_PAGE, true);
	CHECK_EQ(ref, GNTTAB_NR_RESERVED_ENTRIES);
	entry = &frames[0][ref];
	CHECK_EQ(entry->domid, OTHER);
	CHECK_EQ(entry->frame, 5);
	CHECK_EQ(entry->flags, GTF_permit_access | GTF_readonly);
	CHECK_EQ(gnttab_end_access((unsigned)ref), 0);
	CHECK_EQ(entry->flags, 0);
}

TEST(page_in_use_elsewhere_stays_granted)
{
	struct gnttab_stats stats;
	unsigned ref;

	begin();
	ref = (unsigned)gnttab_grant_access(OTHER, A_PAGE, false);
	frames[0][ref].flags |= GTF_reading;
	CHECK_EQ(gnttab_end_access(ref), -EBUSY);
	frames[0][ref].flags |= GTF_writing;
	CHECK_EQ(gnttab_end_access(ref), -EBUSY);
	gnttab_get_stats(&stats);
	CHECK_EQ(stats.grants, 1);
	frames[0][ref].flags = GTF_permit_access;
	CHECK_EQ(gnttab_end_access(ref), 0);
}

TEST(what_is_no_grant_cannot_be_ended)
{
	begin();
	CHECK_EQ(gnttab_end_access(0), -EINVAL);
	CHECK_EQ(gnttab_end_access(GNTTAB_NR_RESERVED_ENTRIES), -EINVAL);
	CHECK_EQ(gnttab_end_access(FRAMES * ENTRIES), -EINVAL);
	CHECK_EQ(gnttab_end_access(UINT32_MAX), -EINVAL);
}

TEST(page_that_version_1_does_not_reach_is_refused)
{
	begin();
	CHECK_EQ(gnttab_grant_access(OTHER, FAR_PAGE, true), -ERANGE);
}

TEST(table_grows_to_what_xen_allows_and_entries_come_back)
{
	static int refs[FRAMES * ENTRIES];
	unsigned count = 0;
	int ref;

	begin();
	map_result = -ENOMEM;
	while ((ref = gnttab_grant_access(OTHER, A_PAGE, true)) > 0)
		refs[count++] = ref;
	CHECK_EQ(ref, -ENOMEM);
	CHECK_EQ(count, ENTRIES - GNTTAB_NR_RESERVED_ENTRIES);
	map_result = 0;
	while ((ref = gnttab_grant_access(OTHER, A_PAGE, true)) > 0)
		refs[count++] = ref;
	CHECK_EQ(ref, -ENOSPC);
	CHECK_EQ(count, FRAMES * ENTRIES - GNTTAB_NR_RESERVED_ENTRIES);
	for (unsigned i = 0; i < count; i++)
		CHECK_EQ(gnttab_end_access((unsigned)refs[i]), 0);
	CHECK_EQ(gnttab_grant_access(OTHER, A_PAGE, true),
		 GNTTAB_NR_RESERVED_ENTRIES);
	CHECK_EQ(gnttab_end_access(GNTTAB_NR_RESERVED_ENTRIES), 0);
}
