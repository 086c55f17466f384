/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who uses the channels of the PIT (8254): it can drive timers (channel 0), be
 * a clock (2 or 0), and measure other clocks. Whoever programs one, or takes
 * the line of channel 0, has it for itself.
 */
#pragma once

#include <kernel/types.h>

#define PIT_CHANNELS 3

#ifdef CONFIG_HAS_IOPORT

/** Take @channel. False: somebody else has it. Any context but NMI. */
bool pit_claim(unsigned channel);
void pit_release(unsigned channel);

/**
 * True if channel 0 remembers the mode it is given: there is a PIT. The caller
 * has claimed channel 0, which does not count afterwards.
 */
bool pit_present(void);

#else

static inline bool pit_claim(unsigned channel)
{
	(void)channel;
	return true;
}

static inline void pit_release(unsigned channel)
{
	(void)channel;
}

#endif
