/* SPDX-License-Identifier: BSD-2-Clause */
/* Slots: what comes, what is asked for, what vanishes, and slots that lie. */
#include "unit.h"
#include <stdlib.h>
#include "fake_pci_host.h"
#include <kernel/irq.h>
#include <kernel/time.h>

/* Included, not linked: for its state and its driver. */
#include "../../drivers/pci/hotplug.c"

#define EXPRESS 0x40

static struct fake_function *port; /* with a slot, and bus 1 behind it */
static struct pci_device *port_device;
static struct work *queued;
static struct delayed_work *delayed;
static struct irq_action *action;
static int vectors_answer;
static bool completes, clears, others_change;
static u64 now;

static u16 status(void)
{
	return (u16)fake_get(port, EXPRESS + PCIE_SLOT_STATUS, 2);
}

static void set_status(u16 value)
{
	fake_put(port, EXPRESS + PCIE_SLOT_STATUS, value, 2);
}

static u16 control(void)
{
	return (u16)fake_get(port, EXPRESS + PCIE_SLOT_CONTROL, 2);
}

/* The slot's registers behave. */
static void slot_write(struct pci_host *h, u8 bus, u8 devfn, unsigned offset,
		       unsigned size, u32 value)
{
	if (bus || offset < EXPRESS + PCIE_SLOT_CONTROL ||
	    offset >= EXPRESS + PCIE_SLOT_SIZE) {
		fake_write(h, bus, devfn, offset, size, value);
		return;
	}
	CHECK_EQ(size, 2);
	fake_put(port, offset,
		 offset == EXPRESS + PCIE_SLOT_STATUS
			 ? (clears ? status() & ~value : status())
			 : value,
		 2);
	if (offset == EXPRESS + PCIE_SLOT_CONTROL && completes)
		set_status(status() | PCIE_SLOTSTA_COMPLETED);
}

static const struct pci_config_ops slot_ops = {
	.name = "slot",
	.read = fake_read,
	.write = slot_write,
};

bool pci_begin_change(void)
{
	return !others_change;
}

void pci_end_change(void)
{
}

bool work_queue(struct work *work)
{
	queued = work;
	return true;
}

bool work_cancel(struct work *work)
{
	CHECK(!queued || queued == work);
	queued = NULL;
	return true;
}

int work_queue_at(struct delayed_work *work, u64 due_ns)
{
	CHECK(due_ns > now);
	delayed = work;
	return 0;
}

bool work_cancel_delayed(struct delayed_work *work)
{
	if (delayed == work)
		delayed = NULL;
	return true;
}

int pci_irq_vectors_alloc(struct pci_device *pdev, unsigned min, unsigned max,
			  unsigned kinds)
{
	CHECK(pdev == port_device && min == max && kinds == PCI_IRQ_MESSAGES);
	return vectors_answer;
}

int pci_irq_vector(const struct pci_device *pdev, unsigned index)
{
	(void)pdev;
	return (int)index;
}

void pci_irq_vectors_free(struct pci_device *pdev)
{
	(void)pdev;
	CHECK(!action);
}

int irq_request(unsigned irq, struct irq_action *a, enum irq_trigger trigger)
{
	(void)irq;
	(void)trigger;
	action = a;
	a->active = true;
	return 0;
}

void irq_free(struct irq_action *a)
{
	a->active = false;
	action = NULL;
}

/* It passes by itself: nobody sleeps here. */
u64 time_ns(void)
{
	return now += NSEC_PER_MSEC;
}

const char *pci_class_name(u16 class)
{
	(void)class;
	return NULL;
}

static void run(void)
{
	while (queued) {
		struct work *work = queued;

		queued = NULL;
		work->fn(work);
	}
}

static struct fake_function *put_device(void)
{
	set_status(status() | PCIE_SLOTSTA_PRESENT);
	return fake_function(1, 0, 0, ANY_ID);
}

static void take_device(void)
{
	/* It is the last one that was made. */
	free(fake_functions[--fake_function_count]);
	set_status(status() & (u16)~PCIE_SLOTSTA_PRESENT);
}

static void event(u16 bits)
{
	set_status(status() | bits);
	if (CHECK(action))
		CHECK_EQ(action->handler(action->context), IRQ_HANDLED);
	CHECK_EQ(status() & EVENTS, 0);
	run();
}

static void make_port(bool with_device)
{
	reset();
	host.ops = &slot_ops;
	port = fake_bridge(0, 1, 1, 1);
	fake_put(port, PCI_STATUS, PCI_STATUS_CAP_LIST, 2);
	fake_put(port, PCI_CAPABILITY_LIST, EXPRESS, 1);
	fake_put(port, EXPRESS, PCI_CAP_EXPRESS, 2);
	fake_put(port, EXPRESS + PCIE_FLAGS,
		 2 | PCIE_ROOT_PORT << 4 | PCIE_FLAGS_SLOT, 2);
	fake_put(port, EXPRESS + PCIE_SLOT_CAPABILITIES,
		 PCIE_SLOTCAP_HOTPLUG | PCIE_SLOTCAP_POWER, 4);
	/* Left over from before. */
	set_status(PCIE_SLOTSTA_BUTTON | PCIE_SLOTSTA_LINK);
	completes = clears = true;
	others_change = false;
	vectors_answer = 1;
	if (with_device)
		put_device();
	CHECK_EQ(pci_scan_host(&host), 1 + with_device);
	port_device = found(0, 1, 0);
	messages = 0;
}

static void watch(void)
{
	CHECK_EQ(device_bind(&port_device->dev, &hotplug_driver.driver), 0);
	CHECK_EQ(status() & LATCHED, 0);
	CHECK_EQ(control() & PCIE_SLOTCTL_INTERRUPT, PCIE_SLOTCTL_INTERRUPT);
	run();
}

