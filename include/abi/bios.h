/* SPDX-License-Identifier: BSD-2-Clause */
/* The IBM PC BIOS's data area at 0x400: what is still of use in it. */
#pragma once

#include <kernel/types.h>

#define BIOS_VIDEO 0x449

struct bios_video {
	u8 mode;
	le16 columns;
} __attribute__((packed));
_Static_assert(sizeof(struct bios_video) == 3, "BIOS data area");

#define BIOS_MODE_TEXT_80X25 3
