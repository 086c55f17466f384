/* SPDX-License-Identifier: BSD-2-Clause */
/* Virtio over PCI: what is used of a device, and what it is told. */
#include "unit.h"
#include <stdlib.h>
#include <kernel/errno.h>
#include "fake_virtio_pci.h"

#define MODERN_RNG	 0x1044
#define TRANSITIONAL_RNG 0x1005

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

static const struct virtqueue_place place = {
	.descriptors = 0x123456000,
	.driver = 0x234567000,
	.device = 0x345678000,
	.size = 64,
};

static void unbind(void)
{
	CHECK_EQ(device_unbind(&pdev->dev), 0);
	CHECK(!vdev && !granted);
	CHECK_EQ(dev.wrong, 0);
}

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
	CHECK_EQ(interrupt(2), IRQ_HANDLED);
	CHECK_EQ(queue_interrupts[1], 1);
	CHECK_EQ(queue_interrupts[0] + config_interrupts, 0);
	CHECK_EQ(interrupt(0), IRQ_HANDLED);
	CHECK_EQ(config_interrupts, 1);
	vdev->transport->stop_interrupts(vdev);
	CHECK_EQ(granted, 0);
	unbind();
}

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
	/* It is gone. */
	dev.isr = 0xff;
	CHECK_EQ(interrupt(0), IRQ_NONE);
	vdev->transport->stop_interrupts(vdev);
	unbind();
}

TEST(a_device_without_interrupts_is_refused)
{
	make_device(MODERN_RNG, 0);
	dev.vectors = 0;
	has_pin = false;
	CHECK_EQ(bind(), 0);
	CHECK_EQ(vdev->transport->start_interrupts(vdev, three, 3), -ENOSPC);
	CHECK_EQ(granted, 0);
	CHECK_EQ(messages, 1);
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

TEST(the_first_structure_that_can_be_used_is)
{
	struct virtio_pci_layout layout;

	make_device(MODERN_RNG, 0);
	/* In a region that is not there, that is too short, reserved. */
	put_cap(0x90, 0xa0, 16, VIRTIO_PCI_CAP_COMMON_CFG, 1, 0, 56);
	put_cap(0xa0, 0xb0, 16, VIRTIO_PCI_CAP_COMMON_CFG, 4, 0xfcc, 56);
	put_cap(0xb0, 0xc0, 16, VIRTIO_PCI_CAP_COMMON_CFG, 6, 0, 56);
	put_cap(0xc0, 0xd0, 16, VIRTIO_PCI_CAP_COMMON_CFG, 4, 2, 56);
	put_cap(0xd0, 0xe0, 15, VIRTIO_PCI_CAP_COMMON_CFG, 4, 0, 56);
	put_cap(0xe0, 0x40, 255, VIRTIO_PCI_CAP_COMMON_CFG, 4, 0, 56);
	fake_put(function, PCI_CAPABILITY_LIST, 0x90, 1);
	CHECK_EQ(virtio_pci_read_layout(pdev, &layout), 0);
	CHECK_EQ(messages, 4);
	CHECK_EQ(layout.common.offset, 0);
	CHECK_EQ(layout.common.length, 64);
	CHECK_EQ(layout.notify_multiplier, 4);
	/* A second one is no news, whatever it says. */
	put_cap(0xe0, 0x40, 16, VIRTIO_PCI_CAP_COMMON_CFG, 4, 0xfc8, 56);
	put_cap(0x80, 0, 16, VIRTIO_PCI_CAP_COMMON_CFG, 9, 3, 5);
	CHECK_EQ(virtio_pci_read_layout(pdev, &layout), 0);
	CHECK_EQ(layout.common.offset, 0xfc8);
}

TEST(structures_beyond_their_region_are_not_used)
{
	static const struct {
		u32 offset, length;
		bool used;
	} cases[] = {
		{ 0, 55, false },
		{ 0, 56, true },
		{ 0, 0, false },
		{ 0, 0x1000, true },
		{ 0, 0x1001, false },
		{ 0xfc8, 56, true },
		{ 0xfc8, 57, false },
		{ 0xfcc, 56, false },
		{ 0x1000, 56, false },
		{ 0xfffffffc, 56, false },
		{ 0, 0xffffffff, false },
		{ 4, 0xfffffffc, false },
		{ 0xfffffff0, 0xffffffff, false },
	};
	struct virtio_pci_layout layout;

	for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
		make_device(MODERN_RNG, 0);
		put_cap(0x80, 0, 16, VIRTIO_PCI_CAP_COMMON_CFG, 4,
			cases[i].offset, cases[i].length);
		CHECK_EQ(virtio_pci_read_layout(pdev, &layout),
			 cases[i].used ? 0 : -ENOENT);
		CHECK_EQ(messages, !cases[i].used);
	}
}

