/* SPDX-License-Identifier: BSD-2-Clause */
/* The real one: it holds numbers and declarations only. */
#include "../../../../arch/x86/include/asm/vector.h"
