/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

#include <kernel/smccc.h>

/** "HVC", "SMC", or NULL: nobody takes calls. */
const char *smccc_conduit(void);
