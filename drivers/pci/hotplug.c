/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Slots of PCI Express ports: PCIe 5.0, 6.7. A press of the attention button is
 * how a hypervisor asks for a device: we give it up, and then switch the slot
 * off, after which it is taken out. There is no person at the button who could
 * change her mind, so that is done at once and not after 5 seconds (6.7.1.5).
 * A device that just vanishes was taken out already.
 */
#include <kernel/atomic.h>
#include <kernel/errno.h>
#include <kernel/mm/slab.h>
#include <kernel/printk.h>
#include <kernel/thread.h>
#include <kernel/time.h>
#include <kernel/work.h>
#include "internal.h"

/* Policy, where a port has no message to tell of changes. */
#define POLL_NS (500 * NSEC_PER_MSEC)
/* 6.7.3.2: how long a command to the slot may take. */
#define COMMAND_TIMEOUT_MS 1000
/* 6.6.1: from power on until the device answers. */
#define ANSWER_TIMEOUT_MS 1000
#define WAIT_NS		  NSEC_PER_MSEC
/* Events that come while others are handled; then the slot has gone mad. */
#define STATUS_READS_MAX 16

#define EVENTS (PCIE_SLOTSTA_BUTTON | PCIE_SLOTSTA_PRESENCE | PCIE_SLOTSTA_LINK)
#define LATCHED \
 (EVENTS | PCIE_SLOTSTA_FAULT | PCIE_SLOTSTA_LATCH | PCIE_SLOTSTA_COMPLETED)

struct slot {
	struct pci_device *port;
	struct irq_action irq;
	struct work work;
	struct delayed_work again; /* queues work */
	struct delayed_work poll;
	u32 capabilities;
	u16 events; /* atomic: that were seen and not handled yet */
	bool stopping;
};

static u16 read_slot(const struct slot *slot, unsigned reg)
{
	return pci_read16(slot->port, slot->port->express + reg);
}

static void write_slot(const struct slot *slot, unsigned reg, u16 value)
{
	pci_write16(slot->port, slot->port->express + reg, value);
}

/*
 * Take up what happened, and clear it: a message is only sent when nothing
 * was there before (6.7.3.4).
 */
static u16 take_events(struct slot *slot)
{
	u16 all = 0;

	for (unsigned n = 0; n < STATUS_READS_MAX; n++) {
		u16 status = read_slot(slot, PCIE_SLOT_STATUS);

		/* The port itself is gone. */
		if (status == UINT16_MAX || !(status & EVENTS))
			break;
		write_slot(slot, PCIE_SLOT_STATUS, status & EVENTS);
		all |= status & EVENTS;
	}
	return all;
}

static enum irq_return slot_interrupt(void *context)
{
	struct slot *slot = context;
	u16 events = take_events(slot);

	if (!events)
		return IRQ_NONE;
	atomic_fetch_or(&slot->events, events);
	work_queue(&slot->work);
	return IRQ_HANDLED;
}

/* 6.7.3.2: the next command may be given when this one is completed. */
static void wait_completed(const struct slot *slot)
{
	u64 deadline = time_ns() + COMMAND_TIMEOUT_MS * NSEC_PER_MSEC;

	if (slot->capabilities & PCIE_SLOTCAP_NO_COMPLETE)
		return;
	while (!(read_slot(slot, PCIE_SLOT_STATUS) & PCIE_SLOTSTA_COMPLETED)) {
		if (time_ns() > deadline) {
			pr_warn("%s: slot did not take a command in %u ms",
				slot->port->dev.name, COMMAND_TIMEOUT_MS);
			return;
		}
		thread_sleep_ns(WAIT_NS);
	}
	write_slot(slot, PCIE_SLOT_STATUS, PCIE_SLOTSTA_COMPLETED);
}

static void command(const struct slot *slot, u16 mask, u16 value)
{
	u16 old = read_slot(slot, PCIE_SLOT_CONTROL);
	u16 new = (u16)((old & ~mask) | value);

	if (old == new)
		return;
	write_slot(slot, PCIE_SLOT_STATUS, PCIE_SLOTSTA_COMPLETED);
	write_slot(slot, PCIE_SLOT_CONTROL, new);
	wait_completed(slot);
}

