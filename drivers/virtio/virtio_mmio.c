/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Virtio devices at fixed addresses: virtio 1.3, 4.2, with the registers of
 * version 2 or, of before virtio 1.0, version 1.
 */
#include <abi/virtio/mmio.h>
#include <drivers/platform.h>
#include <drivers/virtio_transport.h>
#include <kernel/errno.h>
#include <kernel/mm/slab.h>
#include <kernel/printk.h>
#include <kernel/thread.h>
#include <kernel/time.h>
#include "registers.h"
#include "transport.h"

/* What a legacy device is told, and takes addresses in. */
#define PAGE_BYTES 4096
/*
 * Policy, of legacy devices too, which are told: the used ring begins in a
 * cache line of its own. A page of its own would be a large part of a pool.
 */
#define RING_ALIGN 64

/* How often to ask whether a queue was reset. */
#define QUEUE_RESET_POLL_NS (100 * NSEC_PER_USEC)

struct virtio_mmio {
	struct virtio_device vdev;
	struct virtio_registers registers;
	int line; /* or -errno */
	enum irq_trigger trigger;
	struct irq_action irq;
	struct virtio_poll poll; /* where the line leads nowhere */
};

static struct virtio_mmio *to_virtio_mmio(const struct virtio_device *vdev)
{
	return container_of(vdev, struct virtio_mmio, vdev);
}

static u32 read32(const struct virtio_device *vdev,
		  enum virtio_mmio_register reg)
{
	return virtio_read32(&to_virtio_mmio(vdev)->registers, reg);
}

static void write32(const struct virtio_device *vdev,
		    enum virtio_mmio_register reg, u32 value)
{
	virtio_write32(&to_virtio_mmio(vdev)->registers, reg, value);
}

static u8 get_status(struct virtio_device *vdev)
{
	return (u8)read32(vdev, VIRTIO_MMIO_STATUS);
}

static void set_status(struct virtio_device *vdev, u8 status)
{
	write32(vdev, VIRTIO_MMIO_STATUS, status);
}

/* Words of features that there are: see virtio_pci_modern.c. */
static u32 feature_words(const struct virtio_device *vdev)
{
	return vdev->legacy ? 1 : 2;
}

static void get_features(struct virtio_device *vdev,
			 struct virtio_features *features)
{
	*features = (struct virtio_features){ 0 };
	for (u32 i = 0; i < feature_words(vdev); i++) {
		write32(vdev, VIRTIO_MMIO_DEVICE_FEATURES_SEL, i);
		features->word[0] |=
			(u64)read32(vdev, VIRTIO_MMIO_DEVICE_FEATURES)
			<< (32 * i);
	}
}

static void set_features(struct virtio_device *vdev,
			 const struct virtio_features *features)
{
	for (u32 i = 0; i < feature_words(vdev); i++) {
		write32(vdev, VIRTIO_MMIO_DRIVER_FEATURES_SEL, i);
		write32(vdev, VIRTIO_MMIO_DRIVER_FEATURES,
			(u32)(features->word[0] >> (32 * i)));
	}
}

static unsigned config_size(struct virtio_device *vdev)
{
	return to_virtio_mmio(vdev)->registers.size - VIRTIO_MMIO_CONFIG;
}

/* The legacy configuration is bytes, in the order of the CPU. */
static void read_config(struct virtio_device *vdev, unsigned offset,
			void *buffer, unsigned size)
{
	const struct virtio_registers *r = &to_virtio_mmio(vdev)->registers;
	unsigned width = vdev->legacy ? 1 : size;

	for (unsigned i = 0; i < size; i += width)
		virtio_read_field(r, VIRTIO_MMIO_CONFIG + offset + i,
				  (u8 *)buffer + i, width);
}

static void write_config(struct virtio_device *vdev, unsigned offset,
			 const void *buffer, unsigned size)
{
	const struct virtio_registers *r = &to_virtio_mmio(vdev)->registers;
	unsigned width = vdev->legacy ? 1 : size;

	for (unsigned i = 0; i < size; i += width)
		virtio_write_field(r, VIRTIO_MMIO_CONFIG + offset + i,
				   (const u8 *)buffer + i, width);
}

