/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * MSI-X in the machine: QEMU's model of a switch, rocker, sends any of its
 * messages when a register is written. The suite borrows one that has no
 * driver.
 */
#include <abi/qemu/rocker.h>
#include <kernel/cpu.h>
#include <kernel/errno.h>
#include <kernel/io.h>
#include <kernel/irq.h>
#include <kernel/selftest.h>
#include <kernel/smp.h>
#include <kernel/time.h>
#include "internal.h"

/* How long an interrupt may take to arrive. */
#define ARRIVAL_MS 500
#define ROUNDS	   50
/* Messages to use: the device has more with more ports. */
#define MESSAGES 4

struct message {
	struct irq_action action;
	u64 seen;
	unsigned cpu; /* that took the last one */
};

static struct {
	struct pci_device *pdev;
	char __iomem *registers;
	struct message message[MESSAGES];
	unsigned requested;
} rocker;

static enum irq_return message_handler(void *context)
{
	struct message *m = context;

	m->cpu = smp_processor_id();
	WRITE_ONCE(m->seen, m->seen + 1);
	return IRQ_HANDLED;
}

static struct pci_device *find_idle(void)
{
	for (struct device *dev = device_next(NULL); dev;
	     dev = device_next(dev)) {
		struct pci_device *pdev = to_pci_device(dev);

		if (dev->bus != &pci_bus || dev->driver ||
		    pdev->vendor != ROCKER_VENDOR ||
		    pdev->device != ROCKER_DEVICE)
			continue;
		/* PCI devices stay. */
		device_put(dev);
		return pdev;
	}
	return NULL;
}

static void tear_down(void)
{
	while (rocker.requested)
		irq_free(&rocker.message[--rocker.requested].action);
	pci_irq_vectors_free(rocker.pdev);
	iounmap(rocker.registers);
	pci_disable(rocker.pdev, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	rocker.registers = NULL;
}

static int request_all(void)
{
	int ret = pci_irq_vectors_alloc(rocker.pdev, MESSAGES, 1000,
					PCI_IRQ_MSIX);

	if (ret < 0)
		return ret;
	for (; rocker.requested < MESSAGES; rocker.requested++) {
		struct message *m = &rocker.message[rocker.requested];

		*m = (struct message){
			.action = { .name = "selftest",
				    .handler = message_handler,
				    .context = m },
		};
		ret = irq_request((unsigned)pci_irq_vector(rocker.pdev,
							   rocker.requested),
				  &m->action, IRQ_TRIGGER_DEFAULT);
		if (ret)
			return ret;
	}
	return 0;
}

/* False after a skip or a failure. What is true is ended by tear_down(). */
static bool set_up(struct selftest *t)
{
	int ret;

	rocker.pdev = irq_available() ? find_idle() : NULL;
	if (!rocker.pdev) {
		selftest_skip(t, "no idle rocker here");
		return false;
	}
	if (!EXPECT_EQ(t,
		       pci_enable(rocker.pdev,
				  PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER),
		       0))
		return false;
	rocker.registers = pci_map_region(rocker.pdev, 0, 0, ROCKER_SIZE);
	ret = rocker.registers ? request_all() : -EIO;
	if (!EXPECT_EQ(t, ret, 0)) {
		tear_down();
		return false;
	}
	return true;
}

static void raise(unsigned n)
{
	mmio_write32(rocker.registers + ROCKER_TEST_IRQ, n);
}

static bool wait_for(const struct message *m, u64 seen)
{
	u64 deadline = time_ns() + ARRIVAL_MS * NSEC_PER_MSEC;

	while (READ_ONCE(m->seen) < seen && time_ns() < deadline)
		cpu_relax();
	return READ_ONCE(m->seen) >= seen;
}

static bool raise_and_see(struct selftest *t, unsigned n)
{
	struct message *m = &rocker.message[n];
	u64 before = m->seen;

	raise(n);
	return EXPECT(t, wait_for(m, before + 1));
}

/* Each message is its own line's, and no other's. */
static void test_each_message(struct selftest *t)
{
	if (!set_up(t))
		return;
	EXPECT_EQ(t, pci_irq_kind(rocker.pdev), PCI_IRQ_MSIX);
	for (unsigned round = 1; round <= ROUNDS; round++)
		for (unsigned i = 0; i < MESSAGES; i++)
			if (!raise_and_see(t, i))
				round = ROUNDS;
	for (unsigned i = 0; i < MESSAGES; i++)
		EXPECT_EQ(t, rocker.message[i].seen, ROUNDS);
	tear_down();
}

/* One that is masked is remembered, and the others are not concerned. */
static void test_mask(struct selftest *t)
{
	unsigned irq;

	if (!set_up(t))
		return;
	irq = rocker.message[1].action.irq;
	EXPECT_EQ(t, irq_mask(irq), 0);
	raise(1);
	raise_and_see(t, 2);
	udelay(1000);
	EXPECT_EQ(t, rocker.message[1].seen, 0);
	EXPECT_EQ(t, irq_unmask(irq), 0);
	EXPECT(t, wait_for(&rocker.message[1], 1));
	tear_down();
}

/* Each goes its own way: message i to the i-th CPU, round and round. */
static void test_affinity(struct selftest *t)
{
	unsigned cpu = 0;

	if (!set_up(t))
		return;
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct message *m = &rocker.message[i % MESSAGES];
		struct cpumask mask = { 0 };

		cpumask_set(&mask, cpu);
		if (!EXPECT_EQ(t, irq_set_affinity(m->action.irq, &mask), 0) ||
		    !raise_and_see(t, i % MESSAGES) ||
		    !EXPECT_EQ(t, m->cpu, cpu))
			break;
		cpu = cpumask_next_cyclic(&cpu_online_mask, cpu);
	}
	tear_down();
}

/* A device that was reset knows its messages again. */
static void test_reset(struct selftest *t)
{
	int ret;

	if (!set_up(t))
		return;
	ret = pci_reset(rocker.pdev);
	if (ret) {
		EXPECT_EQ(t, ret, -EOPNOTSUPP);
		selftest_skip(t, "it cannot be reset where it is");
	} else {
		for (unsigned i = 0; i < MESSAGES; i++)
			raise_and_see(t, i);
	}
	tear_down();
}

/* Given back, the lines are free for others, and the pin is the device's. */
static void test_released(struct selftest *t)
{
	u16 control;

	if (!set_up(t))
		return;
	tear_down();
	control = pci_read16(rocker.pdev,
			     pci_find_capability(rocker.pdev, PCI_CAP_MSIX, 4) +
				     PCI_MSIX_CONTROL);
	EXPECT_EQ(t, control & PCI_MSIX_CONTROL_ENABLE, 0);
	EXPECT_EQ(t, pci_irq_vector(rocker.pdev, 0), -ENOENT);
	EXPECT_EQ(t, pci_irq_kind(rocker.pdev), 0);
}

static const struct selftest_case msix_cases[] = {
	{ .name = "each-message-arrives", .run = test_each_message },
	{ .name = "masked-message-is-remembered", .run = test_mask },
	{ .name = "each-goes-its-own-way", .run = test_affinity },
	{ .name = "works-after-reset", .run = test_reset },
	{ .name = "released", .run = test_released },
	{},
};
SELFTEST_SUITE(msix, "msix", msix_cases, 0);
