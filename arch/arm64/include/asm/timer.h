/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

#include <kernel/compiler.h>

/** Make time_ns() count, as well as can be known yet. */
void timer_early_init(void);

/* What firmware says about it (timer_find.c). */

/** Interrupt number of the virtual timer, or -ENODEV. */
int timer_intid(void);

/** The frequency in Hz that the device tree states, or 0. */
u64 timer_stated_hz(void);
