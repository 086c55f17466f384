/* SPDX-License-Identifier: BSD-2-Clause */
/* Between the files of HGCM. */
#pragma once

#include <drivers/hgcm.h>
#include "internal.h"

/* A call as the host gets it. */
struct hgcm_layout {
	u32 request_size; /* header, parameters, page lists */
	u32 data_offset; /* of the buffers, behind that, in a page of its own */
	u32 total;	 /* up to the end of the last buffer */
};

/** Where all goes. 0, -EINVAL or -E2BIG. */
int hgcm_plan(const struct hgcm_parm *parms, unsigned count,
	      struct hgcm_layout *layout);

/**
 * Write parameters, page lists and buffers to @memory at @phys, behind the
 * struct vmmdev_hgcm_call that it begins with.
 */
void hgcm_pack(const struct hgcm_layout *layout, const struct hgcm_parm *parms,
	       unsigned count, u8 *memory, phys_addr_t phys);

/**
 * Take the answers from @memory. 0; -EBADMSG, and nothing is taken: the host
 * made other parameters of them.
 */
int hgcm_unpack(const struct hgcm_layout *layout, struct hgcm_parm *parms,
		unsigned count, const u8 *memory);
