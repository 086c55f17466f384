/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The transports, by the simplest device there is: one queue, into whose
 * buffers the host writes random bytes (virtio 1.3, 5.4). The suite has its
 * own driver, takes the device from whoever drives it, and gives it back.
 */
#include <drivers/pci.h>
#include <drivers/virtio_transport.h>
#include <kernel/completion.h>
#include <kernel/errno.h>
#include <kernel/mm/slab.h>
#include <kernel/selftest.h>
#include <kernel/smp.h>
#include <kernel/string.h>
#include <kernel/time.h>

#define BUFFER_BYTES  64
#define ROUNDS	      50
#define BUFFERS	      4
#define UNBIND_ROUNDS 6
/* QEMU gives bytes at any rate unless told otherwise. */
#define ANSWER_TIMEOUT_NS (2000 * NSEC_PER_MSEC)

static struct {
	unsigned cpu; /* that shall take the interrupt */
	struct virtqueue *vq;
	struct completion used;
	unsigned done_cpu; /* where done() ran last */
	unsigned failed;
	u8 *buffer; /* BUFFERS of them */
} test;

static void test_done(struct virtqueue *vq __unused)
{
	WRITE_ONCE(test.done_cpu, smp_processor_id());
	complete(&test.used);
}

static int test_probe(struct virtio_device *vdev)
{
	const struct virtqueue_config config = {
		.name = "test",
		.done = test_done,
		.segments_max = 1,
		.cpu = test.cpu,
	};

	return virtio_make_queues(vdev, &config, 1, &test.vq);
}

static void test_remove(struct virtio_device *vdev __unused)
{
	while (virtqueue_detach(test.vq))
		;
}

static void test_failed(struct virtio_device *vdev)
{
	test.failed++;
	test_remove(vdev);
}

static const u8 no_features[] = { VIRTIO_FEATURES_END };

/* In no table: only this suite binds it. */
static const struct virtio_driver test_driver = {
	.driver = VIRTIO_DRIVER_BASE("test-virtio", NULL),
	.type = VIRTIO_ID_RNG,
	.features = no_features,
	.probe = test_probe,
	.remove = test_remove,
	.failed = test_failed,
};

/* The first device of this kind, with a reference, or NULL after a skip. */
static struct device *find_device(struct selftest *t)
{
	struct device *dev = device_next(NULL);

	while (dev && (dev->bus != &virtio_bus ||
		       to_virtio_device(dev)->type != VIRTIO_ID_RNG))
		dev = device_next(dev);
	if (!dev)
		selftest_skip(t, "no virtio entropy device here");
	return dev;
}

static bool take(struct selftest *t, struct device *dev, unsigned cpu)
{
	test.cpu = cpu;
	test.failed = 0;
	test.used = (struct completion){ 0 };
	return EXPECT_EQ(t, device_bind(dev, &test_driver.driver), 0);
}

static void give_back(struct selftest *t, struct device *dev)
{
	EXPECT_EQ(t, device_unbind(dev), 0);
	EXPECT_EQ(t, test.failed, 0);
}

/* Call @fn with the device, which has the test's driver or none. */
static void with_device(struct selftest *t,
			void (*fn)(struct selftest *t, struct device *dev))
{
	struct device *dev = find_device(t);

	if (!dev)
		return;
	test.buffer = kmalloc(BUFFERS * BUFFER_BYTES);
	if (EXPECT(t, test.buffer)) {
		device_unbind(dev);
		fn(t, dev);
		device_bind(dev, NULL);
	}
	kfree(test.buffer);
	device_put(dev);
}

static bool post(struct selftest *t, u8 *buffer)
{
	struct virtio_segment segment = { buffer, BUFFER_BYTES };

	memset(buffer, 0, BUFFER_BYTES);
	return EXPECT_EQ(t, virtqueue_add(test.vq, &segment, 0, 1, buffer), 0);
}

static u64 interrupts(void)
{
	struct virtqueue_stats stats;

	virtqueue_get_stats(test.vq, &stats);
	return stats.interrupts;
}

/* Until there were more than @before. */
static bool wait_interrupt(u64 before)
{
	u64 deadline = time_ns() + ANSWER_TIMEOUT_NS;

	while (interrupts() <= before)
		if (!completion_wait_until(&test.used, deadline))
			return false;
	return true;
}

