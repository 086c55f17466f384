/* SPDX-License-Identifier: BSD-2-Clause */
/* Self-tests of interrupts, as far as this machine has any. */
#include <kernel/cpu.h>
#include <kernel/errno.h>
#include <kernel/irq.h>
#include <kernel/selftest.h>
#include <kernel/smp.h>
#include <kernel/time.h>
#include "gic.h"

/* How long an interrupt may take to arrive. */
#define ARRIVAL_MS 100

static bool has_interrupts(struct selftest *t)
{
	if (!irq_available())
		selftest_skip(t, "no GIC");
	return irq_available();
}

static bool wait_for_sgi(u64 count)
{
	u64 deadline = time_ns() + ARRIVAL_MS * NSEC_PER_MSEC;

	while (private_count(SGI_SELFTEST, smp_processor_id()) < count &&
	       time_ns() < deadline)
		cpu_relax();
	return private_count(SGI_SELFTEST, smp_processor_id()) == count;
}

static void test_self(struct selftest *t)
{
	u64 before = private_count(SGI_SELFTEST, smp_processor_id());

	if (!has_interrupts(t))
		return;
	EXPECT(t, local_irq_enabled());
	for (unsigned i = 1; i <= 3; i++) {
		irq_root()->send(smp_processor_id(), SGI_SELFTEST);
		EXPECT(t, wait_for_sgi(before + i));
	}
}

/* One comes while they are masked, so that wfi must not wait for another. */
static void test_idle_race(struct selftest *t)
{
	u64 before = private_count(SGI_SELFTEST, smp_processor_id());
	unsigned long state;

	if (!has_interrupts(t))
		return;
	state = local_irq_save();
	irq_root()->send(smp_processor_id(), SGI_SELFTEST);
	udelay(10);
	EXPECT_EQ(t, private_count(SGI_SELFTEST, smp_processor_id()), before);
	cpu_idle();
	EXPECT(t, wait_for_sgi(before + 1));
	local_irq_restore(state);
}

static unsigned handled;

static enum irq_return note(void *context __unused)
{
	WRITE_ONCE(handled, handled + 1);
	return IRQ_HANDLED;
}

/* The highest line that nobody has. */
static int take_line(struct irq_action *action)
{
	for (unsigned line = gic_lines() - 1; line >= GIC_SPI_FIRST; line--)
		if (!irq_request(line, action, IRQ_TRIGGER_EDGE_RISING))
			return (int)line;
	return -ENODEV;
}

static void raise_line(unsigned line)
{
	gic_dist_write(GICD_ISPENDR + line / 32 * 4, BIT(line % 32));
}

static bool wait_for_handler(unsigned count)
{
	u64 deadline = time_ns() + ARRIVAL_MS * NSEC_PER_MSEC;

	while (READ_ONCE(handled) < count && time_ns() < deadline)
		cpu_relax();
	return READ_ONCE(handled) == count;
}

static void test_line(struct selftest *t)
{
	struct irq_action action = { .name = "selftest", .handler = note };
	int line;

	if (!has_interrupts(t))
		return;
	handled = 0;
	line = take_line(&action);
	if (line < 0) {
		selftest_skip(t, "no line that nobody has");
		return;
	}
	raise_line((unsigned)line);
	EXPECT(t, wait_for_handler(1));
	raise_line((unsigned)line);
	EXPECT(t, wait_for_handler(2));
	irq_free(&action);
	raise_line((unsigned)line);
	udelay(1000);
	EXPECT_EQ(t, READ_ONCE(handled), 2);
}

static void test_low_lines(struct selftest *t)
{
	struct irq_action action = { .name = "selftest", .handler = note };
	int line;

	if (!has_interrupts(t))
		return;
	line = take_line(&action);
	if (line >= 0) {
		irq_free(&action);
		EXPECT_EQ(t,
			  irq_request((unsigned)line, &action,
				      IRQ_TRIGGER_LEVEL_LOW),
			  -EINVAL);
	}
	EXPECT_EQ(t, irq_request(UINT32_MAX, &action, IRQ_TRIGGER_DEFAULT),
		  -ENODEV);
	EXPECT_EQ(t, irq_request(0, &action, IRQ_TRIGGER_DEFAULT), -ENODEV);
}

static const struct selftest_case irq_cases[] = {
	{ .name = "self-interrupt", .run = test_self },
	{ .name = "wakes-from-idle", .run = test_idle_race },
	{ .name = "line-reaches-its-handler", .run = test_line },
	{ .name = "impossible-lines-refused", .run = test_low_lines },
	{},
};
SELFTEST_SUITE(irq, "irq", irq_cases, 0);
