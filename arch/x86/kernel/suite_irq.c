/* SPDX-License-Identifier: BSD-2-Clause */
/* Self-tests of interrupts, as far as this machine has any. */
#include <abi/i8254.h>
#include <asm/apic.h>
#include <asm/cpu.h>
#include <asm/trap.h>
#include <kernel/cpu.h>
#include <kernel/errno.h>
#include <kernel/io.h>
#include <kernel/irq.h>
#include <kernel/pit.h>
#include <kernel/selftest.h>
#include <kernel/time.h>

/* How long an interrupt may take to arrive. */
#define ARRIVAL_MS 100
/* A vector that nobody has. */
#define VECTOR_NOBODYS VECTOR_LINE_LAST

static bool has_interrupts(struct selftest *t)
{
	if (!irq_available())
		selftest_skip(t, "no local APIC");
	return irq_available();
}

static bool wait_for(const u64 *counter, u64 value)
{
	u64 deadline = time_ns() + ARRIVAL_MS * NSEC_PER_MSEC;

	while (READ_ONCE(*counter) < value && time_ns() < deadline)
		cpu_relax();
	return READ_ONCE(*counter) >= value;
}

/*
 * Others of its urgency come: it is ended. A host that is told so in memory
 * takes note of it when it looks for the next one (Xen with viridian).
 */
static bool is_ended(unsigned vector)
{
	u64 before = trap_count(vector);
	u64 deadline = time_ns() + ARRIVAL_MS * NSEC_PER_MSEC;

	if (!apic_in_service(vector))
		return true;
	apic_send_self(vector);
	while (trap_count(vector) == before && time_ns() < deadline)
		cpu_relax();
	return trap_count(vector) == before + 1;
}

static void test_self(struct selftest *t)
{
	u64 before = trap_count(VECTOR_SELFTEST);
	u64 deadline = time_ns() + ARRIVAL_MS * NSEC_PER_MSEC;

	if (!has_interrupts(t))
		return;
	EXPECT(t, local_irq_enabled());
	apic_send_self(VECTOR_SELFTEST);
	while (trap_count(VECTOR_SELFTEST) == before && time_ns() < deadline)
		cpu_relax();
	EXPECT_EQ(t, trap_count(VECTOR_SELFTEST), before + 1);
	EXPECT(t, is_ended(VECTOR_SELFTEST));
}

/* One comes while they are masked, so that hlt must not wait for another. */
static void test_idle_race(struct selftest *t)
{
	u64 before = trap_count(VECTOR_SELFTEST);
	unsigned long state;

	if (!has_interrupts(t))
		return;
	state = local_irq_save();
	apic_send_self(VECTOR_SELFTEST);
	udelay(10);
	EXPECT_EQ(t, trap_count(VECTOR_SELFTEST), before);
	cpu_idle();
	EXPECT(t, local_irq_enabled());
	EXPECT_EQ(t, trap_count(VECTOR_SELFTEST), before + 1);
	local_irq_restore(state);
}

/* It is ended, so that others of its urgency still come. */
static void test_unknown(struct selftest *t)
{
	u64 before = trap_count(VECTOR_NOBODYS);

	if (!has_interrupts(t))
		return;
	apic_send_self(VECTOR_NOBODYS);
	udelay(1000);
	EXPECT_EQ(t, trap_count(VECTOR_NOBODYS), before + 1);
	EXPECT(t, is_ended(VECTOR_NOBODYS));
	before = trap_count(VECTOR_NOBODYS) - 1;
	__asm__ __volatile__("int %0" : : "i"(VECTOR_NOBODYS));
	EXPECT_EQ(t, trap_count(VECTOR_NOBODYS), before + 2);
}

static u64 pit_seen;

static enum irq_return pit_handler(void *context)
{
	(void)context;
	pit_seen++;
	return IRQ_HANDLED;
}

static void pit_start(u16 count)
{
	outb(I8254_COMMAND, I8254_MODE0(0));
	outb(I8254_CHANNEL(0), count & 0xff);
	outb(I8254_CHANNEL(0), count >> 8);
}

/* The PIT interrupts on @irq, and no more once its line is freed. */
static void check_line(struct selftest *t, unsigned irq)
{
	struct irq_action action = { .name = "selftest",
				     .handler = pit_handler };

	pit_seen = 0;
	if (!EXPECT_EQ(t, irq_request(irq, &action, IRQ_TRIGGER_DEFAULT), 0))
		return;
	pit_start(I8254_HZ / 1000);
	if (!wait_for(&pit_seen, 1) && irq == I8254_IRQ) {
		/* QEMU's microvm has it on line 2 and does not say so. */
		irq_free(&action);
		selftest_skip(t, "IRQ 0 is on a line that nobody describes");
		return;
	}
	EXPECT(t, pit_seen);
	EXPECT_EQ(t, action.handled, pit_seen);
	EXPECT(t, irq_delivers(&action));
	irq_free(&action);
	EXPECT(t, !irq_delivers(&action));
	pit_seen = 0;
	pit_start(I8254_HZ / 1000);
	udelay(3000);
	EXPECT_EQ(t, pit_seen, 0);
}

/* A device on a PC's line, through the I/O APIC and the MADT's override. */
static void test_line(struct selftest *t)
{
	int irq = irq_from_isa(I8254_IRQ);

	if (irq < 0) {
		selftest_skip(t, "no line for IRQ 0");
		return;
	}
	if (!pit_claim(0)) {
		selftest_skip(t, "the PIT, or its line, is in use");
		return;
	}
	if (pit_present())
		check_line(t, (unsigned)irq);
	else
		selftest_skip(t, "no PIT");
	pit_release(0);
}

static void test_no_line(struct selftest *t)
{
	struct irq_action action = { .name = "selftest",
				     .handler = pit_handler };

	EXPECT_EQ(t, irq_request(IRQ_GSIS - 1, &action, IRQ_TRIGGER_DEFAULT),
		  -ENODEV);
	EXPECT_EQ(t, irq_request(IRQ_LINES_MAX, &action, IRQ_TRIGGER_DEFAULT),
		  -ENODEV);
	EXPECT_EQ(t, irq_request(UINT32_MAX, &action, IRQ_TRIGGER_DEFAULT),
		  -ENODEV);
	EXPECT_EQ(t, irq_from_isa(16), -ENODEV);
	EXPECT(t, !irq_delivers(&action));
}

static const struct selftest_case irq_cases[] = {
	{ .name = "self-interrupt", .run = test_self },
	{ .name = "idle-misses-none", .run = test_idle_race },
	{ .name = "unknown-vector-survived", .run = test_unknown },
	{ .name = "line-interrupts", .run = test_line },
	{ .name = "missing-line-refused", .run = test_no_line },
	{},
};
SELFTEST_SUITE(irq, "irq", irq_cases, 0);
