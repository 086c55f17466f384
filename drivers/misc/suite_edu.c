/* SPDX-License-Identifier: BSD-2-Clause */
/* Interrupts from a real device, by message and by pin, on every CPU. */
#include <abi/qemu/edu.h>
#include <kernel/cpu.h>
#include <kernel/errno.h>
#include <kernel/mm/map.h>
#include <kernel/mm/page.h>
#include <kernel/selftest.h>
#include <kernel/smp.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include "edu.h"

/* How long an interrupt may take to arrive. */
#define ARRIVAL_MS 500
/* QEMU's model waits 100 ms before it copies. */
#define COPY_MS	   2000
#define RAISES	   100
#define PATTERN	   0x5aU
#define COPY_BYTES (EDU_BUFFER_SIZE / 2)

static bool wait_for(struct edu *edu, u64 interrupts, u64 ms)
{
	u64 deadline = time_ns() + ms * NSEC_PER_MSEC;

	while (READ_ONCE(edu->interrupts) < interrupts && time_ns() < deadline)
		cpu_relax();
	return READ_ONCE(edu->interrupts) >= interrupts;
}

/* The device with interrupts of @kinds, or NULL after a skip. */
static struct edu *device_with(struct selftest *t, unsigned kinds)
{
	struct edu *edu = edu_first();
	int ret;

	if (!edu) {
		selftest_skip(t, "no edu device here");
		return NULL;
	}
	ret = edu_set_irq(edu, kinds);
	if (ret == -ENOSPC || ret == -ENODEV) {
		selftest_skip(t, "no such interrupts here");
		return NULL;
	}
	return EXPECT_EQ(t, ret, 0) ? edu : NULL;
}

static void test_answers(struct selftest *t)
{
	struct edu *edu = edu_first();

	if (!edu) {
		selftest_skip(t, "no edu device here");
		return;
	}
	EXPECT_EQ(t, edu_factorial(edu, 10), 3628800);
}

/* Each is seen, once, with what was raised. */
static bool raise_all(struct selftest *t, struct edu *edu)
{
	u64 before = edu->interrupts;

	for (u32 i = 1; i <= RAISES; i++) {
		edu_raise(edu, i);
		if (!EXPECT(t, wait_for(edu, before + i, ARRIVAL_MS)) ||
		    !EXPECT_EQ(t, edu->status, i))
			return false;
	}
	return EXPECT_EQ(t, edu->interrupts, before + RAISES);
}

static void test_message(struct selftest *t)
{
	struct edu *edu = device_with(t, PCI_IRQ_MESSAGES);

	if (!edu)
		return;
	EXPECT_EQ(t, pci_irq_kind(edu->pdev), PCI_IRQ_MSI);
	EXPECT_EQ(t, pci_irq_vectors_alloc(edu->pdev, 1, 1, PCI_IRQ_ANY),
		  -EBUSY);
	EXPECT_EQ(t, pci_irq_vector(edu->pdev, 1), -ENOENT);
	raise_all(t, edu);
}

/*
 * Where a pin's interrupts arrive is what firmware wrote into the device. For
 * what is behind further root buses SeaBIOS does not know it.
 */
static struct edu *device_with_pin(struct selftest *t)
{
	struct edu *edu = edu_first();

	if (edu && edu->pdev->host->first_bus) {
		selftest_skip(t, "firmware does not know the pin's line");
		return NULL;
	}
	return device_with(t, PCI_IRQ_INTX);
}

static void test_pin(struct selftest *t)
{
	struct edu *edu = device_with_pin(t);

	if (!edu)
		return;
	raise_all(t, edu);
	EXPECT_EQ(t, edu_set_irq(edu, PCI_IRQ_ANY), 0);
}

/* Under every CPU in turn; and a CPU that is not there is refused. */
static void test_affinity(struct selftest *t)
{
	struct edu *edu = device_with(t, PCI_IRQ_ANY);
	struct cpumask mask = { 0 };
	unsigned irq, cpu;

	if (!edu)
		return;
	irq = edu->irq.irq;
	EXPECT_EQ(t, irq_set_affinity(irq, &mask), -EINVAL);
	for_each_online_cpu(cpu) {
		mask = (struct cpumask){ 0 };
		cpumask_set(&mask, cpu);
		if (!EXPECT_EQ(t, irq_set_affinity(irq, &mask), 0) ||
		    !raise_all(t, edu) || !EXPECT_EQ(t, edu->cpu, cpu))
			break;
	}
	/* It stays there when it is requested again. */
	cpu = edu->cpu;
	EXPECT_EQ(t, irq_set_affinity(irq, &cpu_online_mask), 0);
	raise_all(t, edu);
	EXPECT_EQ(t, edu->cpu, cpu);
}

/* Moved while it interrupts: none is lost. */
static void move_under_load(struct selftest *t, struct edu *edu)
{
	u64 before = edu->interrupts;
	unsigned cpu = 0;

	for (u32 i = 1; i <= RAISES; i++) {
		struct cpumask mask = { 0 };

		cpu = cpumask_next_cyclic(&cpu_online_mask, cpu);
		cpumask_set(&mask, cpu);
		edu_raise(edu, i);
		if (!EXPECT_EQ(t, irq_set_affinity(edu->irq.irq, &mask), 0) ||
		    !EXPECT(t, wait_for(edu, before + i, ARRIVAL_MS)))
			break;
	}
	irq_set_affinity(edu->irq.irq, &cpu_online_mask);
}

