/* SPDX-License-Identifier: BSD-2-Clause */
/* The real one: plain accesses. */
#include "../../../../arch/x86/include/asm/mmio.h"
