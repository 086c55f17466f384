/* SPDX-License-Identifier: BSD-2-Clause */
/* The real one: it holds declarations only. */
#include "../../../../arch/x86/include/asm/smp.h"
