/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines: sharing, counting, and what becomes of one that storms. */
#include "unit.h"
#include <kernel/errno.h>
#include <kernel/irq.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include "../../kernel/irq/lines.h"

static u64 now_ns;
static unsigned reports;

u64 time_ns(void)
{
	return now_ns;
}

void printk(enum log_level level, unsigned flags, const char *fmt, ...)
{
	(void)level;
	(void)flags;
	(void)fmt;
	reports++;
}

static struct {
	unsigned starts, stops, masks;
	enum irq_trigger trigger;
	int refuse;
} chip_state;

static int chip_start(unsigned irq, enum irq_trigger trigger)
{
	(void)irq;
	chip_state.starts++;
	chip_state.trigger = trigger;
	return chip_state.refuse;
}

static void chip_stop(unsigned irq)
{
	(void)irq;
	chip_state.stops++;
}

static void chip_mask(unsigned irq)
{
	(void)irq;
	chip_state.masks++;
}

static const struct irq_chip chip = {
	.name = "fake",
	.start = chip_start,
	.stop = chip_stop,
	.mask = chip_mask,
};

static enum irq_return answer(void *context)
{
	return *(enum irq_return *)context;
}

static enum irq_return yes = IRQ_HANDLED, no = IRQ_NONE;

static struct irq_action action_of(enum irq_return *answers)
{
	return (struct irq_action){
		.name = "test",
		.handler = answer,
		.context = answers,
	};
}

TEST(lines_belong_to_one_controller)
{
	CHECK_EQ(irq_add_lines(&chip, 0, 24, IRQ_TRIGGER_LEVEL_LOW), 0);
	CHECK_EQ(irq_add_lines(&chip, 23, 2, IRQ_TRIGGER_LEVEL_LOW), -EEXIST);
	CHECK_EQ(irq_add_lines(&chip, 250, 7, IRQ_TRIGGER_LEVEL_LOW), -ERANGE);
	CHECK_EQ(irq_add_lines(&chip, 1, UINT32_MAX, IRQ_TRIGGER_LEVEL_LOW),
		 -ERANGE);
}

TEST(impossible_requests_are_refused)
{
	struct irq_action a = action_of(&yes), none = { .name = "none" };

	CHECK_EQ(irq_request(24, &a, IRQ_TRIGGER_DEFAULT), -ENODEV);
	CHECK_EQ(irq_request(IRQ_LINES, &a, IRQ_TRIGGER_DEFAULT), -ENODEV);
	CHECK_EQ(irq_request(1, &none, IRQ_TRIGGER_DEFAULT), -EINVAL);
	chip_state.refuse = -ENOSPC;
	CHECK_EQ(irq_request(1, &a, IRQ_TRIGGER_DEFAULT), -ENOSPC);
	chip_state.refuse = 0;
	CHECK(!irq_delivers(&a));
	CHECK_EQ(irq_request(1, &a, IRQ_TRIGGER_DEFAULT), 0);
	CHECK_EQ(irq_request(1, &a, IRQ_TRIGGER_DEFAULT), -EINVAL);
	irq_free(&a);
	irq_free(&a);
	CHECK_EQ(chip_state.stops, 1);
}

TEST(default_trigger_is_the_lines)
{
	struct irq_action a = action_of(&yes);

	irq_set_default_trigger(4, IRQ_TRIGGER_EDGE_RISING);
	irq_set_default_trigger(IRQ_LINES, IRQ_TRIGGER_EDGE_RISING);
	CHECK_EQ(irq_request(4, &a, IRQ_TRIGGER_DEFAULT), 0);
	CHECK_EQ(chip_state.trigger, IRQ_TRIGGER_EDGE_RISING);
	irq_free(&a);
	CHECK_EQ(irq_request(4, &a, IRQ_TRIGGER_LEVEL_HIGH), 0);
	CHECK_EQ(chip_state.trigger, IRQ_TRIGGER_LEVEL_HIGH);
	irq_free(&a);
}

TEST(a_line_is_shared_by_those_who_agree)
{
	struct irq_action a = action_of(&yes), b = action_of(&no),
			  c = action_of(&yes);

	memset(&chip_state, 0, sizeof(chip_state));
	CHECK_EQ(irq_request(10, &a, IRQ_TRIGGER_DEFAULT), 0);
	CHECK_EQ(irq_request(10, &b, IRQ_TRIGGER_LEVEL_LOW), 0);
	CHECK_EQ(irq_request(10, &c, IRQ_TRIGGER_EDGE_RISING), -EBUSY);
	CHECK_EQ(chip_state.starts, 1);
	irq_handle(10);
	irq_handle(10);
	CHECK_EQ(a.handled, 2);
	CHECK_EQ(b.handled, 0);
	CHECK_EQ(irq_line(10)->count, 2);
	CHECK_EQ(irq_line(10)->unhandled, 0);
	irq_free(&a);
	CHECK_EQ(chip_state.stops, 0);
	irq_handle(10);
	CHECK_EQ(irq_line(10)->unhandled, 1);
	irq_free(&b);
	CHECK_EQ(chip_state.stops, 1);
	/* One that was on its way. */
	irq_handle(10);
	CHECK_EQ(irq_line(10)->unhandled, 2);
}

static void interrupt_every(unsigned irq, u64 ns, unsigned times)
{
	for (unsigned i = 0; i < times; i++) {
		now_ns += ns;
		irq_handle(irq);
	}
}

TEST(a_storm_is_masked_and_said_once)
{
	struct irq_action a = action_of(&yes);

	memset(&chip_state, 0, sizeof(chip_state));
	reports = 0;
	CHECK_EQ(irq_request(11, &a, IRQ_TRIGGER_DEFAULT), 0);
	interrupt_every(11, 1000, IRQ_STORM_MAX);
	CHECK(irq_delivers(&a));
	interrupt_every(11, 1000, 1000);
	CHECK_EQ(chip_state.masks, 1);
	CHECK_EQ(reports, 1);
	CHECK(!irq_delivers(&a));
	/* Who asks for it again gets another chance. */
	irq_free(&a);
	CHECK_EQ(irq_request(11, &a, IRQ_TRIGGER_DEFAULT), 0);
	CHECK(irq_delivers(&a));
	irq_free(&a);
}

TEST(a_busy_line_is_no_storm)
{
	struct irq_action a = action_of(&yes);

	memset(&chip_state, 0, sizeof(chip_state));
	CHECK_EQ(irq_request(12, &a, IRQ_TRIGGER_DEFAULT), 0);
	interrupt_every(12, 20000, 200000);
	CHECK_EQ(chip_state.masks, 0);
	irq_free(&a);
}

TEST(nobodys_interrupts_are_a_storm_sooner)
{
	struct irq_action a = action_of(&no);

	memset(&chip_state, 0, sizeof(chip_state));
	CHECK_EQ(irq_request(13, &a, IRQ_TRIGGER_DEFAULT), 0);
	interrupt_every(13, 200000, 10 * IRQ_UNHANDLED_MAX);
	CHECK_EQ(chip_state.masks, 0);
	interrupt_every(13, 1000, IRQ_UNHANDLED_MAX + 500);
	CHECK_EQ(chip_state.masks, 1);
	irq_free(&a);
}