static u32 config_generation(struct virtio_device *vdev)
{
	return vdev->legacy ? 0 : read32(vdev, VIRTIO_MMIO_CONFIG_GENERATION);
}

/* What happened is acknowledged first: what comes later interrupts again. */
static enum irq_return look_at(struct virtio_device *vdev)
{
	u32 status =
		read32(vdev, VIRTIO_MMIO_INTERRUPT_STATUS) &
		(VIRTIO_MMIO_INTERRUPT_QUEUE | VIRTIO_MMIO_INTERRUPT_CONFIG);

	if (!status)
		return IRQ_NONE;
	write32(vdev, VIRTIO_MMIO_INTERRUPT_ACK, status);
	if (status & VIRTIO_MMIO_INTERRUPT_CONFIG)
		virtio_config_interrupt(vdev);
	if (status & VIRTIO_MMIO_INTERRUPT_QUEUE)
		virtio_all_queues_interrupt(vdev);
	return IRQ_HANDLED;
}

static enum irq_return interrupt(void *context)
{
	struct virtio_device *vdev = context;
	enum irq_return ret = look_at(vdev);

	if (ret == IRQ_HANDLED)
		virtio_poll_prove(&to_virtio_mmio(vdev)->poll);
	return ret;
}

static void look(struct virtio_device *vdev)
{
	look_at(vdev);
}

static int start_interrupts(struct virtio_device *vdev,
			    const struct virtqueue_config *configs __unused,
			    unsigned count __unused)
{
	struct virtio_mmio *vm = to_virtio_mmio(vdev);

	vm->irq = (struct irq_action){
		.name = vdev->dev.name,
		.handler = interrupt,
		.context = vdev,
	};
	if (vm->line < 0 ||
	    irq_request((unsigned)vm->line, &vm->irq, vm->trigger))
		return virtio_poll_start(&vm->poll, vdev, look);
	virtio_poll_watch(&vm->poll, vdev, look);
	return 0;
}

static void stop_interrupts(struct virtio_device *vdev)
{
	struct virtio_mmio *vm = to_virtio_mmio(vdev);

	virtio_poll_stop(&vm->poll);
	irq_free(&vm->irq);
}

static unsigned interrupt_cpu(struct virtio_device *vdev __unused,
			      unsigned slot __unused)
{
	return VIRTQUEUE_ANY;
}

static unsigned queue_size_max(struct virtio_device *vdev, unsigned index)
{
	if (index > UINT16_MAX)
		return 0;
	write32(vdev, VIRTIO_MMIO_QUEUE_SEL, index);
	return read32(vdev, VIRTIO_MMIO_QUEUE_SIZE_MAX);
}

static bool queue_size_fixed(struct virtio_device *vdev __unused)
{
	return false;
}

static void write_address(const struct virtio_device *vdev,
			  enum virtio_mmio_register reg, u64 address)
{
	write32(vdev, reg, (u32)address);
	write32(vdev, reg + 4, (u32)(address >> 32));
}

/* The register that says whether the queue is in use, and has it so. */
static enum virtio_mmio_register enable_register(
	const struct virtio_device *vdev)
{
	return vdev->legacy ? VIRTIO_MMIO_QUEUE_PFN : VIRTIO_MMIO_QUEUE_READY;
}

/* 4.2.4: what the device is told of the ring is one page's number. */
static int enable_legacy(const struct virtio_device *vdev, unsigned index,
			 const struct virtqueue_place *place)
{
	u64 page = place->descriptors / PAGE_BYTES;

	if (page > UINT32_MAX || place->descriptors % PAGE_BYTES) {
		pr_err("%s: queue %u cannot be at %#llx",
		       vdev->dev.parent->name, index,
		       (unsigned long long)place->descriptors);
		return -EINVAL;
	}
	write32(vdev, VIRTIO_MMIO_GUEST_PAGE_SIZE, PAGE_BYTES);
	write32(vdev, VIRTIO_MMIO_QUEUE_SIZE, place->size);
	write32(vdev, VIRTIO_MMIO_QUEUE_ALIGN, RING_ALIGN);
	write32(vdev, VIRTIO_MMIO_QUEUE_PFN, (u32)page);
	return 0;
}

