/* SPDX-License-Identifier: BSD-2-Clause */
/* Between the files about grants. */
#pragma once

/* As kernel/virt/xen.c lists it. */
#define GRANT_TABLE_FEATURE "grant-table"