static void test_move(struct selftest *t)
{
	struct edu *edu;

	if (cpumask_count(&cpu_online_mask) == 1) {
		selftest_skip(t, "one CPU");
		return;
	}
	edu = device_with(t, PCI_IRQ_MESSAGES);
	if (!edu)
		return;
	move_under_load(t, edu);
	if (edu->pdev->host->first_bus || edu_set_irq(edu, PCI_IRQ_INTX))
		return;
	move_under_load(t, edu);
	EXPECT_EQ(t, edu_set_irq(edu, PCI_IRQ_ANY), 0);
}

/* A masked line keeps quiet, and others that share it do so too. */
static void test_mask(struct selftest *t)
{
	struct edu *edu = device_with_pin(t);
	u64 before;

	if (!edu)
		return;
	before = edu->interrupts;
	EXPECT_EQ(t, irq_mask(edu->irq.irq), 0);
	EXPECT_EQ(t, irq_mask(edu->irq.irq), 0);
	edu_raise(edu, 1);
	udelay(1000);
	EXPECT_EQ(t, irq_unmask(edu->irq.irq), 0);
	udelay(1000);
	EXPECT_EQ(t, edu->interrupts, before);
	EXPECT_EQ(t, irq_unmask(edu->irq.irq), 0);
	/* A wire still says it. */
	EXPECT(t, wait_for(edu, before + 1, ARRIVAL_MS));
	EXPECT_EQ(t, irq_unmask(edu->irq.irq), -ENODEV);
	EXPECT_EQ(t, edu_set_irq(edu, PCI_IRQ_ANY), 0);
}

static void test_reset(struct selftest *t)
{
	struct edu *edu = device_with(t, PCI_IRQ_MESSAGES);
	int ret;

	if (!edu)
		return;
	ret = pci_reset(edu->pdev);
	if (ret == -EOPNOTSUPP) {
		selftest_skip(t, "it is not alone behind a bridge");
		return;
	}
	EXPECT_EQ(t, ret, 0);
	raise_all(t, edu);
}

/* One way, through whatever it reaches: as a driver does it. */
static bool copy(struct selftest *t, struct edu *edu, u8 *data, bool to_ram)
{
	enum dma_direction direction = to_ram ? DMA_FROM_DEVICE : DMA_TO_DEVICE;
	struct device *dev = &edu->pdev->dev;
	u64 before = edu->interrupts;
	dma_addr_t address;
	bool ok;

	if (!EXPECT_EQ(t, dma_map(dev, data, COPY_BYTES, direction, &address),
		       0))
		return false;
	/* Behind a pool the memory itself is not for it. */
	EXPECT_EQ(t, address == virt_to_phys(data), !dev->dma_pool);
	if (dev->dma_pool)
		EXPECT_EQ(t,
			  edu_copy(edu, virt_to_phys(data), COPY_BYTES, to_ram),
			  -EFAULT);
	ok = EXPECT_EQ(t, edu_copy(edu, address, COPY_BYTES, to_ram), 0) &&
	     EXPECT(t, wait_for(edu, before + 1, COPY_MS));
	dma_unmap(dev, address, COPY_BYTES, direction);
	return ok && EXPECT_EQ(t, edu->status, EDU_IRQ_DMA);
}

/* True if it can address what it is given for @data. */
static bool can_address(struct edu *edu, u8 *data)
{
	dma_addr_t address;
	bool can;

	if (dma_map(&edu->pdev->dev, data, COPY_BYTES, DMA_TO_DEVICE, &address))
		return false;
	can = edu_addresses(address, COPY_BYTES);
	dma_unmap(&edu->pdev->dev, address, COPY_BYTES, DMA_TO_DEVICE);
	return can;
}

static void copy_both_ways(struct selftest *t, struct edu *edu, u8 *data)
{
	memset(data, PATTERN, COPY_BYTES);
	if (copy(t, edu, data, false) && copy(t, edu, data + COPY_BYTES, true))
		EXPECT(t, !memcmp(data, data + COPY_BYTES, COPY_BYTES));
	selftest_note(t, "%s a pool of bounce buffers",
		      edu->pdev->dev.dma_pool ? "through" : "without");
}

/* What it copied is there when its interrupt arrives. */
static void test_dma(struct selftest *t)
{
	struct edu *edu = device_with(t, PCI_IRQ_ANY);
	phys_addr_t page;

	if (!edu)
		return;
	page = alloc_pages(0, ALLOC_ZERO | ALLOC_BELOW_4G);
	if (!page || !can_address(edu, phys_to_virt(page)))
		selftest_skip(t, "no memory that it can address");
	else
		copy_both_ways(t, edu, phys_to_virt(page));
	if (page)
		free_pages(page, 0);
}

static const struct selftest_case edu_cases[] = {
	{ .name = "answers", .run = test_answers },
	{ .name = "message-interrupts", .run = test_message },
	{ .name = "pin-interrupts", .run = test_pin },
	{ .name = "interrupts-the-chosen-cpu", .run = test_affinity },
	{ .name = "moving-loses-none", .run = test_move },
	{ .name = "masked-line-is-quiet", .run = test_mask },
	{ .name = "interrupts-after-reset", .run = test_reset },
	{ .name = "copies-before-it-interrupts", .run = test_dma },
	{},
};
SELFTEST_SUITE(edu, "edu", edu_cases, 0);
