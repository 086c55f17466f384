/* SPDX-License-Identifier: BSD-2-Clause */
/* Virtio over PCI: what is used of a device, and what it is told. */
#include "unit.h"
#include <stdlib.h>
#include <kernel/errno.h>
#include "fake_virtio_pci.h"

static void done(struct virtqueue *vq)
{
	(void)vq;
}

static const struct virtqueue_config three[] = {
	{ .index = 0, .name = "in", .done = done, .cpu = 2 },
	{ .index = 1, .name = "out", .done = done, .cpu = VIRTQUEUE_ANY },
	{ .index = 3, .name = "control" },
};
static const struct virtqueue_config all_call[] = {
	{ .index = 0, .name = "in", .done = done, .cpu = 1 },
	{ .index = 1, .name = "out", .done = done, .cpu = 77 },
	{ .index = 2, .name = "more", .done = done, .cpu = 3 },
};

/* virtio 1.3, drivernormative 4.1.2.2 */
TEST(types_come_from_the_device_id_or_the_subsystem)
{
	static const struct {
		u16 id, subsystem;
		u32 type;
	} cases[] = {
		{ 0x1041, 0x1100, VIRTIO_ID_NET },
		{ 0x107f, 0, 0x3f },
		{ 0x1000, 1, VIRTIO_ID_NET },
		{ 0x103f, 19, VIRTIO_ID_VSOCK },
		{ 0x1005, 0, 0 },
		{ 0x1040, 4, 0 },
		{ 0x1080, 4, 0 },
		{ 0x0fff, 4, 0 },
		{ 0x1110, 0x1100, 0 },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		make_device(cases[i].id, cases[i].subsystem);
		CHECK_EQ(bind(), cases[i].type ? 0 : -ENODEV);
		CHECK_EQ(messages, 0);
		if (!CHECK_EQ(!!vdev, !!cases[i].type) || !vdev)
			continue;
		CHECK_EQ(vdev->type, cases[i].type);
		CHECK(!vdev->legacy);
		unbind();
	}
}

TEST(features_of_64_bits_are_read_and_written)
{
	struct virtio_features f;

	make_device(MODERN_RNG, 0);
	dev.offered = 0x8000012340000001;
	CHECK_EQ(bind(), 0);
	vdev->transport->get_features(vdev, &f);
	CHECK_EQ(f.word[0], 0x8000012340000001);
	CHECK_EQ(f.word[1], 0);
	f.word[0] = 0x0000000100000001;
	vdev->transport->set_features(vdev, &f);
	CHECK_EQ(dev.accepted, 0x0000000100000001);
	vdev->transport->set_status(vdev, 0x0b);
	CHECK_EQ(dev.status, 0x0b);
	CHECK_EQ(vdev->transport->get_status(vdev), 0x0b);
	dev.generation = 9;
	CHECK_EQ(vdev->transport->config_generation(vdev), 9);
	unbind();
}

TEST(features_without_their_registers_are_not_offered)
{
	const u64 all = BIT64(VIRTIO_F_NOTIF_CONFIG_DATA) |
			BIT64(VIRTIO_F_RING_RESET) |
			BIT64(VIRTIO_F_NOTIFICATION_DATA);
	struct virtio_features f;

	make_device(MODERN_RNG, 0);
	dev.offered = all;
	CHECK_EQ(bind(), 0);
	vdev->transport->get_features(vdev, &f);
	CHECK_EQ(f.word[0], all);
	unbind();
	/* Ends behind queue_notif_config_data; an odd multiple of 2. */
	make_device(MODERN_RNG, 0);
	dev.offered = all;
	fake_put(function, 0x80 + 12, 58, 4);
	fake_put(function, 0x70, 2, 4);
	CHECK_EQ(bind(), 0);
	vdev->transport->get_features(vdev, &f);
	CHECK_EQ(f.word[0], BIT64(VIRTIO_F_NOTIF_CONFIG_DATA));
	unbind();
}

