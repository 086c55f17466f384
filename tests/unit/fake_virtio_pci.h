/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A virtio-pci device whose registers are behind I/O ports, so that they can
 * behave: the modern interface in region 4, the legacy one in region 0. And
 * what the transport calls: interrupts of PCI, and the core of virtio.
 */
#pragma once

#include "fake_pci_host.h"
#include <kernel/irq.h>
#include <kernel/time.h>
#include <kernel/timer.h>
#include "../../drivers/virtio/virtio_pci.h"

#define MODERN_RNG	 0x1044
#define TRANSITIONAL_RNG 0x1005

#define MODERN_PORT 0x1000
#define NOTIFY_AT   0x100
#define ISR_AT	    0x200
#define CONFIG_AT   0x300
#define LEGACY_PORT 0x2000
#define QUEUES	    4

struct fake_queue {
	u16 size, vector, enable, notify_off, reset;
	u16 notify_data;
	u64 desc, driver, device;
	u32 page; /* legacy */
};

static struct fake_device {
	u64 offered, accepted;
	u32 feature_select, driver_feature_select;
	u16 config_vector, queue_count, select;
	u8 status, generation, isr;
	struct fake_queue queue[QUEUES];
	u8 config[64];
	u16 vectors; /* that it can map; others read back as NO_VECTOR */
	bool never_resets_queue;
	u32 notified, notified_with;
	unsigned notified_width;
	unsigned wrong; /* accesses that no driver makes */
} dev;

static struct fake_queue *selected(void)
{
	static struct fake_queue none;

	none = (struct fake_queue){ 0 };
	return dev.select < dev.queue_count ? &dev.queue[dev.select] : &none;
}

static u16 mapped(u16 vector)
{
	return vector < dev.vectors ? vector : VIRTIO_MSI_NO_VECTOR;
}

#define AT(field) offsetof(struct virtio_pci_common_cfg, field)

static u32 common_read(u32 at, unsigned size)
{
	const struct fake_queue *q = selected();

	switch (at << 4 | size) {
	case AT(device_feature) << 4 | 4:
		return dev.feature_select < 2
			       ? (u32)(dev.offered >> 32 * dev.feature_select)
			       : 0;
	case AT(config_msix_vector) << 4 | 2: return dev.config_vector;
	case AT(num_queues) << 4 | 2: return dev.queue_count;
	case AT(device_status) << 4 | 1: return dev.status;
	case AT(config_generation) << 4 | 1: return dev.generation;
	case AT(queue_size) << 4 | 2: return q->size;
	case AT(queue_msix_vector) << 4 | 2: return q->vector;
	case AT(queue_enable) << 4 | 2: return q->enable;
	case AT(queue_notify_off) << 4 | 2: return q->notify_off;
	case AT(queue_notif_config_data) << 4 | 2: return q->notify_data;
	case AT(queue_reset) << 4 | 2: return q->reset;
	default: dev.wrong++; return ~0U;
	}
}

static void set_half(u64 *address, u32 at, u32 value)
{
	unsigned shift = at & 4 ? 32 : 0;

	*address = (*address & ~(0xffffffffULL << shift)) | (u64)value << shift;
}