static int enable_modern(const struct virtio_device *vdev,
			 const struct virtqueue_place *place)
{
	write32(vdev, VIRTIO_MMIO_QUEUE_SIZE, place->size);
	write_address(vdev, VIRTIO_MMIO_QUEUE_DESC, place->descriptors);
	write_address(vdev, VIRTIO_MMIO_QUEUE_DRIVER, place->driver);
	write_address(vdev, VIRTIO_MMIO_QUEUE_DEVICE, place->device);
	write32(vdev, VIRTIO_MMIO_QUEUE_READY, 1);
	return 0;
}

static int enable_queue(struct virtio_device *vdev, unsigned index,
			unsigned slot __unused,
			const struct virtqueue_place *place)
{
	write32(vdev, VIRTIO_MMIO_QUEUE_SEL, index);
	if (read32(vdev, enable_register(vdev))) {
		pr_err("%s: queue %u is enabled already",
		       vdev->dev.parent->name, index);
		return -EIO;
	}
	return vdev->legacy ? enable_legacy(vdev, index, place)
			    : enable_modern(vdev, place);
}

static int reset_queue(struct virtio_device *vdev, unsigned index)
{
	u64 deadline = time_ns() + VIRTIO_RESET_TIMEOUT_MS * NSEC_PER_MSEC;

	if (!virtio_has(vdev, VIRTIO_F_RING_RESET))
		return -EOPNOTSUPP;
	write32(vdev, VIRTIO_MMIO_QUEUE_SEL, index);
	write32(vdev, VIRTIO_MMIO_QUEUE_RESET, 1);
	while (read32(vdev, VIRTIO_MMIO_QUEUE_RESET) ||
	       read32(vdev, VIRTIO_MMIO_QUEUE_READY)) {
		if (time_ns() > deadline)
			return -ETIMEDOUT;
		thread_sleep_ns(QUEUE_RESET_POLL_NS);
	}
	return 0;
}

static void notify(struct virtio_device *vdev, unsigned index, u32 data)
{
	write32(vdev, VIRTIO_MMIO_QUEUE_NOTIFY,
		virtio_has(vdev, VIRTIO_F_NOTIFICATION_DATA) ? data : index);
}

static u64 read64(const struct virtio_device *vdev,
		  enum virtio_mmio_register reg)
{
	return read32(vdev, reg) | (u64)read32(vdev, reg + 4) << 32;
}

static int shared_memory(struct virtio_device *vdev, u8 id, phys_addr_t *start,
			 u64 *size)
{
	if (vdev->legacy)
		return -ENOENT;
	write32(vdev, VIRTIO_MMIO_SHM_SEL, id);
	*size = read64(vdev, VIRTIO_MMIO_SHM_LENGTH);
	*start = read64(vdev, VIRTIO_MMIO_SHM_BASE);
	/* All ones: there is none. */
	return *size && *size != UINT64_MAX && *start <= UINT64_MAX - *size
		       ? 0
		       : -ENOENT;
}

static void release(struct virtio_device *vdev)
{
	kfree(to_virtio_mmio(vdev));
}

static const u8 mmio_features[] = {
	VIRTIO_F_NOTIFICATION_DATA,
	VIRTIO_F_RING_RESET,
	VIRTIO_FEATURES_END,
};

static const struct virtio_transport virtio_mmio = {
	.name = "mmio",
	.get_status = get_status,
	.set_status = set_status,
	.get_features = get_features,
	.set_features = set_features,
	.config_size = config_size,
	.read_config = read_config,
	.write_config = write_config,
	.config_generation = config_generation,
	.start_interrupts = start_interrupts,
	.stop_interrupts = stop_interrupts,
	.queue_size_max = queue_size_max,
	.queue_size_fixed = queue_size_fixed,
	.enable_queue = enable_queue,
	.reset_queue = reset_queue,
	.notify = notify,
	.interrupt_cpu = interrupt_cpu,
	.shared_memory = shared_memory,
	.features = mmio_features,
	.legacy_align = RING_ALIGN,
	.release = release,
};

