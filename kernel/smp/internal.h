/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of this directory share. */
#pragma once

#include <kernel/compiler.h>

/** What a CPU does for ever when it is up. Interrupts unmasked. */
__noreturn void cpu_startup_entry(void);

/** This CPU shall say where it is when its NMI comes (stop.c). */
void smp_ask_where(unsigned cpu);