TEST(capabilities_may_lead_in_a_circle)
{
	struct virtio_pci_layout layout;

	make_device(MODERN_RNG, 0);
	fake_put(function, 0x81, 0x40, 1);
	CHECK_EQ(virtio_pci_read_layout(pdev, &layout), 0);
	fake_put(function, 0x41, 0x40, 1);
	CHECK_EQ(virtio_pci_read_layout(pdev, &layout), -ENOENT);
	CHECK(layout.any);
}

TEST(a_modern_device_needs_all_structures)
{
	make_device(MODERN_RNG, 0);
	fake_put(function, 0x60 + 3, 77, 1);
	CHECK_EQ(bind(), -EIO);
	/* The transport's line and the device model's. */
	CHECK_EQ(messages, 2);
	CHECK_EQ(fake_get(function, PCI_COMMAND, 2), 0);
	/* It need not have a configuration. */
	make_device(MODERN_RNG, 0);
	fake_put(function, 0x50 + 3, 77, 1);
	CHECK_EQ(bind(), 0);
	CHECK_EQ(vdev->transport->config_size(vdev), 0);
	unbind();
}

TEST(structures_may_be_in_memory)
{
	struct virtio_pci_common_cfg *common = calloc(1, sizeof(*common));

	make_device(MODERN_RNG, 0);
	pdev->region[2] =
		(struct pci_region){ (uintptr_t)common, sizeof(*common), 0 };
	put_cap(0x80, 0, 16, VIRTIO_PCI_CAP_COMMON_CFG, 2, 0, 64);
	common->num_queues = (le16)QUEUES;
	common->queue_size = (le16)128;
	CHECK_EQ(bind(), 0);
	CHECK_EQ(fake_get(function, PCI_COMMAND, 2),
		 PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	CHECK_EQ(vdev->transport->queue_size_max(vdev, 3), 128);
	CHECK_EQ((u16)common->queue_select, 3);
	CHECK_EQ(vdev->transport->enable_queue(vdev, 0, 0, &place), 0);
	CHECK_EQ((u32)common->queue_device[1], 3);
	unbind();
	CHECK_EQ(fake_get(function, PCI_COMMAND, 2), 0);
	free(common);
}

TEST(shared_memory_is_found_by_its_id)
{
	phys_addr_t start;
	u64 size;

	make_device(MODERN_RNG, 0);
	pdev->region[5] = (struct pci_region){ 0x8000000000, 0x400000000, 0 };
	fake_put(function, 0x81, 0xa0, 1);
	put_cap(0xa0, 0xc0, 24, VIRTIO_PCI_CAP_SHARED_MEMORY_CFG, 5, 0x1000, 0);
	fake_put(function, 0xa5, 7, 1);
	fake_put(function, 0xb0, 1, 4);
	fake_put(function, 0xb4, 2, 4);
	put_cap(0xc0, 0xe0, 24, VIRTIO_PCI_CAP_SHARED_MEMORY_CFG, 5, 0x1000, 0);
	fake_put(function, 0xc5, 8, 1);
	fake_put(function, 0xd4, 4, 4);
	put_cap(0xe0, 0, 16, VIRTIO_PCI_CAP_SHARED_MEMORY_CFG, 5, 0, 0x1000);
	fake_put(function, 0xe5, 9, 1);
	CHECK_EQ(bind(), 0);
	CHECK_EQ(vdev->transport->shared_memory(vdev, 7, &start, &size), 0);
	CHECK_EQ(start, 0x8100001000);
	CHECK_EQ(size, 0x200000000);
	/* Beyond the region; too short a capability; none. */
	CHECK_EQ(vdev->transport->shared_memory(vdev, 8, &start, &size),
		 -ENOENT);
	CHECK_EQ(vdev->transport->shared_memory(vdev, 9, &start, &size),
		 -ENOENT);
	CHECK_EQ(vdev->transport->shared_memory(vdev, 0, &start, &size),
		 -ENOENT);
	unbind();
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
