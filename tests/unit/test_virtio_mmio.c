/* SPDX-License-Identifier: BSD-2-Clause */
/* Virtio over MMIO: what is used of a device, and what it is told. */
#include "unit.h"
#include <stdlib.h>
#include <abi/virtio/mmio.h>
#include <kernel/errno.h>
#include <kernel/string.h>
#include "../../drivers/virtio/registers.h"
#include "../../drivers/virtio/virtio_mmio.h"

/* The registers behave: they are these functions. The rest is memory. */
static u32 fake_read32(const struct virtio_registers *r, u32 offset);
static void fake_write32(const struct virtio_registers *r, u32 offset,
			 u32 value);

#define virtio_read32  fake_read32
#define virtio_write32 fake_write32
/* Included, not linked: for those two. */
#include "../../drivers/virtio/virtio_mmio.c"

#define REGION 0x200
#define QUEUES 2

struct fake_queue {
	u32 size_max, size, ready, align, page, reset;
	u64 address[3];
};

static struct {
	u32 magic, version, id, status, select, generation;
	u64 offered, accepted;
	u32 features_sel, driver_sel;
	u32 interrupts, page_size, notified, shm;
	struct fake_queue queue[QUEUES];
	bool never_resets_queue;
	unsigned wrong; /* accesses that no driver makes */
} dev;

static u8 memory[REGION];

static struct fake_queue *selected(void)
{
	static struct fake_queue none;

	none = (struct fake_queue){ 0 };
	return dev.select < QUEUES ? &dev.queue[dev.select] : &none;
}

static bool is_legacy(void)
{
	return dev.version == 1;
}

static u32 fake_read32(const struct virtio_registers *r, u32 offset)
{
	const struct fake_queue *q = selected();

	CHECK(r->memory == (char *)memory && r->size <= REGION);
	/* Of a place without a device only these are read. */
	dev.wrong += !dev.id && offset > VIRTIO_MMIO_DEVICE_ID;
	switch (offset) {
	case 0x000: return dev.magic;
	case 0x004: return dev.version;
	case 0x008: return dev.id;
	case 0x00c: return 0x554d4551;
	case 0x010: return (u32)(dev.offered >> 32 * (dev.features_sel & 1));
	case 0x034: return q->size_max;
	case 0x040: dev.wrong += !is_legacy(); return q->page;
	case 0x044: dev.wrong += is_legacy(); return q->ready;
	case 0x060: return dev.interrupts;
	case 0x070: return dev.status;
	case 0x0b0: return dev.shm == 3 ? 0x1000 : ~0U;
	case 0x0b4: return dev.shm == 3 ? 1 : ~0U;
	case 0x0b8: return dev.shm == 3 ? 0x2000 : ~0U;
	case 0x0bc: return dev.shm == 3 ? 2 : ~0U;
	case 0x0c0: return q->reset;
	case 0x0fc: return dev.generation;
	default: dev.wrong++; return ~0U;
	}
}

static void set_half(u64 *value, bool high, u32 half)
{
	*value = high ? (*value & 0xffffffff) | (u64)half << 32
		      : (*value & ~0xffffffffULL) | half;
}

static void fake_write32(const struct virtio_registers *r, u32 offset,
			 u32 value)
{
	struct fake_queue *q = selected();

	CHECK(r->memory == (char *)memory);
	switch (offset) {
	case 0x014: dev.features_sel = value; break;
	case 0x020: set_half(&dev.accepted, dev.driver_sel, value); break;
	case 0x024: dev.driver_sel = value; break;
	case 0x028: dev.page_size = value; break;
	case 0x030: dev.select = value; break;
	case 0x038: q->size = value; break;
	case 0x03c: q->align = value; break;
	case 0x040: q->page = value; break;
	case 0x044: q->ready = value; break;
	case 0x050: dev.notified = value; break;
	case 0x064: dev.interrupts &= ~value; break;
	case 0x070: dev.status = value; break;
	case 0x080:
	case 0x084:
	case 0x090:
	case 0x094:
	case 0x0a0:
	case 0x0a4:
		dev.wrong += is_legacy();
		set_half(&q->address[(offset - 0x80) / 16], offset & 4, value);
		break;
	case 0x0ac: dev.shm = value; break;
	case 0x0c0:
		q->reset = dev.never_resets_queue;
		q->ready = 0;
		break;
	default: dev.wrong++;
	}
}

