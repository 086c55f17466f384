/* SPDX-License-Identifier: BSD-2-Clause */
/* arm64's real one: it holds numbers and declarations only. */
#include "../../../../arch/arm64/include/asm/irq.h"
