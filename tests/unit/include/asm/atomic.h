/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once
#include "../../../../arch/x86/include/asm/atomic.h"