/* The next used buffer, or NULL when no interrupt comes for it. */
static u8 *next_used(struct selftest *t, u32 *length)
{
	u8 *buffer;

	while (!(buffer = virtqueue_get(test.vq, length))) {
		u64 before = interrupts();

		/* One that comes from here on is told of. */
		if (virtqueue_enable_callback(test.vq) &&
		    !EXPECT(t, wait_interrupt(before)))
			return NULL;
	}
	return buffer;
}

static bool is_filled(const u8 *buffer, u32 length)
{
	for (u32 i = 0; i < length; i++)
		if (buffer[i])
			return true;
	return false;
}

/* One answer, which is some bytes and not only zeros. */
static bool answer(struct selftest *t)
{
	u32 length = 0;
	const u8 *buffer = next_used(t, &length);

	/* A single byte, or two, may be 0. */
	return buffer && EXPECT(t, length && length <= BUFFER_BYTES) &&
	       EXPECT(t, length < 8 || is_filled(buffer, length));
}

static const char *interrupts_of(const struct device *parent)
{
	if (!IS_ENABLED(CONFIG_PCI) || parent->bus != &pci_bus)
		return "a line";
	return pci_irq_kind(to_pci_device(parent)) == PCI_IRQ_MSIX ? "MSI-X"
								   : "INTx";
}

/* Each kick is answered by at least one interrupt. */
static void move_some(struct selftest *t)
{
	u64 before = interrupts();

	EXPECT(t, virtqueue_enable_callback(test.vq));
	for (unsigned n = 0; n < BUFFERS; n++)
		post(t, test.buffer + n * BUFFER_BYTES);
	virtqueue_kick(test.vq);
	EXPECT(t, wait_interrupt(before));
	for (unsigned n = 0; n < BUFFERS && answer(t); n++)
		;
}

static void move_bytes(struct selftest *t, struct device *dev)
{
	struct virtqueue_stats stats;

	if (!take(t, dev, VIRTQUEUE_ANY))
		return;
	for (unsigned i = 0; i < ROUNDS && !selftest_failed(t); i++)
		move_some(t);
	virtqueue_get_stats(test.vq, &stats);
	EXPECT_EQ(t, stats.used, ROUNDS * BUFFERS);
	EXPECT(t, stats.interrupts >= ROUNDS);
	selftest_note(t, "%s: %s, %s, %llu interrupts", dev->name,
		      to_virtio_device(dev)->transport->name,
		      interrupts_of(dev->parent),
		      (unsigned long long)stats.interrupts);
	give_back(t, dev);
}

static void test_bytes_move(struct selftest *t)
{
	with_device(t, move_bytes);
}

/* Every CPU in turn, where the device has a message for the queue alone. */
static void choose_cpus(struct selftest *t, struct device *dev)
{
	const struct virtio_device *vdev = to_virtio_device(dev);
	unsigned cpu, chosen = 0;

	for_each_cpu(cpu, &cpu_online_mask) {
		if (!take(t, dev, cpu))
			return;
		if (virtqueue_cpu(test.vq) == cpu) {
			chosen++;
			post(t, test.buffer);
			virtqueue_kick(test.vq);
			EXPECT(t, wait_interrupt(0));
			EXPECT_EQ(t, READ_ONCE(test.done_cpu), cpu);
		}
		give_back(t, dev);
	}
	if (!chosen && !selftest_failed(t))
		selftest_skip(t, "the queue has no interrupt for itself");
	EXPECT(t, vdev->state == VIRTIO_DOWN);
}

static void test_interrupt_goes_to_the_cpu(struct selftest *t)
{
	with_device(t, choose_cpus);
}

/* What is not done is the driver's again when the device was reset. */
static void leave_posted(struct selftest *t, struct device *dev)
{
	for (unsigned i = 0; i < UNBIND_ROUNDS && !selftest_failed(t); i++) {
		if (!take(t, dev, VIRTQUEUE_ANY))
			return;
		post(t, test.buffer);
		if (i % 2)
			virtqueue_kick(test.vq);
		give_back(t, dev);
	}
}

static void test_unbinds_with_requests(struct selftest *t)
{
	with_device(t, leave_posted);
}

static const struct selftest_case transport_cases[] = {
	{ .name = "bytes-move", .run = test_bytes_move },
	{ .name = "interrupt-goes-to-the-cpu",
	  .run = test_interrupt_goes_to_the_cpu },
	{ .name = "unbinds-with-requests", .run = test_unbinds_with_requests },
	{},
};
SELFTEST_SUITE(virtio_transport, "virtio-transport", transport_cases, 0);
