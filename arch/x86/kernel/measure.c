/* SPDX-License-Identifier: BSD-2-Clause */
#include "measure.h"

void measure_span(struct measurement *m, const struct bracket *begin,
		  const struct bracket *end)
{
	m->span = (end->before + end->after - begin->before - begin->after) / 2;
	m->uncertainty =
		(begin->after - begin->before) + (end->after - end->before);
}

u64 measure_hz(bool (*measure)(struct measurement *m, unsigned attempt),
	       unsigned attempts, u64 good_ppm)
{
	u64 best_ppm = UINT64_MAX, hz = 0, ppm;
	struct measurement m;

	for (unsigned i = 0; i < attempts && best_ppm > good_ppm; i++) {
		if (!measure(&m, i) || !m.span)
			break;
		ppm = m.uncertainty * 1000000 / m.span;
		if (ppm < best_ppm) {
			best_ppm = ppm;
			hz = m.hz;
		}
	}
	return hz;
}