/* What the transport calls. */

static struct platform_device pdev;
static struct virtio_device *vdev;
static unsigned messages, queue_interrupts, config_interrupts, mappings;
static int line, request_answer, register_answer, timer_answer;
static struct irq_action *action;
static struct timer *timer;
static u64 now, expires;

const struct bus_type platform_bus = { .name = "platform" };

int platform_line(const struct platform_device *p, unsigned index,
		  enum irq_trigger *trigger)
{
	CHECK(p == &pdev && !index);
	*trigger = IRQ_TRIGGER_EDGE_RISING;
	return line;
}

void __iomem *platform_map(const struct platform_device *p, unsigned index,
			   u64 offset, u64 size)
{
	CHECK(p == &pdev && !index && !offset && size <= REGION);
	mappings++;
	return memory;
}

void iounmap(const volatile void __iomem *mapping)
{
	CHECK(mapping == memory);
	mappings--;
}

int platform_add(const struct platform_device *found)
{
	(void)found;
	return 0;
}

int irq_from_isa(unsigned number)
{
	return (int)number;
}

int irq_request(unsigned irq, struct irq_action *a, enum irq_trigger trigger)
{
	CHECK(irq == 48 && trigger == IRQ_TRIGGER_EDGE_RISING);
	if (!request_answer)
		action = a;
	return request_answer;
}

void irq_free(struct irq_action *a)
{
	if (action == a)
		action = NULL;
}

int timer_start(struct timer *t, u64 expires_ns)
{
	CHECK(expires_ns > now);
	timer = t;
	expires = expires_ns;
	return timer_answer;
}

bool timer_cancel(struct timer *t)
{
	CHECK(!timer || timer == t);
	timer = NULL;
	return true;
}

/* One that is held is released when it is put. */
static bool held;
static struct virtio_device *left;

void device_get(struct device *dev)
{
	held = dev == &vdev->dev;
}

void device_put(struct device *dev)
{
	if (left && CHECK(dev == &left->dev))
		left->transport->release(left);
	left = NULL;
}

int virtio_device_register(struct virtio_device *v)
{
	vdev = v;
	return register_answer;
}

int virtio_device_unregister(struct virtio_device *v)
{
	CHECK(held);
	left = v;
	vdev = NULL;
	return 0;
}

static unsigned pending;

unsigned virtio_all_queues_interrupt(struct virtio_device *v)
{
	CHECK(v == vdev);
	queue_interrupts++;
	return pending;
}

void virtio_config_interrupt(struct virtio_device *v)
{
	CHECK(v == vdev);
	config_interrupts++;
}

void *kzalloc(size_t size)
{
	return calloc(1, size);
}

void kfree(const void *object)
{
	free((void *)object);
}

/* It passes by itself: nobody sleeps here. */
u64 time_ns(void)
{
	return now += NSEC_PER_USEC;
}

void printk(enum log_level level, unsigned flags, const char *fmt, ...)
{
	(void)level;
	(void)flags;
	(void)fmt;
	messages++;
}

static int bind(void)
{
	int ret = virtio_mmio_driver.driver.probe(&pdev.dev);

	CHECK_EQ(mappings, !ret);
	return ret;
}

static void make_device(u32 version)
{
	memset(&dev, 0, sizeof(dev));
	dev.magic = 0x74726976;
	dev.version = version;
	dev.id = VIRTIO_ID_RNG;
	for (unsigned i = 0; i < QUEUES; i++)
		dev.queue[i].size_max = 1024;
	memset(memory, 0, sizeof(memory));
	pdev = (struct platform_device){
		.memories = 1,
		.memory[0] = { 0xa000000, REGION },
	};
	line = 48;
	request_answer = register_answer = timer_answer = 0;
	messages = queue_interrupts = config_interrupts = 0;
}