static void common_write(u32 at, unsigned size, u32 value)
{
	struct fake_queue *q = selected();

	switch (at << 4 | size) {
	case AT(device_feature_select) << 4 | 4:
		dev.feature_select = value;
		break;
	case AT(driver_feature_select) << 4 | 4:
		dev.driver_feature_select = value;
		break;
	case AT(driver_feature) << 4 | 4:
		set_half(&dev.accepted, dev.driver_feature_select * 4, value);
		break;
	case AT(config_msix_vector) << 4 | 2:
		dev.config_vector = mapped((u16)value);
		break;
	case AT(device_status) << 4 | 1: dev.status = (u8)value; break;
	case AT(queue_select) << 4 | 2: dev.select = (u16)value; break;
	case AT(queue_size) << 4 | 2: q->size = (u16)value; break;
	case AT(queue_msix_vector) << 4 | 2:
		q->vector = mapped((u16)value);
		break;
	case AT(queue_enable) << 4 | 2: q->enable = (u16)value; break;
	case AT(queue_reset) << 4 | 2:
		q->reset = dev.never_resets_queue;
		q->enable = 0;
		q->vector = VIRTIO_MSI_NO_VECTOR;
		break;
	case AT(queue_desc) << 4 | 4:
	case (AT(queue_desc) + 4) << 4 | 4:
		set_half(&q->desc, at, value);
		break;
	case AT(queue_driver) << 4 | 4:
	case (AT(queue_driver) + 4) << 4 | 4:
		set_half(&q->driver, at, value);
		break;
	case AT(queue_device) << 4 | 4:
	case (AT(queue_device) + 4) << 4 | 4:
		set_half(&q->device, at, value);
		break;
	default: dev.wrong++;
	}
}

static bool msix_enabled;

static u32 legacy_read(u32 at, unsigned size)
{
	const struct fake_queue *q = selected();
	u32 config = msix_enabled ? 0x18 : 0x14, value = 0;

	if (at >= config && at - config + size <= sizeof(dev.config)) {
		memcpy(&value, dev.config + at - config, size);
		return value;
	}
	switch (at << 4 | size) {
	case 0x00 << 4 | 4: return (u32)dev.offered;
	case 0x08 << 4 | 4: return q->page;
	case 0x0c << 4 | 2: return q->size;
	case 0x12 << 4 | 1: return dev.status;
	case 0x13 << 4 | 1: return dev.isr;
	case 0x14 << 4 | 2: return dev.config_vector;
	case 0x16 << 4 | 2: return q->vector;
	default: dev.wrong++; return ~0U;
	}
}

static void legacy_write(u32 at, unsigned size, u32 value)
{
	u32 config = msix_enabled ? 0x18 : 0x14;
	struct fake_queue *q = selected();

	if (at >= config && at - config + size <= sizeof(dev.config)) {
		memcpy(dev.config + at - config, &value, size);
		return;
	}
	switch (at << 4 | size) {
	case 0x04 << 4 | 4: dev.accepted = value; break;
	case 0x08 << 4 | 4: q->page = value; break;
	case 0x0e << 4 | 2: dev.select = (u16)value; break;
	case 0x10 << 4 | 2: dev.notified = value; break;
	case 0x12 << 4 | 1: dev.status = (u8)value; break;
	case 0x14 << 4 | 2: dev.config_vector = mapped((u16)value); break;
	case 0x16 << 4 | 2: q->vector = mapped((u16)value); break;
	default: dev.wrong++;
	}
}

static u32 port_read(u16 port, unsigned size)
{
	u32 at = port & 0xfff, value = 0;

	if ((port & 0xf000) == LEGACY_PORT)
		return legacy_read(at, size);
	if (at == ISR_AT) {
		value = dev.isr;
		dev.isr = 0;
		return value;
	}
	if (at >= CONFIG_AT && at - CONFIG_AT + size <= sizeof(dev.config)) {
		memcpy(&value, dev.config + at - CONFIG_AT, size);
		return value;
	}
	return common_read(at, size);
}

static void port_write(u16 port, unsigned size, u32 value)
{
	u32 at = port & 0xfff;

	if ((port & 0xf000) == LEGACY_PORT) {
		legacy_write(at, size, value);
	} else if (at >= CONFIG_AT &&
		   at - CONFIG_AT + size <= sizeof(dev.config)) {
		memcpy(dev.config + at - CONFIG_AT, &value, size);
	} else if (at >= NOTIFY_AT && at < ISR_AT) {
		dev.notified = at - NOTIFY_AT;
		dev.notified_with = value;
		dev.notified_width = size;
	} else {
		common_write(at, size, value);
	}
}

u8 inb(u16 port)
{
	return (u8)port_read(port, 1);
}

u16 inw(u16 port)
{
	return (u16)port_read(port, 2);
}