/* virtio 1.3, drivernormative 4.1.3.1 */
TEST(fields_are_read_by_their_width)
{
	u32 four;
	u16 two;
	u8 eight[8];

	make_device(MODERN_RNG, 0);
	for (unsigned i = 0; i < sizeof(dev.config); i++)
		dev.config[i] = (u8)(i + 1);
	CHECK_EQ(bind(), 0);
	CHECK_EQ(vdev->transport->config_size(vdev), 64);
	vdev->transport->read_config(vdev, 4, &four, 4);
	CHECK_EQ(four, 0x08070605);
	vdev->transport->read_config(vdev, 2, &two, 2);
	CHECK_EQ(two, 0x0403);
	vdev->transport->read_config(vdev, 56, eight, 8);
	CHECK_MEM(eight, dev.config + 56, 8);
	/* A field that is not aligned comes in bytes. */
	vdev->transport->read_config(vdev, 3, &four, 4);
	CHECK_EQ(four, 0x07060504);
	four = 0xa1b2c3d4;
	vdev->transport->write_config(vdev, 8, &four, 4);
	CHECK_EQ(dev.config[8], 0xd4);
	CHECK_EQ(dev.config[11], 0xa1);
	CHECK_EQ(dev.config[12], 13);
	unbind();
}

/* virtio 1.3, drivernormative 4.1.4.5.2 */
TEST(each_queue_gets_a_vector_and_its_cpu)
{
	make_device(MODERN_RNG, 0);
	CHECK_EQ(bind(), 0);
	CHECK_EQ(vdev->transport->start_interrupts(vdev, three, 3), 0);
	CHECK_EQ(granted, 3);
	CHECK_EQ(dev.config_vector, 0);
	CHECK_EQ(dev.queue[0].vector, 1);
	CHECK_EQ(dev.queue[1].vector, 2);
	/* Nobody wants its interrupts. */
	CHECK_EQ(dev.queue[3].vector, VIRTIO_MSI_NO_VECTOR);
	CHECK_STR(actions[0]->name, "virtio0-config");
	CHECK_STR(actions[1]->name, "virtio0-in");
	CHECK_EQ(affinity[1], 3);
	CHECK_EQ(affinity[2], 0);
	CHECK_EQ(vdev->transport->interrupt_cpu(vdev, 0), 2);
	CHECK_EQ(vdev->transport->interrupt_cpu(vdev, 1), VIRTQUEUE_ANY);
	CHECK_EQ(vdev->transport->interrupt_cpu(vdev, 2), VIRTQUEUE_ANY);
	/* The ISR status is not read. */
	dev.isr = VIRTIO_ISR_QUEUE | VIRTIO_ISR_CONFIG;
	CHECK_EQ(interrupt(2), IRQ_HANDLED);
	CHECK_EQ(dev.isr, VIRTIO_ISR_QUEUE | VIRTIO_ISR_CONFIG);
	CHECK_EQ(queue_interrupts[1], 1);
	CHECK_EQ(queue_interrupts[0] + config_interrupts, 0);
	CHECK_EQ(interrupt(0), IRQ_HANDLED);
	CHECK_EQ(config_interrupts, 1);
	vdev->transport->stop_interrupts(vdev);
	CHECK_EQ(granted, 0);
	unbind();
}

/* virtio 1.3, drivernormative 4.1.5.1.2.2 */
/* Whatever of it is short: the device's table, its insides, our lines. */
TEST(with_two_vectors_queues_share_one)
{
	for (unsigned why = 0; why < 3; why++) {
		make_device(MODERN_RNG, 0);
		msix_vectors = why == 0 ? 2 : LINES;
		dev.vectors = why == 1 ? 2 : LINES;
		lines_max = why == 2 ? 2 : LINES;
		CHECK_EQ(bind(), 0);
		CHECK_EQ(vdev->transport->start_interrupts(vdev, all_call, 3),
			 0);
		CHECK_EQ(granted, 2);
		for (unsigned i = 0; i < 3; i++)
			CHECK_EQ(dev.queue[i].vector, 1);
		CHECK_STR(actions[1]->name, "virtio0-queues");
		CHECK_EQ(vdev->transport->interrupt_cpu(vdev, 0),
			 VIRTQUEUE_ANY);
		CHECK_EQ(interrupt(1), IRQ_HANDLED);
		for (unsigned i = 0; i < 3; i++)
			CHECK_EQ(queue_interrupts[i], 1);
		CHECK_EQ(config_interrupts, 0);
		vdev->transport->stop_interrupts(vdev);
		unbind();
	}
}

