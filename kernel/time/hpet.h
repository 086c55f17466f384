/* SPDX-License-Identifier: BSD-2-Clause */
/* The HPET as a clock and as a device for timers. */
#pragma once

#include <kernel/compiler.h>

/* Its registers; valid if it has a frequency. */
extern u8 __iomem *hpet;

/** The frequency it counts with; 0: there is none that works. */
u64 hpet_hz(void);
