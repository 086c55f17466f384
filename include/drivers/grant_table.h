/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Grants: pages of this domain that another one may use, each known to it by
 * the number of an entry in a table that Xen reads (version 1). From level
 * PARAVIRT on; any context but NMI.
 */
#pragma once

#include <abi/xen/grant_table.h>
#include <kernel/compiler.h>

/** True if there is a table. */
bool gnttab_available(void);

/**
 * Let @domid read the page at @page, and write it unless @readonly; it is RAM
 * and stays. The number of the grant, which is never 0, -ENODEV, -ENOSPC (Xen
 * gives no more entries), -ENOMEM, or -ERANGE (version 1 does not reach it).
 */
int gnttab_grant_access(xen_domid_t domid, const void *page, bool readonly);

/**
 * End grant @ref, so that the page is the caller's alone and the number is
 * free. 0, -EBUSY: it is mapped there, nothing has changed, and the page must
 * stay; or -EINVAL: it is no grant.
 */
int gnttab_end_access(unsigned ref);

struct gnttab_stats {
	unsigned frames, frames_max; /* of the table */
	unsigned grants;	     /* in use */
};
void gnttab_get_stats(struct gnttab_stats *out);
