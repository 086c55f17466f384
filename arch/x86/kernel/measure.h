/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Measuring how fast something counts. The reading that begins a measurement,
 * and the one that ends it, each lie between two readings of a counter: the
 * nearer these are, the better is known when it was. A host may take the CPU
 * away in between; so a few are made, and the least uncertain is taken.
 */
#pragma once

#include <kernel/types.h>

struct bracket {
	u64 before, after;
};

struct measurement {
	u64 hz;
	u64 span;	 /* how long it took, by the counter */
	u64 uncertainty; /* of the span, in the worst case */
};

/** Set span and uncertainty from the two readings. */
void measure_span(struct measurement *m, const struct bracket *begin,
		  const struct bracket *end);

/**
 * The best result in Hz of @measure(), which gets the numbers of the attempts
 * from 0 up to @attempts, until one is uncertain by no more than @good_ppm
 * parts in a million. 0: it answered false, or nothing was counted.
 */
u64 measure_hz(bool (*measure)(struct measurement *m, unsigned attempt),
	       unsigned attempts, u64 good_ppm);