TEST(three_vectors_for_three_queues_are_all_used)
{
	make_device(MODERN_RNG, 0);
	msix_vectors = 3;
	CHECK_EQ(bind(), 0);
	CHECK_EQ(vdev->transport->start_interrupts(vdev, all_call, 3), 0);
	CHECK_EQ(dev.queue[0].vector, 1);
	CHECK_EQ(dev.queue[1].vector, 2);
	CHECK_EQ(dev.queue[2].vector, 1);
	CHECK_EQ(interrupt(1), IRQ_HANDLED);
	CHECK_EQ(queue_interrupts[0], 1);
	CHECK_EQ(queue_interrupts[1], 0);
	CHECK_EQ(queue_interrupts[2], 1);
	vdev->transport->stop_interrupts(vdev);
	unbind();
}

TEST(one_vector_is_for_all)
{
	make_device(MODERN_RNG, 0);
	msix_vectors = 1;
	CHECK_EQ(bind(), 0);
	CHECK_EQ(vdev->transport->start_interrupts(vdev, all_call, 3), 0);
	CHECK_EQ(dev.config_vector, 0);
	CHECK_EQ(dev.queue[2].vector, 0);
	/* With messages the ISR status says nothing of queues. */
	CHECK_EQ(interrupt(0), IRQ_HANDLED);
	CHECK_EQ(queue_interrupts[2], 1);
	CHECK_EQ(config_interrupts, 0);
	dev.isr = VIRTIO_ISR_CONFIG;
	CHECK_EQ(interrupt(0), IRQ_HANDLED);
	CHECK_EQ(config_interrupts, 1);
	vdev->transport->stop_interrupts(vdev);
	unbind();
}

/* virtio 1.3, drivernormative 4.1.5.4.2 */
TEST(the_pin_is_shared_with_others)
{
	make_device(MODERN_RNG, 0);
	msix_vectors = 0;
	CHECK_EQ(bind(), 0);
	CHECK_EQ(vdev->transport->start_interrupts(vdev, three, 3), 0);
	CHECK_EQ(dev.config_vector, VIRTIO_MSI_NO_VECTOR);
	CHECK_EQ(interrupt(0), IRQ_NONE);
	dev.isr = VIRTIO_ISR_QUEUE;
	CHECK_EQ(interrupt(0), IRQ_HANDLED);
	CHECK_EQ(interrupt(0), IRQ_NONE);
	CHECK_EQ(queue_interrupts[0], 1);
	CHECK_EQ(queue_interrupts[2], 0);
	CHECK_EQ(config_interrupts, 0);
	dev.isr = VIRTIO_ISR_CONFIG;
	CHECK_EQ(interrupt(0), IRQ_HANDLED);
	CHECK_EQ(queue_interrupts[0], 1);
	CHECK_EQ(config_interrupts, 1);
	dev.isr = VIRTIO_ISR_QUEUE | VIRTIO_ISR_CONFIG;
	CHECK_EQ(interrupt(0), IRQ_HANDLED);
	CHECK_EQ(queue_interrupts[0], 2);
	CHECK_EQ(config_interrupts, 2);
	/* It is gone. */
	dev.isr = 0xff;
	CHECK_EQ(interrupt(0), IRQ_NONE);
	vdev->transport->stop_interrupts(vdev);
	unbind();
}

TEST(a_device_without_interrupts_is_polled)
{
	make_device(MODERN_RNG, 0);
	dev.vectors = 0;
	has_pin = false;
	CHECK_EQ(bind(), 0);
	CHECK_EQ(vdev->transport->start_interrupts(vdev, three, 3), 0);
	CHECK_EQ(granted, 0);
	if (!CHECK(timer))
		return;
	timer->handler(timer);
	CHECK_EQ(queue_interrupts[0], 1);
	CHECK_EQ(vdev->transport->interrupt_cpu(vdev, 0), VIRTQUEUE_ANY);
	CHECK_EQ(vdev->transport->enable_queue(vdev, 0, 0, &place), 0);
	for (unsigned i = 0; i < 1000 && !config_interrupts; i++) {
		dev.isr = VIRTIO_ISR_CONFIG;
		timer->handler(timer);
	}
	CHECK_EQ(config_interrupts, 1);
	vdev->transport->stop_interrupts(vdev);
	CHECK(!timer);
	timer_answer = -ENODEV;
	CHECK_EQ(vdev->transport->start_interrupts(vdev, three, 3), -ENODEV);
	timer = NULL;
	timer_answer = 0;
	unbind();
}