static void unbind(void)
{
	virtio_mmio_driver.driver.remove(&pdev.dev);
	CHECK_EQ(mappings, 0);
	CHECK(!vdev && !action && !timer);
	CHECK_EQ(dev.wrong, 0);
}

static const struct virtqueue_config config = { .name = "requests" };
static const struct virtqueue_place place = {
	.descriptors = 0x123456000,
	.driver = 0x234567000,
	.device = 0x345678000,
	.size = 64,
};

/* virtio 1.3, drivernormative 4.2.3.1.1 */
TEST(only_what_says_that_it_is_virtio_is_used)
{
	static const struct {
		u32 magic, version, id;
		u64 size;
		unsigned messages;
		int answer;
	} cases[] = {
		{ 0x74726976, 2, 4, REGION, 0, 0 },
		{ 0x74726976, 1, 4, REGION, 0, 0 },
		{ 0x74726976, 2, 4, 0x100, 0, 0 },
		/* A place without a device: nothing to talk about. */
		{ 0x74726976, 2, 0, REGION, 0, -ENODEV },
		{ 0x74726976, 3, 4, REGION, 1, -ENODEV },
		{ 0x74726976, 0, 4, REGION, 1, -ENODEV },
		{ 0x76697274, 2, 4, REGION, 1, -ENODEV },
		{ 0xffffffff, 0xffffffff, 0xffffffff, REGION, 1, -ENODEV },
		{ 0x74726976, 2, 4, 0xff, 1, -ENODEV },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		make_device(cases[i].version);
		dev.magic = cases[i].magic;
		dev.id = cases[i].id;
		pdev.memory[0].size = cases[i].size;
		CHECK_EQ(bind(), cases[i].answer);
		CHECK_EQ(messages, cases[i].messages);
		CHECK_EQ(dev.wrong, 0);
		if (cases[i].answer)
			continue;
		CHECK_EQ(vdev->type, 4);
		CHECK_EQ(vdev->legacy, cases[i].version == 1);
		CHECK_EQ(vdev->transport->config_size(vdev),
			 cases[i].size - 0x100);
		unbind();
	}
	make_device(2);
	register_answer = -ENOSPC;
	CHECK_EQ(bind(), -ENOSPC);
}

TEST(a_legacy_device_has_32_features)
{
	struct virtio_features f;

	make_device(2);
	dev.offered = 0x8000012340000001;
	CHECK_EQ(bind(), 0);
	vdev->transport->get_features(vdev, &f);
	CHECK_EQ(f.word[0], 0x8000012340000001);
	vdev->transport->set_features(vdev, &f);
	CHECK_EQ(dev.accepted, 0x8000012340000001);
	unbind();
	make_device(1);
	dev.offered = 0x8000012340000001;
	CHECK_EQ(bind(), 0);
	vdev->transport->get_features(vdev, &f);
	CHECK_EQ(f.word[0], 0x40000001);
	vdev->transport->set_features(vdev, &f);
	CHECK_EQ(dev.accepted, 0x40000001);
	unbind();
}

