/* SPDX-License-Identifier: BSD-2-Clause */
/* <asm/sysreg.h> of arm64 for host tests, where nobody else looks. */
#pragma once

static inline void dsb(void)
{
}
