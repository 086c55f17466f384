/* SPDX-License-Identifier: BSD-2-Clause */
/* Between the files of kernel/fdt. */
#pragma once

#include <kernel/byteorder.h>
#include <kernel/fdt.h>

/** The value of "#address-cells" or the like, or @otherwise. */
u32 fdt_cells(const struct fdt *fdt, int node, const char *name, u32 otherwise);

/** A number of @cells cells (0 to 2) at @at. */
u64 fdt_number(const be32 *at, u32 cells);
