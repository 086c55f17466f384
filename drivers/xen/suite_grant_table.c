/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Self-tests of grants: this domain is the other one as well, and has Xen copy
 * by the grants that it gives.
 */
#include <drivers/grant_table.h>
#include <drivers/xenstore.h>
#include <kernel/errno.h>
#include <kernel/mm/page.h>
#include <kernel/mm/slab.h>
#include <kernel/selftest.h>
#include <kernel/string.h>
#include <kernel/virt/service.h>
#include <kernel/virt/xen.h>
#include "grant_table.h"

#define BYTES 256

/* More than a frame of the table has. */
#define MANY 700

static bool available(struct selftest *t)
{
	if (!gnttab_available())
		selftest_skip(t, "no grant table");
	return gnttab_available();
}

/* Have Xen copy from or to grant @ref, as that domain: its status. */
static int copy(const void *page, unsigned ref, bool to_grant)
{
	struct gnttab_copy_end grant = { .where = ref, .domid = DOMID_SELF };
	struct gnttab_copy_end frame = {
		.where = xen_gfn(page),
		.domid = DOMID_SELF,
	};
	struct gnttab_copy op = {
		.source = to_grant ? frame : grant,
		.dest = to_grant ? grant : frame,
		.len = BYTES,
		.flags = to_grant ? GNTCOPY_dest_gref : GNTCOPY_source_gref,
	};
	long ret = xen_grant_table_op(GNTTABOP_copy, &op, 1);

	return ret ? (int)ret : op.status;
}

/* Policy: where nobody tells, domains with small numbers are guessed. */
#define GUESSES 64

/* Xen copies by a grant to this domain only. */
static bool guess_domid(const u8 *granted, const u8 *other, xen_domid_t *domid)
{
	for (xen_domid_t guess = 0; guess < GUESSES; guess++) {
		int ref = gnttab_grant_access(guess, granted, true);
		bool mine;

		if (ref < 0)
			return false;
		mine = copy(other, (unsigned)ref, false) == GNTST_okay;
		if (gnttab_end_access((unsigned)ref))
			return false;
		*domid = guess;
		if (mine)
			return true;
	}
	return false;
}

/* Which domain this is: Xen does not say, but xenstore does. */
static bool find_domid(const u8 *granted, const u8 *other, xen_domid_t *domid)
{
	char text[16];
	u64 number;

	if (!IS_ENABLED(CONFIG_XENSTORE) ||
	    xenstore_read("domid", text, sizeof(text)) <= 0 ||
	    kstrtou64(text, 10, &number))
		return guess_domid(granted, other, domid);
	*domid = (xen_domid_t)number;
	return true;
}

static void check_grant(struct selftest *t, xen_domid_t domid, u8 *granted,
			u8 *other)
{
	int ref = gnttab_grant_access(domid, granted, true);

	if (!EXPECT(t, ref > 0))
		return;
	memset(granted, 0x5a, BYTES);
	EXPECT_EQ(t, copy(other, (unsigned)ref, false), GNTST_okay);
	EXPECT(t, !memcmp(granted, other, BYTES));
	EXPECT(t, copy(other, (unsigned)ref, true) != GNTST_okay);
	EXPECT_EQ(t, gnttab_end_access((unsigned)ref), 0);
	EXPECT(t, copy(other, (unsigned)ref, false) != GNTST_okay);
	EXPECT_EQ(t, gnttab_end_access((unsigned)ref), -EINVAL);
}

static void test_grant(struct selftest *t)
{
	phys_addr_t pages = alloc_pages(1, ALLOC_ZERO);
	xen_domid_t domid;
	u8 *granted;

	if (!available(t) || !EXPECT(t, pages))
		goto free;
	granted = phys_to_virt(pages);
	if (!EXPECT(t, find_domid(granted, granted + PAGE_SIZE, &domid)))
		goto free;
	check_grant(t, domid, granted, granted + PAGE_SIZE);
	if (!selftest_failed(t))
		virt_service_verified(HYPERV_TYPE_XEN, GRANT_TABLE_FEATURE);
free:
	if (pages)
		free_pages(pages, 1);
}

static void test_many(struct selftest *t)
{
	static u8 page[16];
	struct gnttab_stats before, after;
	int *refs = kmalloc(MANY * sizeof(*refs));

	if (!available(t) || !EXPECT(t, refs))
		goto free;
	gnttab_get_stats(&before);
	for (unsigned i = 0; i < MANY; i++)
		refs[i] = gnttab_grant_access(0, page, true);
	for (unsigned i = 0; i < MANY; i++)
		if (!EXPECT(t, refs[i] > 0) ||
		    !EXPECT_EQ(t, gnttab_end_access((unsigned)refs[i]), 0))
			break;
	gnttab_get_stats(&after);
	EXPECT_EQ(t, after.grants, before.grants);
	EXPECT(t, after.frames > 1);
free:
	kfree(refs);
}

static const struct selftest_case grant_cases[] = {
	{ .name = "page-is-read-by-its-grant-and-not-after",
	  .run = test_grant },
	{ .name = "table-grows", .run = test_many },
	{}
};
SELFTEST_SUITE(grant_table, "grant-table", grant_cases, 0);
