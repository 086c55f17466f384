/* SPDX-License-Identifier: BSD-2-Clause */
/* The real one: numbers only. */
#include "../../../../arch/x86/include/asm/layout.h"