/* virtio 1.3, drivernormative 4.2.2.2 */
TEST(queues_are_three_addresses_or_a_page)
{
	const struct fake_queue *q = &dev.queue[1];
	struct virtqueue_place far = place;

	make_device(2);
	CHECK_EQ(bind(), 0);
	CHECK_EQ(vdev->transport->queue_size_max(vdev, 1), 1024);
	CHECK_EQ(vdev->transport->queue_size_max(vdev, 2), 0);
	CHECK_EQ(vdev->transport->queue_size_max(vdev, 0x10001), 0);
	CHECK_EQ(vdev->transport->enable_queue(vdev, 1, 0, &place), 0);
	CHECK(q->ready == 1 && q->size == 64);
	CHECK_EQ(q->address[0], place.descriptors);
	CHECK_EQ(q->address[1], place.driver);
	CHECK_EQ(q->address[2], place.device);
	CHECK_EQ(vdev->transport->enable_queue(vdev, 1, 0, &place), -EIO);
	unbind();
	make_device(1);
	CHECK_EQ(bind(), 0);
	CHECK_EQ(vdev->transport->legacy_align, 64);
	CHECK(!vdev->transport->queue_size_fixed(vdev));
	CHECK_EQ(vdev->transport->enable_queue(vdev, 1, 0, &place), 0);
	CHECK(q->page == 0x123456 && q->align == 64 && q->size == 64);
	CHECK_EQ(dev.page_size, 4096);
	CHECK_EQ(vdev->transport->enable_queue(vdev, 1, 0, &place), -EIO);
	far.descriptors = 0x100000000000;
	CHECK_EQ(vdev->transport->enable_queue(vdev, 0, 0, &far), -EINVAL);
	unbind();
}

TEST(notifications_carry_what_was_negotiated)
{
	make_device(2);
	CHECK_EQ(bind(), 0);
	vdev->transport->notify(vdev, 1, 0x80070001);
	CHECK_EQ(dev.notified, 1);
	vdev->features.word[0] = BIT64(VIRTIO_F_NOTIFICATION_DATA);
	vdev->transport->notify(vdev, 1, 0x80070001);
	CHECK_EQ(dev.notified, 0x80070001);
	unbind();
}

/* virtio 1.3, drivernormative 4.2.3.4.1 */
TEST(interrupts_are_acknowledged)
{
	make_device(2);
	CHECK_EQ(bind(), 0);
	CHECK_EQ(vdev->transport->start_interrupts(vdev, &config, 1), 0);
	CHECK_EQ(action->handler(action->context), IRQ_NONE);
	/* Bits that mean nothing. */
	dev.interrupts = 0xfffffffc;
	CHECK_EQ(action->handler(action->context), IRQ_NONE);
	dev.interrupts = 1;
	CHECK_EQ(action->handler(action->context), IRQ_HANDLED);
	CHECK_EQ(dev.interrupts, 0);
	CHECK(queue_interrupts == 1 && config_interrupts == 0);
	dev.interrupts = 6;
	CHECK_EQ(action->handler(action->context), IRQ_HANDLED);
	CHECK_EQ(dev.interrupts, 4);
	CHECK(queue_interrupts == 1 && config_interrupts == 1);
	vdev->transport->stop_interrupts(vdev);
	unbind();
}

TEST(a_device_whose_line_leads_nowhere_is_polled)
{
	make_device(2);
	line = -EINVAL;
	CHECK_EQ(bind(), 0);
	CHECK_EQ(vdev->transport->start_interrupts(vdev, &config, 1), 0);
	CHECK(!action && timer);
	dev.interrupts = 2;
	for (unsigned i = 0; i < 1000 && !config_interrupts; i++)
		timer->handler(timer);
	CHECK(queue_interrupts > 50);
	CHECK_EQ(config_interrupts, 1);
	vdev->transport->stop_interrupts(vdev);
	CHECK(!timer);
	/* No timers either. */
	line = 48;
	request_answer = -ENODEV;
	timer_answer = -ENODEV;
	CHECK_EQ(vdev->transport->start_interrupts(vdev, &config, 1), -ENODEV);
	timer = NULL;
	vdev->transport->stop_interrupts(vdev);
	unbind();
}

/* Runs the timer as long as it is set again. */
static unsigned ticks(unsigned max)
{
	unsigned n;

	for (n = 0; n < max && timer; n++) {
		struct timer *t = timer;

		timer = NULL;
		now = expires;
		t->handler(t);
	}
	return n;
}

