/* SPDX-License-Identifier: BSD-2-Clause */
/* QEMU's educational device: a device whose whole use is to be driven. */
#include <abi/qemu/edu.h>
#include <kernel/errno.h>
#include <kernel/io.h>
#include <kernel/mm/slab.h>
#include <kernel/param.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <kernel/time.h>
#include "edu.h"

/* A factorial is computed in microseconds, by a thread of QEMU's. */
#define EDU_FACTORIAL_TIMEOUT_MS 500

static unsigned edu_dma_bits = EDU_DMA_BITS;
param_uint("edu.dma_bits", edu_dma_bits,
	   "bits of the addresses that the device reaches: 28 to 32");

static u32 read32(const struct edu *edu, enum edu_register reg)
{
	return mmio_read32(edu->registers + reg);
}

static void write32(struct edu *edu, enum edu_register reg, u32 value)
{
	mmio_write32(edu->registers + reg, value);
}

static enum irq_return edu_interrupt(void *context)
{
	struct edu *edu = context;
	u32 status = read32(edu, EDU_IRQ_STATUS);

	if (!status)
		return IRQ_NONE;
	write32(edu, EDU_IRQ_ACK, status);
	edu->status = status;
	edu->cpu = smp_processor_id();
	WRITE_ONCE(edu->interrupts, edu->interrupts + 1);
	return IRQ_HANDLED;
}

static void drop_irq(struct edu *edu)
{
	if (!edu->has_irq)
		return;
	write32(edu, EDU_STATUS, 0);
	irq_free(&edu->irq);
	pci_irq_vectors_free(edu->pdev);
	edu->has_irq = false;
}

int edu_set_irq(struct edu *edu, unsigned kinds)
{
	int ret;

	drop_irq(edu);
	ret = pci_irq_vectors_alloc(edu->pdev, 1, 1, kinds);
	if (ret < 0)
		return ret;
	edu->irq = (struct irq_action){
		.name = edu->pdev->dev.name,
		.handler = edu_interrupt,
		.context = edu,
	};
	ret = irq_request((unsigned)pci_irq_vector(edu->pdev, 0), &edu->irq,
			  IRQ_TRIGGER_DEFAULT);
	if (ret)
		pci_irq_vectors_free(edu->pdev);
	edu->has_irq = !ret;
	return ret;
}

void edu_raise(struct edu *edu, u32 status)
{
	write32(edu, EDU_IRQ_RAISE, status);
}

u32 edu_factorial(struct edu *edu, u32 n)
{
	u64 deadline = time_ns() + EDU_FACTORIAL_TIMEOUT_MS * NSEC_PER_MSEC;

	write32(edu, EDU_FACTORIAL, n);
	while (read32(edu, EDU_STATUS) & EDU_STATUS_COMPUTING)
		if (time_ns() > deadline)
			return 0;
	return read32(edu, EDU_FACTORIAL);
}

bool edu_addresses(dma_addr_t address, u32 size)
{
	return !((address + size - 1) >> MIN(edu_dma_bits, 32U));
}

int edu_copy(struct edu *edu, dma_addr_t address, u32 size, bool to_ram)
{
	u32 ram = (u32)address, command = EDU_DMA_START | EDU_DMA_IRQ;

	if (!edu_addresses(address, size) ||
	    !dma_reaches(&edu->pdev->dev, address, size))
		return -EFAULT;
	if (to_ram)
		command |= EDU_DMA_TO_RAM;
	write32(edu, EDU_DMA_SOURCE, to_ram ? EDU_BUFFER : ram);
	write32(edu, EDU_DMA_DESTINATION, to_ram ? ram : EDU_BUFFER);
	write32(edu, EDU_DMA_COUNT, size);
	write32(edu, EDU_DMA_COMMAND, command);
	return 0;
}

/* It answers, and knows what it is. */
static int check(struct edu *edu)
{
	u32 id = read32(edu, EDU_ID);

	if ((id & EDU_ID_MASK) != EDU_ID_VALUE) {
		pr_err("%s: identifies itself as %#x: not used",
		       edu->pdev->dev.name, id);
		return -EIO;
	}
	write32(edu, EDU_IRQ_ACK, ~0U);
	return 0;
}

static int edu_probe(struct device *dev)
{
	struct edu *edu = kzalloc(sizeof(*edu));
	int ret = -ENOMEM;

	if (!edu)
		return ret;
	edu->pdev = to_pci_device(dev);
	ret = pci_enable(edu->pdev, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	if (ret)
		goto err_free;
	ret = -EIO;
	edu->registers = pci_map_region(edu->pdev, 0, 0, EDU_SIZE);
	if (!edu->registers)
		goto err_disable;
	ret = check(edu);
	if (ret)
		goto err_unmap;
	device_set_data(dev, edu);
	/* It can be driven without interrupts. */
	edu_set_irq(edu, PCI_IRQ_ANY);
	return 0;

err_unmap:
	iounmap(edu->registers);
err_disable:
	pci_disable(edu->pdev, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
err_free:
	kfree(edu);
	return ret;
}

static void edu_remove(struct device *dev)
{
	struct edu *edu = device_data(dev);

	drop_irq(edu);
	iounmap(edu->registers);
	pci_disable(edu->pdev, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	kfree(edu);
}

static const struct pci_id edu_ids[] = {
	{ .vendor = EDU_VENDOR, .device = EDU_DEVICE },
	{},
};

MODULE_DECLARE(edu);

static const struct pci_driver edu_driver = {
	.driver = {
		.name = "edu",
		.bus = &pci_bus,
		.probe = edu_probe,
		.remove = edu_remove,
		.module = &module_edu,
	},
	.ids = edu_ids,
};
PCI_DRIVER(edu, edu_driver);
MODULE(edu, "QEMU's educational device", "");
MODULE_AUTOMATIC();

struct edu *edu_first(void)
{
	for (struct device *dev = device_next(NULL); dev;
	     dev = device_next(dev)) {
		if (dev->driver != &edu_driver.driver)
			continue;
		device_put(dev);
		return device_data(dev);
	}
	return NULL;
}
