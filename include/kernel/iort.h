/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading the I/O Remapping Table: where devices' messages go. */
#pragma once

#include <abi/acpi_iort.h>
#include <kernel/types.h>

/**
 * The ITS to which PCI function @requester (bus << 8 | devfn) of @segment
 * sends messages: its translation ID, as in the MADT, in *@its, and by what
 * number it knows the device in *@device. What is on the way, such as SMMUs,
 * is gone through. 0, -ENOENT (the table says nothing of it) or -EBADMSG
 * (what it says makes no sense). @iort is verified as acpi_find() does it.
 */
int iort_find_its(const struct acpi_sdt_header *iort, u16 segment,
		  u16 requester, u32 *its, u32 *device);