TEST(a_line_is_watched_until_it_interrupts)
{
	u64 begin;

	make_device(2);
	CHECK_EQ(bind(), 0);
	CHECK_EQ(vdev->transport->start_interrupts(vdev, &config, 1), 0);
	CHECK(action && timer);
	/* Nothing to do: rarely, and never said. */
	begin = now;
	dev.interrupts = 2;
	CHECK_EQ(ticks(100), 100);
	CHECK(now - begin > 5000 * NSEC_PER_MSEC);
	CHECK_EQ(messages, 0);
	CHECK_EQ(config_interrupts, 0);
	CHECK_EQ(action->handler(action->context), IRQ_HANDLED);
	CHECK_EQ(ticks(100), 1);
	vdev->transport->stop_interrupts(vdev);
	/* It does not interrupt when it should. */
	CHECK_EQ(vdev->transport->start_interrupts(vdev, &config, 1), 0);
	pending = 1;
	CHECK_EQ(ticks(7), 7);
	CHECK_EQ(messages, 0);
	CHECK_EQ(ticks(1), 1);
	CHECK_EQ(messages, 1);
	pending = 0;
	begin = now;
	dev.interrupts = 2;
	config_interrupts = 0;
	CHECK_EQ(ticks(200), 200);
	CHECK(now - begin < 210 * NSEC_PER_MSEC);
	CHECK_EQ(config_interrupts, 1);
	/* Late, but it does. */
	dev.interrupts = 1;
	CHECK_EQ(action->handler(action->context), IRQ_HANDLED);
	CHECK_EQ(ticks(100), 1);
	CHECK_EQ(messages, 1);
	vdev->transport->stop_interrupts(vdev);
	unbind();
}

TEST(a_queue_is_reset_alone)
{
	make_device(2);
	CHECK_EQ(bind(), 0);
	CHECK_EQ(vdev->transport->reset_queue(vdev, 1), -EOPNOTSUPP);
	vdev->features.word[0] = BIT64(VIRTIO_F_RING_RESET);
	CHECK_EQ(vdev->transport->enable_queue(vdev, 1, 0, &place), 0);
	CHECK_EQ(vdev->transport->reset_queue(vdev, 1), 0);
	CHECK_EQ(vdev->transport->enable_queue(vdev, 1, 0, &place), 0);
	dev.never_resets_queue = true;
	CHECK_EQ(vdev->transport->reset_queue(vdev, 1), -ETIMEDOUT);
	unbind();
}

TEST(shared_memory_is_what_the_registers_say)
{
	phys_addr_t start;
	u64 size;

	make_device(2);
	CHECK_EQ(bind(), 0);
	CHECK_EQ(vdev->transport->shared_memory(vdev, 3, &start, &size), 0);
	CHECK_EQ(start, 0x200002000);
	CHECK_EQ(size, 0x100001000);
	CHECK_EQ(vdev->transport->shared_memory(vdev, 4, &start, &size),
		 -ENOENT);
	unbind();
	make_device(1);
	CHECK_EQ(bind(), 0);
	CHECK_EQ(vdev->transport->shared_memory(vdev, 3, &start, &size),
		 -ENOENT);
	unbind();
}

TEST(fields_of_the_configuration_are_read_and_written)
{
	u64 eight;
	u16 two = 0x1234;

	for (u32 version = 1; version <= 2; version++) {
		make_device(version);
		for (unsigned i = 0; i < 16; i++)
			memory[0x100 + i] = (u8)(i + 1);
		dev.generation = 5;
		CHECK_EQ(bind(), 0);
		vdev->transport->read_config(vdev, 8, &eight, 8);
		CHECK_EQ(eight, 0x100f0e0d0c0b0a09);
		vdev->transport->write_config(vdev, 2, &two, 2);
		CHECK(memory[0x102] == 0x34 && memory[0x103] == 0x12);
		CHECK_EQ(vdev->transport->config_generation(vdev),
			 version == 1 ? 0 : 5);
		unbind();
	}
}