static void start(u64 features)
{
	CHECK_EQ(bind(), 0);
	vdev->features.word[0] = features;
	CHECK_EQ(vdev->transport->start_interrupts(vdev, three, 3), 0);
}

static void stop(void)
{
	vdev->transport->stop_interrupts(vdev);
	unbind();
}

/* virtio 1.3, drivernormative 4.1.4.3.2 */
TEST(queues_are_enabled_where_the_ring_is)
{
	const struct fake_queue *q = &dev.queue[1];

	make_device(MODERN_RNG, 0);
	start(0);
	CHECK_EQ(vdev->transport->queue_size_max(vdev, 1), 256);
	CHECK_EQ(vdev->transport->queue_size_max(vdev, 4), 0);
	CHECK_EQ(vdev->transport->queue_size_max(vdev, 70000), 0);
	/* It is the core that knows what is allowed. */
	dev.queue[2].size = 65535;
	CHECK_EQ(vdev->transport->queue_size_max(vdev, 2), 65535);
	dev.queue[2].size = 0;
	CHECK_EQ(vdev->transport->queue_size_max(vdev, 2), 0);
	CHECK(!vdev->transport->queue_size_fixed(vdev));
	CHECK_EQ(vdev->transport->enable_queue(vdev, 1, 1, &place), 0);
	CHECK_EQ(q->enable, 1);
	CHECK_EQ(q->size, 64);
	CHECK_EQ(q->desc, place.descriptors);
	CHECK_EQ(q->driver, place.driver);
	CHECK_EQ(q->device, place.device);
	vdev->transport->notify(vdev, 1, 0x80070001);
	CHECK_EQ(dev.notified, 4);
	CHECK_EQ(dev.notified_with, 1);
	CHECK_EQ(dev.notified_width, 2);
	/* It was not reset. */
	CHECK_EQ(vdev->transport->enable_queue(vdev, 1, 1, &place), -EIO);
	CHECK_EQ(vdev->transport->enable_queue(vdev, 4, 2, &place), -ENOENT);
	stop();
}

/* virtio 1.3, drivernormative 4.1.5.2.1 */
TEST(notifications_carry_what_was_negotiated)
{
	make_device(MODERN_RNG, 0);
	dev.queue[1].notify_data = 0xbeef;
	start(BIT64(VIRTIO_F_NOTIFICATION_DATA));
	CHECK_EQ(vdev->transport->enable_queue(vdev, 1, 1, &place), 0);
	vdev->transport->notify(vdev, 1, 0x80070001);
	CHECK_EQ(dev.notified_with, 0x80070001);
	CHECK_EQ(dev.notified_width, 4);
	dev.queue[1].enable = 0;
	vdev->features.word[0] |= BIT64(VIRTIO_F_NOTIF_CONFIG_DATA);
	CHECK_EQ(vdev->transport->enable_queue(vdev, 1, 1, &place), 0);
	vdev->transport->notify(vdev, 1, 0x80070001);
	CHECK_EQ(dev.notified_with, 0x8007beef);
	dev.queue[1].enable = 0;
	vdev->features.word[0] = BIT64(VIRTIO_F_NOTIF_CONFIG_DATA);
	CHECK_EQ(vdev->transport->enable_queue(vdev, 1, 1, &place), 0);
	vdev->transport->notify(vdev, 1, 0x80070001);
	CHECK_EQ(dev.notified_with, 0xbeef);
	CHECK_EQ(dev.notified_width, 2);
	stop();
}