static void switch_power(const struct slot *slot, bool on)
{
	command(slot, PCIE_SLOTCTL_POWER_OFF | PCIE_SLOTCTL_POWER_LED,
		on ? PCIE_SLOTCTL_LED_ON
		   : PCIE_SLOTCTL_LED_OFF | PCIE_SLOTCTL_POWER_OFF);
}

static bool answers(const struct slot *slot)
{
	const struct pci_device *port = slot->port;

	return port->secondary &&
	       port->host->ops->read(port->host, port->secondary, 0,
				     PCI_VENDOR_ID, 2) != PCI_VENDOR_NONE;
}

/*
 * QEMU's slots say "empty" of what they were started with, where changes are
 * told of by ACPI.
 */
static bool is_present(const struct slot *slot, u16 status)
{
	return status & PCIE_SLOTSTA_PRESENT || answers(slot);
}

static bool wait_answer(const struct slot *slot)
{
	u64 deadline = time_ns() + ANSWER_TIMEOUT_MS * NSEC_PER_MSEC;

	while (!answers(slot)) {
		if (time_ns() > deadline || READ_ONCE(slot->stopping))
			return false;
		thread_sleep_ns(WAIT_NS);
	}
	return true;
}

static void plug(const struct slot *slot)
{
	unsigned added = 0, removed = 0;

	switch_power(slot, true);
	if (!slot->port->secondary || !wait_answer(slot)) {
		pr_warn("%s: what is in the slot does not answer: ignored",
			slot->port->dev.name);
		return;
	}
	pci_rescan_host(slot->port->host, &added, &removed);
}

static void unplug(const struct slot *slot)
{
	pci_remove_behind(slot->port);
	if (pci_is_occupied(slot->port))
		pr_warn("%s: the device is in use: it stays in its slot",
			slot->port->dev.name);
	else
		switch_power(slot, false);
}

/* A press alone, of a slot that is in use, asks for what is in it. */
static void handle(const struct slot *slot, u16 events)
{
	u16 status = read_slot(slot, PCIE_SLOT_STATUS);
	bool present = is_present(slot, status);
	bool occupied = pci_is_occupied(slot->port);

	if (status == UINT16_MAX)
		return;
	if (occupied && (!present || events == PCIE_SLOTSTA_BUTTON))
		unplug(slot);
	else if (present && !occupied)
		plug(slot);
}

static void slot_work(struct work *work)
{
	struct slot *slot = container_of(work, struct slot, work);
	u16 events = atomic_xchg(&slot->events, (u16)0);

	if (!events || READ_ONCE(slot->stopping))
		return;
	/*
	 * Whoever is at it may want to take the port's driver away, or wait for
	 * other work: so no worker waits for him.
	 */
	if (!pci_begin_change()) {
		atomic_fetch_or(&slot->events, events);
		work_queue_at(&slot->again, time_ns() + WAIT_NS);
		return;
	}
	if (!READ_ONCE(slot->stopping))
		handle(slot, events);
	pci_end_change();
}

static void slot_again(struct work *work)
{
	struct slot *slot = container_of(work, struct slot, again.work);

	if (!READ_ONCE(slot->stopping))
		work_queue(&slot->work);
}

static void slot_poll(struct work *work)
{
	struct slot *slot = container_of(work, struct slot, poll.work);

	slot_interrupt(slot);
	if (!READ_ONCE(slot->stopping))
		work_queue_at(&slot->poll, time_ns() + POLL_NS);
}

static bool has_slot(const struct pci_device *pdev)
{
	u16 flags;

	if (!pdev->express ||
	    pdev->express + PCIE_SLOT_SIZE > PCI_CONFIG_SIZE ||
	    (pdev->port_type != PCIE_ROOT_PORT &&
	     pdev->port_type != PCIE_DOWNSTREAM_PORT))
		return false;
	flags = pci_read16(pdev, pdev->express + PCIE_FLAGS);
	return flags & PCIE_FLAGS_SLOT &&
	       pci_read32(pdev, pdev->express + PCIE_SLOT_CAPABILITIES) &
		       PCIE_SLOTCAP_HOTPLUG;
}

