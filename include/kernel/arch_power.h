/* SPDX-License-Identifier: BSD-2-Clause */
/* What kernel/power.c asks of the architecture. Any context. */
#pragma once

#include <kernel/compiler.h>

/** Try to leave with a result; returns when there is no such device. */
void arch_exit(bool success);

/** Try the platform's ways to turn off; returns when none worked. */
void arch_poweroff(void);

/** Try the platform's ways to reset; returns when none worked. */
void arch_reboot(void);
