/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The times of interrupts. Policy: 64 of them are worth one bit, if most came
 * at distances that differ from the one before; a host that gives them out
 * knows them, but nobody else does so well.
 */
#include <kernel/cpu.h>
#include <kernel/init.h>
#include <kernel/percpu.h>
#include "internal.h"

#define MIX_WORDS 4

struct sample {
	u64 mix[MIX_WORDS]; /* of the times: each is in one, turned */
	u64 time;
	u64 distance;
	unsigned count;
	unsigned different;
};

static DEFINE_PER_CPU(struct sample, interrupt_sample);

static struct random_source source = {
	.name = "interrupts",
	.maker = RANDOM_BY_TIME,
};

void random_note_interrupt(void)
{
	struct sample *s = this_cpu_ptr(interrupt_sample);
	u64 now = cpu_counter(), distance = now - s->time;
	u64 *word = &s->mix[s->count % MIX_WORDS];

	*word = (*word << 19 | *word >> 45) ^ now;
	s->different += distance != s->distance;
	s->time = now;
	s->distance = distance;
	if (++s->count < INTERRUPTS_PER_BIT)
		return;
	random_add_assessed(&source, s->mix, sizeof(s->mix),
			    s->different >= INTERRUPTS_PER_BIT / 2);
	s->count = 0;
	s->different = 0;
}

static int interrupt_init(void)
{
	random_source_add(&source);
	return 0;
}
initcall(INIT_TIME, interrupt_init);