u32 inl(u16 port)
{
	return port_read(port, 4);
}

void outb(u16 port, u8 v)
{
	port_write(port, 1, v);
}

void outw(u16 port, u16 v)
{
	port_write(port, 2, v);
}

void outl(u16 port, u32 v)
{
	port_write(port, 4, v);
}

/* Interrupts. */

#define LINES 8

static unsigned msix_vectors; /* that the device has */
static bool has_pin;
static unsigned lines_max = LINES; /* that can be requested */
static unsigned granted;	   /* vectors in use */
static struct irq_action *actions[LINES];
static unsigned affinity[LINES]; /* first CPU, plus one */

int pci_irq_vectors_alloc(struct pci_device *pdev, unsigned min, unsigned max,
			  unsigned kinds)
{
	unsigned have = kinds & PCI_IRQ_MSIX ? msix_vectors : has_pin;

	(void)pdev;
	if (granted)
		return -EBUSY;
	granted = MIN(have, max);
	if (granted < min)
		granted = 0;
	msix_enabled = granted && kinds & PCI_IRQ_MSIX;
	return granted ? (int)granted : -ENOSPC;
}

int pci_irq_vector(const struct pci_device *pdev, unsigned index)
{
	(void)pdev;
	return index < granted ? (int)index : -ENOENT;
}

enum pci_irq_kind pci_irq_kind(const struct pci_device *pdev)
{
	(void)pdev;
	return msix_enabled ? PCI_IRQ_MSIX : granted ? PCI_IRQ_INTX : 0;
}

void pci_irq_vectors_free(struct pci_device *pdev)
{
	(void)pdev;
	for (unsigned i = 0; i < LINES; i++)
		CHECK(!actions[i]);
	granted = 0;
	msix_enabled = false;
}

int irq_request(unsigned irq, struct irq_action *action,
		enum irq_trigger trigger)
{
	(void)trigger;
	if (irq >= lines_max)
		return -ENOSPC;
	action->irq = irq;
	action->active = true;
	actions[irq] = action;
	return 0;
}

void irq_free(struct irq_action *action)
{
	if (action->active)
		actions[action->irq] = NULL;
	action->active = false;
}

int irq_set_affinity(unsigned irq, const struct cpumask *mask)
{
	unsigned cpu = cpumask_next(mask, 0);

	if (cpu > 3)
		return -EINVAL;
	affinity[irq] = cpu + 1;
	return 0;
}

static inline enum irq_return interrupt(unsigned line)
{
	return actions[line]->handler(actions[line]->context);
}

/* The core. */

static struct virtio_device *vdev; /* that was registered */
static unsigned queue_interrupts[QUEUES], config_interrupts;
static const char *broken;
static int register_answer;
static unsigned unregister_refusals;
static u64 now;

static void virtio_release(struct device *d)
{
	struct virtio_device *v = container_of(d, struct virtio_device, dev);

	v->transport->release(v);
}

const struct bus_type virtio_bus = {
	.name = "virtio",
	.release = virtio_release,
};

int virtio_device_register(struct virtio_device *v)
{
	strscpy(v->dev.name, "virtio0", sizeof(v->dev.name));
	v->dev.bus = &virtio_bus;
	if (register_answer)
		return register_answer;
	vdev = v;
	return device_register(&v->dev);
}

int virtio_device_unregister(struct virtio_device *v)
{
	if (unregister_refusals) {
		unregister_refusals--;
		return -EBUSY;
	}
	vdev = NULL;
	return device_unregister(&v->dev);
}

void virtio_queue_interrupt(struct virtio_device *v, unsigned slot)
{
	CHECK(v == vdev && slot < QUEUES);
	queue_interrupts[slot]++;
}

static unsigned pending;

unsigned virtio_all_queues_interrupt(struct virtio_device *v)
{
	for (unsigned i = 0; i < QUEUES; i++)
		virtio_queue_interrupt(v, i);
	return pending;
}

void virtio_config_interrupt(struct virtio_device *v)
{
	CHECK(v == vdev);
	config_interrupts++;
}