/* 4.2.3.1.1. -ENODEV: a place without a device, or none that is known. */
static int identify(struct virtio_mmio *vm, const char *name)
{
	struct virtio_device *vdev = &vm->vdev;
	u32 magic = read32(vdev, VIRTIO_MMIO_MAGIC);
	u32 version = read32(vdev, VIRTIO_MMIO_VERSION);

	if (magic != VIRTIO_MMIO_MAGIC_VALUE) {
		pr_warn("%s: begins with %#x, not %#x: no virtio device", name,
			magic, VIRTIO_MMIO_MAGIC_VALUE);
		return -ENODEV;
	}
	if (version != VIRTIO_MMIO_VERSION_LEGACY &&
	    version != VIRTIO_MMIO_VERSION_MODERN) {
		pr_warn("%s: virtio registers of version %u: not used", name,
			version);
		return -ENODEV;
	}
	vdev->type = read32(vdev, VIRTIO_MMIO_DEVICE_ID);
	if (!vdev->type)
		return -ENODEV;
	vdev->vendor = read32(vdev, VIRTIO_MMIO_VENDOR_ID);
	vdev->legacy = version == VIRTIO_MMIO_VERSION_LEGACY;
	vdev->transport = &virtio_mmio;
	return 0;
}

static int map(struct virtio_mmio *vm, const struct platform_device *pdev)
{
	u64 size = MIN(pdev->memory[0].size, VIRTIO_MMIO_CONFIG + 4096ULL);

	if (size < VIRTIO_MMIO_CONFIG || pdev->memory[0].start % 4) {
		pr_warn("%s: %#llx bytes at %#llx are no virtio registers",
			pdev->dev.name, (unsigned long long)size,
			(unsigned long long)pdev->memory[0].start);
		return -ENODEV;
	}
	vm->registers.size = (u32)size;
	vm->registers.memory = platform_map(pdev, 0, 0, size);
	return vm->registers.memory ? 0 : -ENOMEM;
}

static int virtio_mmio_probe(struct device *dev)
{
	const struct platform_device *pdev = to_platform_device(dev);
	struct virtio_mmio *vm = kzalloc(sizeof(*vm));
	int ret = -ENOMEM;

	if (!vm)
		return ret;
	vm->vdev.dev.parent = dev;
	ret = map(vm, pdev);
	if (ret)
		goto err_free;
	ret = identify(vm, dev->name);
	if (ret)
		goto err_unmap;
	vm->line = platform_line(pdev, 0, &vm->trigger);
	device_set_data(dev, vm);
	ret = virtio_device_register(&vm->vdev);
	if (ret)
		goto err_unmap;
	return 0;

err_unmap:
	iounmap(vm->registers.memory);
err_free:
	kfree(vm);
	return ret;
}

static void virtio_mmio_remove(struct device *dev)
{
	struct virtio_mmio *vm = device_data(dev);
	struct virtio_device *vdev = &vm->vdev;

	/* Whoever refers to it still has the memory, but not the device. */
	device_get(&vdev->dev);
	if (!virtio_transport_unregister(vdev)) {
		mutex_lock(&vdev->lock);
		iounmap(vm->registers.memory);
		mutex_unlock(&vdev->lock);
	}
	device_put(&vdev->dev);
}

/* In device trees, in ACPI. */
static const char *const virtio_mmio_ids[] = { "virtio,mmio", "LNRO0005",
					       NULL };

MODULE_DECLARE(virtio_mmio);

static const struct platform_driver virtio_mmio_driver = {
	.driver = {
		.name = "virtio-mmio",
		.module = &module_virtio_mmio,
		.bus = &platform_bus,
		.probe = virtio_mmio_probe,
		.remove = virtio_mmio_remove,
	},
	.compatible = virtio_mmio_ids,
};
PLATFORM_DRIVER(virtio_mmio, virtio_mmio_driver);
MODULE(virtio_mmio, "virtio devices in memory", "");
