/* SPDX-License-Identifier: BSD-2-Clause */
/* HPET and PIT as devices for timers: lines, registers, and giving them back.
 */
#include "../../kernel/time/hpet.h"
#include "unit.h"
#include <abi/hpet.h>
#include <abi/i8254.h>
#include <kernel/clockevent.h>
#include <kernel/errno.h>
#include <kernel/io.h>
#include <kernel/irq.h>
#include <kernel/pit.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <kernel/timer.h>

#define RTC_LINE 8

static u32 registers[HPET_SIZE / sizeof(u32)];
u8 __iomem *hpet = (u8 __iomem *)registers;
static u64 frequency;

u64 hpet_hz(void)
{
	return frequency;
}

static u32 *reg(unsigned offset)
{
	return &registers[offset / sizeof(u32)];
}

static struct irq_action *on_line[IRQ_GSIS];
static bool line_taken[IRQ_GSIS];
static int isa_irq0;
static unsigned interrupts;

bool irq_available(void)
{
	return true;
}

int irq_from_isa(unsigned line)
{
	return line == 0 ? isa_irq0 : (int)line;
}

int irq_request(unsigned irq, struct irq_action *action,
		enum irq_trigger trigger)
{
	CHECK_EQ(trigger, IRQ_TRIGGER_EDGE_RISING);
	if (line_taken[irq])
		return -EBUSY;
	action->irq = irq;
	action->active = true;
	on_line[irq] = action;
	return 0;
}

void irq_free(struct irq_action *action)
{
	if (action->active)
		on_line[action->irq] = NULL;
	action->active = false;
}

void timer_interrupt(void)
{
	interrupts++;
}

/* A PIT that remembers the last control word and count of channel 0. */
static bool has_pit;
static u8 control, count[2];
static unsigned counts;

void outb(u16 port, u8 v)
{
	if (port == I8254_COMMAND && v != I8254_STATUS_CH0) {
		control = v;
		counts = 0;
	}
	if (port == I8254_CHANNEL(0))
		count[counts++ % 2] = v;
}

u8 inb(u16 port)
{
	CHECK_EQ(port, I8254_CHANNEL(0));
	return has_pit ? control : 0xff;
}

static struct clockevent *event(const char *name)
{
	table_for_each(struct clockevent, clockevent, it)
		if (!strcmp((*it)->name, name))
			return *it;
	abort();
}

static unsigned lines_in_use(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < IRQ_GSIS; i++)
		n += on_line[i] != NULL;
	return n;
}

static void begin(void)
{
	memset(registers, 0, sizeof(registers));
	memset(line_taken, 0, sizeof(line_taken));
	frequency = 100000000;
	*reg(HPET_CAPABILITIES) = HPET_LEGACY_POSSIBLE;
	*reg(HPET_CONFIG) = HPET_CONFIG_ENABLE;
	/* As a firmware may leave it. */
	*reg(HPET_TIMER_CONFIG) = HPET_TIMER_PERIODIC | HPET_TIMER_LEVEL |
				  HPET_TIMER_FSB | HPET_TIMER_ENABLE;
	*reg(HPET_TIMER_ROUTES) = 0xff0104;
	isa_irq0 = 2;
	has_pit = true;
	interrupts = 0;
	CHECK_EQ(lines_in_use(), 0);
}

TEST(the_hpet_takes_the_line_of_the_rtc)
{
	struct clockevent *e = event("hpet");

	begin();
	CHECK_EQ(e->probe(), 0);
	CHECK_EQ(*reg(HPET_TIMER_CONFIG),
		 HPET_TIMER_32BIT | RTC_LINE << HPET_TIMER_ROUTE_SHIFT);
	CHECK_EQ(*reg(HPET_CONFIG), HPET_CONFIG_ENABLE);
	*reg(HPET_COUNTER) = UINT32_MAX;
	e->set(1000000);
	CHECK_EQ(*reg(HPET_TIMER_COMPARE), 100000);
	CHECK(*reg(HPET_TIMER_CONFIG) & HPET_TIMER_ENABLE);
	on_line[RTC_LINE]->handler(on_line[RTC_LINE]->context);
	CHECK_EQ(interrupts, 1);
	e->stop();
	CHECK(!(*reg(HPET_TIMER_CONFIG) & HPET_TIMER_ENABLE));
	/* Half of what 32 bits count. */
	CHECK_EQ(e->max_ns, 21474836470);
	e->release();
	CHECK_EQ(lines_in_use(), 0);
	CHECK(pit_claim(0));
	pit_release(0);
}

/* A line of PCI devices is not taken. */
TEST(the_hpet_replaces_the_pit_where_it_cannot_have_that_line)
{
	struct clockevent *e = event("hpet");

	for (unsigned i = 0; i < 2; i++) {
		begin();
		*reg(HPET_TIMER_ROUTES) = i ? 0xff0104 : 0xff0004;
		line_taken[RTC_LINE] = i;
		CHECK_EQ(e->probe(), 0);
		CHECK_EQ(*reg(HPET_CONFIG),
			 HPET_CONFIG_ENABLE | HPET_CONFIG_LEGACY);
		CHECK(on_line[HPET_LEGACY_LINE]);
		CHECK(!pit_claim(0));
		CHECK(event("pit")->probe());
		e->release();
		CHECK_EQ(*reg(HPET_CONFIG), HPET_CONFIG_ENABLE);
		CHECK(pit_claim(0));
		pit_release(0);
	}
	begin();
	*reg(HPET_TIMER_ROUTES) = 0;
	*reg(HPET_CAPABILITIES) = 0;
	CHECK_EQ(e->probe(), -ENODEV);
	begin();
	frequency = 0;
	CHECK_EQ(e->probe(), -ENODEV);
}

TEST(the_pit_counts_once)
{
	struct clockevent *e = event("pit");

	begin();
	CHECK_EQ(e->probe(), 0);
	CHECK_EQ(lines_in_use(), 1);
	e->set(e->max_ns);
	CHECK_EQ(control, I8254_MODE0(0));
	CHECK(count[1] == 0xff && count[0] >= 0xf0);
	/* 20 us: 24 counts. */
	e->set(1);
	CHECK_EQ(count[1] << 8 | count[0], 24);
	on_line[2]->handler(NULL);
	CHECK_EQ(interrupts, 1);
	e->stop();
	CHECK_EQ(counts, 0);
	e->release();
	CHECK_EQ(lines_in_use(), 0);
}

TEST(the_pit_is_listened_for_on_both_lines_it_may_have)
{
	struct clockevent *e = event("pit");

	begin();
	isa_irq0 = 0;
	CHECK_EQ(e->probe(), 0);
	CHECK(on_line[0]);
	CHECK(on_line[2]);
	e->release();
	CHECK_EQ(lines_in_use(), 0);
	/* One of them is enough. */
	line_taken[0] = true;
	CHECK_EQ(e->probe(), 0);
	e->release();
	line_taken[2] = true;
	CHECK_EQ(e->probe(), -ENODEV);
	CHECK(pit_claim(0));
	pit_release(0);
	begin();
	has_pit = false;
	CHECK_EQ(e->probe(), -ENODEV);
	isa_irq0 = -ENODEV;
	CHECK_EQ(e->probe(), -ENODEV);
}
