/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The HGCM service of shared folders: VBox/shflsvc.h of VirtualBox 7, as much
 * of it as shows that there is one.
 */
#pragma once

#include <kernel/types.h>

#define SHFL_SERVICE "VBoxSharedFolders"

enum shfl_function {
	/*
	 * 32 bits: flags; 32 bits: how many there is room for, and how many
	 * there are; a buffer of struct shfl_mapping.
	 */
	SHFL_FN_QUERY_MAPPINGS = 1,
	/* No parameters: strings are UTF-8 from here on. */
	SHFL_FN_SET_UTF8 = 16,
};

#define SHFL_MF_UTF8 (1U << 0)

struct shfl_mapping {
	le32 status;
	le32 root;
};
_Static_assert(sizeof(struct shfl_mapping) == 8, "mapping");