TEST(notifications_stay_in_their_structure)
{
	static const struct {
		u32 multiplier;
		u16 off;
		u64 features;
		int answer;
	} cases[] = {
		{ 0, 0xffff, 0, 0 },
		{ 2, 0x7f, 0, 0 },
		{ 2, 0x80, 0, -EIO },
		{ 2, 0x7f, BIT64(VIRTIO_F_NOTIFICATION_DATA), -EIO },
		{ 4, 0x3f, BIT64(VIRTIO_F_NOTIFICATION_DATA), 0 },
		{ 0xffffffff, 0xffff, 0, -EIO },
		{ 0x80000000, 2, 0, -EIO },
		{ 1, 3, 0, -EIO }, /* not aligned */
	};

	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		make_device(MODERN_RNG, 0);
		fake_put(function, 0x70, cases[i].multiplier, 4);
		dev.queue[0].notify_off = cases[i].off;
		start(cases[i].features);
		CHECK_EQ(vdev->transport->enable_queue(vdev, 0, 0, &place),
			 cases[i].answer);
		CHECK_EQ(dev.queue[0].enable, !cases[i].answer);
		vdev->transport->notify(vdev, 0, 0);
		stop();
	}
}

/* virtio 1.3, drivernormative 4.1.4.3.2 */
TEST(a_queue_is_reset_alone)
{
	make_device(MODERN_RNG, 0);
	start(0);
	CHECK_EQ(vdev->transport->reset_queue(vdev, 1), -EOPNOTSUPP);
	vdev->features.word[0] = BIT64(VIRTIO_F_RING_RESET);
	CHECK_EQ(vdev->transport->enable_queue(vdev, 1, 1, &place), 0);
	CHECK_EQ(vdev->transport->reset_queue(vdev, 1), 0);
	CHECK_EQ(dev.queue[1].enable, 0);
	/* It forgot its vector. */
	CHECK_EQ(vdev->transport->enable_queue(vdev, 1, 1, &place), 0);
	CHECK_EQ(dev.queue[1].vector, 2);
	dev.never_resets_queue = true;
	CHECK_EQ(vdev->transport->reset_queue(vdev, 1), -ETIMEDOUT);
	dev.queue[1].reset = 0;
	dev.vectors = 0;
	dev.queue[1].enable = 0;
	CHECK_EQ(vdev->transport->enable_queue(vdev, 1, 1, &place), -EIO);
	stop();
}

TEST(legacy_is_for_devices_without_the_modern_interface)
{
	make_device(TRANSITIONAL_RNG, VIRTIO_ID_RNG);
	CHECK_EQ(bind(), 0);
	CHECK(!vdev->legacy);
	unbind();
	virtio_pci_force_legacy = true;
	CHECK_EQ(bind(), 0);
	CHECK(vdev->legacy);
	unbind();
	virtio_pci_force_legacy = false;
	fake_put(function, PCI_CAPABILITY_LIST, 0, 1);
	CHECK_EQ(bind(), 0);
	CHECK(vdev->legacy);
	CHECK_EQ(vdev->type, VIRTIO_ID_RNG);
	unbind();
	/* A modern device has no such interface, whatever its region 0. */
	make_device(MODERN_RNG, 0);
	virtio_pci_force_legacy = true;
	CHECK_EQ(bind(), 0);
	CHECK(!vdev->legacy);
	unbind();
	fake_put(function, PCI_CAPABILITY_LIST, 0, 1);
	CHECK_EQ(bind(), -EIO);
}

static void make_legacy(void)
{
	make_device(TRANSITIONAL_RNG, VIRTIO_ID_RNG);
	fake_put(function, PCI_CAPABILITY_LIST, 0, 1);
}

TEST(legacy_queues_have_the_devices_size_and_a_page_number)
{
	const struct fake_queue *q = &dev.queue[1];
	struct virtqueue_place far = place;

	make_legacy();
	start(0);
	CHECK(vdev->transport->queue_size_fixed(vdev));
	CHECK_EQ(vdev->transport->legacy_align, 4096);
	CHECK_EQ(vdev->transport->queue_size_max(vdev, 1), 256);
	CHECK_EQ(vdev->transport->queue_size_max(vdev, 0x10001), 0);
	CHECK_EQ(messages, 0);
	dev.queue[2].size = 24;
	CHECK_EQ(vdev->transport->queue_size_max(vdev, 2), 24);
	CHECK_EQ(vdev->transport->enable_queue(vdev, 1, 1, &place), 0);
	CHECK_EQ(q->page, 0x123456);
	CHECK_EQ(q->vector, 2);
	CHECK_EQ(vdev->transport->enable_queue(vdev, 1, 1, &place), -EIO);
	far.descriptors = 0x100000000000;
	CHECK_EQ(vdev->transport->enable_queue(vdev, 0, 0, &far), -EINVAL);
	far.descriptors = 0x1800;
	CHECK_EQ(vdev->transport->enable_queue(vdev, 0, 0, &far), -EINVAL);
	vdev->transport->notify(vdev, 1, 0x70001);
	CHECK_EQ(dev.notified, 1);
	CHECK_EQ(vdev->transport->reset_queue(vdev, 1), -EOPNOTSUPP);
	stop();
}

