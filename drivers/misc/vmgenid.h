/* SPDX-License-Identifier: BSD-2-Clause */
/* What the vmgenid drivers share. */
#pragma once

#include <abi/vmgenid.h>
#include <kernel/compiler.h>

/**
 * The generation is at @address: have the random generator look at it. @name
 * (constant text) is who says so. 0; -EBUSY: there is one already; -EINVAL,
 * after a message: no memory for it can be there; -ENOMEM.
 */
int vmgenid_add(const char *name, phys_addr_t address);

/** Look at it no more. */
void vmgenid_remove(void);

/** Copy the generation to @id and tell where it is; 0: there is none. */
phys_addr_t vmgenid_read(u8 id[VMGENID_SIZE]);