/* A port's pin may lead nowhere, and then nobody would know. */
static int request_message(struct slot *slot)
{
	struct pci_device *port = slot->port;
	unsigned message = PCIE_FLAGS_MESSAGE(read_slot(slot, PCIE_FLAGS));
	int ret = pci_enable(port, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);

	if (!ret)
		ret = pci_irq_vectors_alloc(port, message + 1, message + 1,
					    PCI_IRQ_MESSAGES);
	if (ret < 0)
		return ret;
	slot->irq = (struct irq_action){
		.name = port->dev.name,
		.handler = slot_interrupt,
		.context = slot,
	};
	ret = irq_request((unsigned)pci_irq_vector(port, message), &slot->irq,
			  IRQ_TRIGGER_DEFAULT);
	if (ret)
		pci_irq_vectors_free(port);
	return ret;
}

/* What happened before anybody watched is known by how things are. */
static void start(struct slot *slot)
{
	u16 status = read_slot(slot, PCIE_SLOT_STATUS);
	bool present = is_present(slot, status);

	write_slot(slot, PCIE_SLOT_STATUS, status & LATCHED);
	command(slot, PCIE_SLOTCTL_COMPLETED | PCIE_SLOTCTL_LINK,
		PCIE_SLOTCTL_BUTTON | PCIE_SLOTCTL_PRESENCE |
			PCIE_SLOTCTL_INTERRUPT);
	if (!slot->irq.active)
		work_queue_at(&slot->poll, time_ns() + POLL_NS);
	if (present == pci_is_occupied(slot->port))
		return;
	atomic_fetch_or(&slot->events, (u16)PCIE_SLOTSTA_PRESENCE);
	work_queue(&slot->work);
}

static int hotplug_probe(struct device *dev)
{
	struct pci_device *port = to_pci_device(dev);
	struct slot *slot;

	if (!has_slot(port))
		return -ENODEV;
	slot = kzalloc(sizeof(*slot));
	if (!slot)
		return -ENOMEM;
	slot->port = port;
	slot->work.fn = slot_work;
	slot->again.work.fn = slot_again;
	slot->poll.work.fn = slot_poll;
	slot->capabilities =
		pci_read32(port, port->express + PCIE_SLOT_CAPABILITIES);
	device_set_data(dev, slot);
	if (request_message(slot))
		pr_debug("%s: slot is polled", dev->name);
	start(slot);
	return 0;
}

/* The port still forwards: what is behind it works on. */
static void hotplug_remove(struct device *dev)
{
	struct slot *slot = device_data(dev);

	WRITE_ONCE(slot->stopping, true);
	if (pci_present(slot->port))
		command(slot, PCIE_SLOTCTL_INTERRUPT, 0);
	irq_free(&slot->irq);
	pci_irq_vectors_free(slot->port);
	/* One that was running may have queued the next one before it ended. */
	for (unsigned i = 0; i < 2; i++) {
		work_cancel_delayed(&slot->poll);
		work_cancel_delayed(&slot->again);
		work_cancel(&slot->work);
	}
	kfree(slot);
}

static const struct pci_id hotplug_ids[] = {
	{ .vendor = PCI_ANY,
	  .device = PCI_ANY,
	  .class = PCI_CLASS_PCI_BRIDGE,
	  .class_mask = 0xffff },
	{},
};

MODULE_DECLARE(pcie_slot);

static const struct pci_driver hotplug_driver = {
	.driver = {
		.name = "pcie-slot",
		.module = &module_pcie_slot,
		.bus = &pci_bus,
		.probe = hotplug_probe,
		.remove = hotplug_remove,
	},
	.ids = hotplug_ids,
};
PCI_DRIVER(pcie_slot, hotplug_driver);
MODULE(pcie_slot, "Slots of PCI Express ports", "");