void virtio_break(struct virtio_device *v, const char *why)
{
	CHECK(v == vdev);
	broken = why;
}

/* It passes by itself: nobody sleeps here. */
u64 time_ns(void)
{
	return now += NSEC_PER_USEC;
}

const char *pci_class_name(u16 class)
{
	(void)class;
	return NULL;
}

static struct timer *timer;
static int timer_answer;

int timer_start(struct timer *t, u64 expires_ns)
{
	CHECK(expires_ns > now);
	timer = t;
	return timer_answer;
}

bool timer_cancel(struct timer *t)
{
	CHECK(timer == t);
	timer = NULL;
	return true;
}

/* The device in configuration space. */

static struct fake_function *function;
static struct pci_device *pdev;

/* Put a capability at @at, with a link to @next. */
static inline void put_cap(u8 at, u8 next, u8 length, u8 type, u8 bar,
			   u32 offset, u32 size)
{
	fake_put(function, at, PCI_CAP_VENDOR, 1);
	fake_put(function, at + 1U, next, 1);
	fake_put(function, at + 2U, length, 1);
	fake_put(function, at + 3U, type, 1);
	fake_put(function, at + 4U, bar, 1);
	fake_put(function, at + 8U, offset, 4);
	fake_put(function, at + 12U, size, 4);
}

/* Modern and transitional: a driver can choose. */
static inline void make_device(u16 id, u16 type)
{
	pdev = only_device(&function);
	fake_put(function, PCI_DEVICE_ID, id, 2);
	pdev->device = id;
	pdev->subsystem = type;
	pdev->sized = true;
	pdev->placed = true;
	pdev->region[0] =
		(struct pci_region){ LEGACY_PORT, 0x80, PCI_REGION_IO };
	pdev->region[4] =
		(struct pci_region){ MODERN_PORT, 0x1000, PCI_REGION_IO };
	fake_put(function, PCI_CAPABILITY_LIST, 0x40, 1);
	put_cap(0x40, 0x50, 16, VIRTIO_PCI_CAP_ISR_CFG, 4, ISR_AT, 1);
	put_cap(0x50, 0x60, 16, VIRTIO_PCI_CAP_DEVICE_CFG, 4, CONFIG_AT, 64);
	put_cap(0x60, 0x80, 20, VIRTIO_PCI_CAP_NOTIFY_CFG, 4, NOTIFY_AT, 0x100);
	fake_put(function, 0x70, 4, 4);
	put_cap(0x80, 0, 16, VIRTIO_PCI_CAP_COMMON_CFG, 4, 0,
		sizeof(struct virtio_pci_common_cfg));
	dev = (struct fake_device){
		.queue_count = QUEUES,
		.vectors = LINES,
		.config_vector = VIRTIO_MSI_NO_VECTOR,
	};
	for (unsigned i = 0; i < QUEUES; i++)
		dev.queue[i] = (struct fake_queue){
			.size = 256,
			.vector = VIRTIO_MSI_NO_VECTOR,
			.notify_off = (u16)i,
		};
	msix_vectors = LINES;
	lines_max = LINES;
	has_pin = true;
	vdev = NULL;
	broken = NULL;
	register_answer = 0;
	unregister_refusals = 0;
	config_interrupts = 0;
	memset(queue_interrupts, 0, sizeof(queue_interrupts));
	memset(affinity, 0, sizeof(affinity));
	virtio_pci_force_legacy = false;
	/* What was said while it was made does not count. */
	messages = 0;
}

static inline int bind(void)
{
	return device_bind(&pdev->dev, NULL);
}

static const struct virtqueue_place place = {
	.descriptors = 0x123456000,
	.driver = 0x234567000,
	.device = 0x345678000,
	.size = 64,
};

static inline void unbind(void)
{
	CHECK_EQ(device_unbind(&pdev->dev), 0);
	CHECK(!vdev && !granted);
	CHECK_EQ(dev.wrong, 0);
}