static void leave(void)
{
	CHECK_EQ(device_unbind(&port_device->dev), 0);
	CHECK_EQ(control() & PCIE_SLOTCTL_INTERRUPT, 0);
	CHECK(!action && !queued && !delayed);
}

TEST(what_is_plugged_in_is_found)
{
	make_port(false);
	watch();
	CHECK(!found(1, 0, 0));
	put_device();
	/* As QEMU does it: both at once. */
	event(PCIE_SLOTSTA_BUTTON | PCIE_SLOTSTA_PRESENCE);
	CHECK(found(1, 0, 0));
	CHECK_EQ(control() & PCIE_SLOTCTL_POWER_OFF, 0);
	CHECK_EQ(control() & PCIE_SLOTCTL_POWER_LED, PCIE_SLOTCTL_LED_ON);
	/* The same again is no reason to take it out. */
	event(PCIE_SLOTSTA_BUTTON | PCIE_SLOTSTA_PRESENCE);
	CHECK(found(1, 0, 0));
	leave();
	CHECK(found(1, 0, 0));
}

TEST(what_is_asked_for_is_given_up)
{
	make_port(true);
	watch();
	CHECK(found(1, 0, 0));
	event(PCIE_SLOTSTA_BUTTON);
	CHECK(!found(1, 0, 0));
	CHECK_EQ(control() & PCIE_SLOTCTL_POWER_OFF, PCIE_SLOTCTL_POWER_OFF);
	CHECK_EQ(control() & PCIE_SLOTCTL_POWER_LED, PCIE_SLOTCTL_LED_OFF);
	take_device();
	event(PCIE_SLOTSTA_PRESENCE);
	CHECK(!found(1, 0, 0));
	put_device();
	event(PCIE_SLOTSTA_PRESENCE);
	CHECK(found(1, 0, 0));
	leave();
}

TEST(what_vanished_is_unregistered)
{
	make_port(true);
	watch();
	take_device();
	event(PCIE_SLOTSTA_PRESENCE);
	CHECK(!found(1, 0, 0));
	leave();
	/* Before anybody watched. */
	make_port(true);
	take_device();
	watch();
	CHECK(!found(1, 0, 0));
	leave();
	make_port(false);
	put_device();
	watch();
	CHECK(found(1, 0, 0));
	leave();
}

TEST(what_answers_is_there_whatever_the_slot_says)
{
	make_port(true);
	set_status(status() & (u16)~PCIE_SLOTSTA_PRESENT);
	watch();
	CHECK(found(1, 0, 0));
	event(PCIE_SLOTSTA_PRESENCE);
	CHECK(found(1, 0, 0));
	leave();
}

TEST(a_device_that_does_not_answer_is_not_waited_for_long)
{
	u64 begin;

	make_port(false);
	watch();
	set_status(status() | PCIE_SLOTSTA_PRESENT);
	begin = now;
	event(PCIE_SLOTSTA_PRESENCE);
	CHECK_EQ(messages, 1);
	CHECK(now - begin < 3000 * NSEC_PER_MSEC);
	leave();
}

TEST(a_slot_that_lies_is_borne)
{
	u64 begin;

	/* It never says that it has done what it was told. */
	make_port(true);
	completes = false;
	begin = now;
	watch();
	event(PCIE_SLOTSTA_BUTTON);
	CHECK(!found(1, 0, 0));
	CHECK_EQ(messages, 3);
	CHECK(now - begin < 5000 * NSEC_PER_MSEC);
	completes = true;
	leave();
	/* Its events do not go away. */
	make_port(true);
	watch();
	clears = false;
	set_status(status() | PCIE_SLOTSTA_PRESENCE);
	CHECK_EQ(action->handler(action->context), IRQ_HANDLED);
	run();
	CHECK(found(1, 0, 0));
	clears = true;
	leave();
	/* The port itself is gone. */
	make_port(true);
	watch();
	memset(port->config, 0xff, sizeof(port->config));
	CHECK_EQ(action->handler(action->context), IRQ_NONE);
	CHECK_EQ(device_unbind(&port_device->dev), 0);
}

TEST(a_port_without_messages_is_polled)
{
	make_port(false);
	vectors_answer = -ENOSPC;
	watch();
	CHECK(!action);
	put_device();
	set_status(status() | PCIE_SLOTSTA_PRESENCE);
	if (CHECK(delayed))
		delayed->work.fn(&delayed->work);
	run();
	CHECK(found(1, 0, 0));
	leave();
}

TEST(who_takes_the_driver_away_is_not_waited_for)
{
	make_port(true);
	watch();
	others_change = true;
	set_status(status() | PCIE_SLOTSTA_BUTTON);
	action->handler(action->context);
	run();
	CHECK(found(1, 0, 0));
	/* But what happened is handled afterwards. */
	if (CHECK(delayed)) {
		struct delayed_work *again = delayed;

		others_change = false;
		delayed = NULL;
		again->work.fn(&again->work);
		run();
	}
	CHECK(!found(1, 0, 0));
	leave();
}

TEST(ports_without_such_a_slot_are_left_alone)
{
	make_port(false);
	fake_put(port, EXPRESS + PCIE_SLOT_CAPABILITIES, 0, 4);
	CHECK_EQ(device_bind(&port_device->dev, NULL), -ENODEV);
	make_port(false);
	fake_put(port, EXPRESS + PCIE_FLAGS, 2 | PCIE_ROOT_PORT << 4, 2);
	CHECK_EQ(device_bind(&port_device->dev, NULL), -ENODEV);
	make_port(false);
	port_device->express = 0xf0;
	CHECK_EQ(device_bind(&port_device->dev, NULL), -ENODEV);
	CHECK_EQ(messages, 0);
}
