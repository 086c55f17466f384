/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines: sharing, counting, and what becomes of one that storms. */
#include "unit.h"
#include <stdlib.h>
#include <kernel/errno.h>
#include <kernel/irq.h>
#include <kernel/mm/slab.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include "../../kernel/irq/lines.h"

static u64 now_ns;
static bool no_memory;
static unsigned cpus = 1;
struct cpumask cpu_online_mask = { { 1 } };
DEFINE_PER_CPU(unsigned, cpu_number);

unsigned cpu_count(void)
{
	return cpus;
}

static unsigned allocations;

void *kzalloc(size_t size)
{
	allocations++;
	return no_memory ? NULL : calloc(1, size);
}

void kfree(const void *object)
{
	free((void *)object);
}
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
	unsigned starts, stops, masks, unmasks, moves;
	enum irq_trigger trigger;
	int refuse;
} chip_state;

/* Always the first CPU that it may be. */
static int chip_start(unsigned irq, enum irq_trigger trigger,
		      const struct cpumask *mask)
{
	(void)irq;
	chip_state.starts++;
	chip_state.trigger = trigger;
	return chip_state.refuse ?: (int)cpumask_next(mask, 0);
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

static void chip_unmask(unsigned irq)
{
	(void)irq;
	chip_state.unmasks++;
}

static int chip_move(unsigned irq, const struct cpumask *mask)
{
	(void)irq;
	chip_state.moves++;
	return chip_state.refuse ?: (int)cpumask_next(mask, 0);
}

static const struct irq_chip chip = {
	.name = "fake",
	.start = chip_start,
	.stop = chip_stop,
	.mask = chip_mask,
	.unmask = chip_unmask,
	.move = chip_move,
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
	CHECK_EQ(irq_add_lines(&chip, IRQ_GSIS - 6, 7, IRQ_TRIGGER_LEVEL_LOW),
		 -ERANGE);
	no_memory = true;
	CHECK_EQ(irq_add_lines(&chip, 32, 1, IRQ_TRIGGER_LEVEL_LOW), -ENOMEM);
	no_memory = false;
	CHECK_EQ(irq_add_lines(&chip, 1, UINT32_MAX, IRQ_TRIGGER_LEVEL_LOW),
		 -ERANGE);
}

/* As many as a GIC can have. */
TEST(lines_take_memory_when_somebody_asks_for_them)
{
	struct irq_action a = action_of(&yes);
	unsigned before;

	CHECK_EQ(irq_add_lines(&chip, 32, 988, IRQ_TRIGGER_LEVEL_HIGH), 0);
	CHECK_EQ(irq_add_lines(&chip, 1019, 1, IRQ_TRIGGER_LEVEL_LOW), -EEXIST);
	no_memory = true;
	CHECK_EQ(irq_request(1019, &a, IRQ_TRIGGER_DEFAULT), -ENODEV);
	no_memory = false;
	before = allocations;
	CHECK_EQ(irq_request(1019, &a, IRQ_TRIGGER_DEFAULT), 0);
	CHECK_EQ(chip_state.trigger, IRQ_TRIGGER_LEVEL_HIGH);
	CHECK(allocations - before <= 3);
	CHECK(!irq_line(1018));
	irq_handle(1019);
	irq_handle(1018);
	CHECK_EQ(a.handled, 1);
	irq_free(&a);
	CHECK_EQ(irq_request(1020, &a, IRQ_TRIGGER_DEFAULT), -ENODEV);
	chip_state.starts = chip_state.stops = 0;
}

TEST(impossible_requests_are_refused)
{
	struct irq_action a = action_of(&yes), none = { .name = "none" };

	CHECK_EQ(irq_request(24, &a, IRQ_TRIGGER_DEFAULT), -ENODEV);
	CHECK_EQ(irq_request(UINT32_MAX, &a, IRQ_TRIGGER_DEFAULT), -ENODEV);
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
	irq_set_default_trigger(IRQ_GSIS, IRQ_TRIGGER_EDGE_RISING);
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

TEST(messages_have_neighbouring_numbers_that_are_used_again)
{
	int context, first = irq_add_messages(&chip, 64, &context), second;
	struct irq_action a = action_of(&yes);

	CHECK_EQ(first, IRQ_GSIS);
	CHECK_EQ(irq_add_messages(&chip, 0, NULL), -EINVAL);
	second = irq_add_messages(&chip, 3, NULL);
	CHECK_EQ(second, IRQ_GSIS + 64);
	CHECK(irq_context((unsigned)first + 63) == &context);
	CHECK_EQ(irq_request((unsigned)first + 5, &a, IRQ_TRIGGER_LEVEL_LOW),
		 -EINVAL);
	CHECK_EQ(irq_request(1, &a, IRQ_TRIGGER_MESSAGE), -EINVAL);
	CHECK_EQ(irq_request((unsigned)first + 5, &a, IRQ_TRIGGER_DEFAULT), 0);
	CHECK_EQ(chip_state.trigger, IRQ_TRIGGER_MESSAGE);
	irq_handle((unsigned)first + 5);
	irq_free(&a);
	irq_remove_messages((unsigned)first, 64);
	CHECK_EQ(irq_request((unsigned)first, &a, IRQ_TRIGGER_DEFAULT),
		 -ENODEV);
	CHECK_EQ(irq_set_affinity((unsigned)first, &cpu_online_mask), -ENODEV);
	CHECK_EQ(irq_mask((unsigned)first), -ENODEV);
	/* One that was on its way, and one that never was. */
	irq_handle((unsigned)first + 5);
	irq_handle(IRQ_LINES_MAX - 1);
	irq_handle(UINT32_MAX);
	CHECK_EQ(irq_add_messages(&chip, 65, NULL), second + 3);
	CHECK_EQ(irq_add_messages(&chip, 64, NULL), first);
	/* As new. */
	CHECK_EQ(irq_line((unsigned)first + 5)->count, 0);
	CHECK_EQ(irq_add_messages(&chip, IRQ_LINES_MAX, NULL), -ENOSPC);
	no_memory = true;
	CHECK_EQ(irq_add_messages(&chip, 1000, NULL), -ENOMEM);
	no_memory = false;
	CHECK_EQ(irq_add_messages(&chip, 1000, NULL), second + 68);
}

TEST(many_messages_are_no_storm)
{
	struct irq_action a = action_of(&yes), b = action_of(&no);
	unsigned irq = (unsigned)irq_add_messages(&chip, 1, NULL);

	memset(&chip_state, 0, sizeof(chip_state));
	CHECK_EQ(irq_request(irq, &a, IRQ_TRIGGER_DEFAULT), 0);
	interrupt_every(irq, 10, 10 * IRQ_STORM_MAX);
	CHECK(irq_delivers(&a));
	irq_free(&a);
	CHECK_EQ(irq_request(irq, &b, IRQ_TRIGGER_DEFAULT), 0);
	interrupt_every(irq, 10, IRQ_UNHANDLED_MAX + 1);
	CHECK(!irq_delivers(&b));
	irq_free(&b);
}

static struct cpumask cpu_set(u64 bits)
{
	return (struct cpumask){ { bits } };
}

TEST(a_line_goes_where_it_may)
{
	struct irq_action a = action_of(&yes);
	struct cpumask none = cpu_set(0), one = cpu_set(2),
		       absent = cpu_set(16);

	cpus = 4;
	cpu_online_mask = cpu_set(0xf);
	memset(&chip_state, 0, sizeof(chip_state));
	CHECK_EQ(irq_set_affinity(14, &none), -EINVAL);
	CHECK_EQ(irq_set_affinity(14, &absent), -EINVAL);
	CHECK_EQ(irq_set_affinity(1021, &one), -ENODEV);
	CHECK_EQ(irq_set_affinity(14, &one), 0);
	CHECK_EQ(chip_state.moves, 0);
	CHECK_EQ(irq_request(14, &a, IRQ_TRIGGER_DEFAULT), 0);
	CHECK_EQ(irq_line(14)->cpu, 1);
	one = cpu_set(4 | 8);
	CHECK_EQ(irq_set_affinity(14, &one), 0);
	CHECK_EQ(irq_line(14)->cpu, 2);
	chip_state.refuse = -EBUSY;
	one = cpu_set(1);
	CHECK_EQ(irq_set_affinity(14, &one), -EBUSY);
	chip_state.refuse = 0;
	CHECK_EQ(irq_line(14)->cpu, 2);
	CHECK(cpumask_test(&irq_line(14)->affinity, 3));
	irq_free(&a);
	/* The only CPU it may go to is gone. */
	cpu_online_mask = cpu_set(3);
	CHECK_EQ(irq_request(14, &a, IRQ_TRIGGER_DEFAULT), -EINVAL);
	cpu_online_mask = cpu_set(0xf);
}

TEST(each_cpus_interrupts_are_counted)
{
	struct irq_action a = action_of(&yes);

	cpus = 2;
	CHECK_EQ(irq_request(15, &a, IRQ_TRIGGER_DEFAULT), 0);
	irq_handle(15);
	irq_handle(15);
	percpu__cpu_number = 1;
	irq_handle(15);
	/* One that came after the line was requested. */
	percpu__cpu_number = 3;
	irq_handle(15);
	cpus = 4;
	CHECK_EQ(irq_set_affinity(15, &cpu_online_mask), 0);
	irq_handle(15);
	percpu__cpu_number = 0;
	CHECK_EQ(irq_line(15)->count, 5);
	CHECK_EQ(irq_line(15)->cpu_count[0], 2);
	CHECK_EQ(irq_line(15)->cpu_count[1], 1);
	CHECK_EQ(irq_line(15)->cpu_count[3], 1);
	irq_free(&a);
}

TEST(masks_nest)
{
	struct irq_action a = action_of(&yes);

	CHECK_EQ(irq_mask(16), -ENODEV);
	CHECK_EQ(irq_request(16, &a, IRQ_TRIGGER_DEFAULT), 0);
	memset(&chip_state, 0, sizeof(chip_state));
	CHECK_EQ(irq_unmask(16), -ENODEV);
	CHECK_EQ(irq_mask(16), 0);
	CHECK_EQ(irq_mask(16), 0);
	CHECK_EQ(irq_unmask(16), 0);
	CHECK_EQ(chip_state.masks, 1);
	CHECK_EQ(chip_state.unmasks, 0);
	CHECK_EQ(irq_unmask(16), 0);
	CHECK_EQ(chip_state.unmasks, 1);
	irq_free(&a);
}

TEST(sets_of_cpus_are_written_and_read)
{
	static const char *const bad[] = { "",	  ",", "1,",  "-1",  "1-",
					   "3-2", "a", "1 2", "0x1", "1--2" };
	struct cpumask mask, again;
	char text[CPULIST_MAX];

	CHECK_EQ(cpulist_parse("0-3,8,10-10", &mask), 0);
	CHECK_EQ(mask.bits[0], 0x50f);
	cpulist_print(&mask, text);
	CHECK_STR(text, "0-3,8,10");
	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++)
		CHECK_EQ(cpulist_parse(bad[i], &mask), -EINVAL);
	CHECK_EQ(cpulist_parse("99999999999999999999", &mask), -ERANGE);
	memset(&mask, 0xff, sizeof(mask));
	cpulist_print(&mask, text);
	CHECK_EQ(cpulist_parse(text, &again), 0);
	CHECK(!memcmp(&mask, &again, sizeof(mask)));
	memset(&mask, 0x55, sizeof(mask));
	cpulist_print(&mask, text);
	CHECK(strlen(text) < CPULIST_MAX && strstr(text, "..."));
}
