/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the structures of a modern virtio-pci device are. */
#include "unit.h"
#include <stdlib.h>
#include <kernel/errno.h>
#include "fake_virtio_pci.h"

/* virtio 1.3, drivernormative 4.1.4.1 */
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

/*
 * virtio 1.3, drivernormative 4.1.4.8.2
 * virtio 1.3, drivernormative 4.1.4.9.2
 */
TEST(capabilities_are_not_written_and_vendors_not_looked_at)
{
	u8 before[PCI_CONFIG_SIZE];

	make_device(MODERN_RNG, 0);
	fake_put(function, 0x81, 0xa0, 1);
	put_cap(0xa0, 0xc0, 255, VIRTIO_PCI_CAP_VENDOR_CFG, 0xff, ~0U, ~0U);
	put_cap(0xc0, 0, 20, VIRTIO_PCI_CAP_PCI_CFG, 0, 0, 0);
	memset(function->writable + 0x40, 0xff, 0xc0);
	memcpy(before, function->config, sizeof(before));
	CHECK_EQ(bind(), 0);
	CHECK_EQ(messages, 0);
	CHECK_MEM(function->config + 0x40, before + 0x40, 0xc0);
	unbind();
}