TEST(legacy_configuration_moves_with_msix)
{
	struct virtio_features f;
	u32 value = 0;

	make_legacy();
	dev.offered = 0xffff0000ffffffff;
	dev.config[4] = 0x55;
	CHECK_EQ(bind(), 0);
	vdev->transport->get_features(vdev, &f);
	CHECK_EQ(f.word[0], 0xffffffff);
	CHECK_EQ(vdev->transport->config_size(vdev), 0x80 - 0x14);
	vdev->transport->read_config(vdev, 4, &value, 4);
	CHECK_EQ(value, 0x55);
	CHECK_EQ(vdev->transport->start_interrupts(vdev, three, 3), 0);
	CHECK_EQ(vdev->transport->config_size(vdev), 0x80 - 0x18);
	vdev->transport->read_config(vdev, 4, &value, 4);
	CHECK_EQ(value, 0x55);
	vdev->transport->stop_interrupts(vdev);
	/* By the pin. */
	msix_vectors = 0;
	CHECK_EQ(vdev->transport->start_interrupts(vdev, three, 3), 0);
	value = 0x66;
	vdev->transport->write_config(vdev, 4, &value, 1);
	CHECK_EQ(dev.config[4], 0x66);
	dev.isr = VIRTIO_ISR_QUEUE | VIRTIO_ISR_CONFIG;
	CHECK_EQ(interrupt(0), IRQ_HANDLED);
	CHECK_EQ(queue_interrupts[0], 1);
	CHECK_EQ(config_interrupts, 1);
	stop();
}

TEST(a_legacy_region_must_hold_the_registers)
{
	make_legacy();
	pdev->region[0].size = 0x10;
	CHECK_EQ(bind(), -EIO);
	CHECK_EQ(fake_get(function, PCI_COMMAND, 2), 0);
}

TEST(an_isolated_device_is_no_bus_master_until_it_is_used_again)
{
	make_device(MODERN_RNG, 0);
	start(0);
	CHECK(vdev->transport->isolate(vdev));
	CHECK_EQ(fake_get(function, PCI_COMMAND, 2) & PCI_COMMAND_MASTER, 0);
	vdev->transport->stop_interrupts(vdev);
	CHECK_EQ(vdev->transport->start_interrupts(vdev, three, 3), 0);
	CHECK(fake_get(function, PCI_COMMAND, 2) & PCI_COMMAND_MASTER);
	/* One that does not let go of it. */
	function->writable[PCI_COMMAND] = 0;
	CHECK(!vdev->transport->isolate(vdev));
	function->writable[PCI_COMMAND] = 7;
	stop();
}

TEST(nothing_is_left_when_registering_fails)
{
	make_device(MODERN_RNG, 0);
	register_answer = -ENOSPC;
	CHECK_EQ(bind(), -ENOSPC);
	CHECK_EQ(fake_get(function, PCI_COMMAND, 2), 0);
	make_device(MODERN_RNG, 0);
	no_memory = true;
	CHECK_EQ(bind(), -ENOMEM);
	no_memory = false;
}

TEST(a_device_that_is_gone_is_broken_before_it_is_unregistered)
{
	make_device(MODERN_RNG, 0);
	CHECK_EQ(bind(), 0);
	unregister_refusals = 3;
	unbind();
	CHECK(!broken);
	CHECK_EQ(bind(), 0);
	fake_put(function, PCI_VENDOR_ID, 0xffff, 2);
	unbind();
	CHECK(broken);
	CHECK(now > 0);
}
