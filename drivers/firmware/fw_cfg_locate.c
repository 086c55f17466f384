/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the fw_cfg device is: the device tree or ACPI say it. A PC with
 * neither is looked at without being asked, but only where CPUID says that
 * QEMU may be behind it: on others somebody else may be at these ports.
 */
#include <kernel/acpi.h>
#include <kernel/acpi_device.h>
#include <kernel/boot_info.h>
#include <kernel/fdt.h>
#include <kernel/io.h>
#include <kernel/string.h>
#include <kernel/virt/evidence.h>
#include "fw_cfg.h"

static u16 port;
static char __iomem *registers;

static void io_select(u16 item)
{
	outw(port, item);
}

static u8 io_read(void)
{
	return inb(port + FW_CFG_PORT_DATA);
}

static u64 io_dma_signature(void)
{
	u32 high = __builtin_bswap32(inl(port + FW_CFG_PORT_DMA));

	return (u64)high << 32 |
	       __builtin_bswap32(inl(port + FW_CFG_PORT_DMA + 4));
}

/* The low half starts it. */
static void io_dma_start(phys_addr_t phys)
{
	outl(port + FW_CFG_PORT_DMA, __builtin_bswap32((u32)(phys >> 32)));
	outl(port + FW_CFG_PORT_DMA + 4, __builtin_bswap32((u32)phys));
}

static struct fw_cfg_bus io_bus = {
	.select = io_select,
	.read = io_read,
	.dma_signature = io_dma_signature,
	.dma_start = io_dma_start,
};

static void mmio_select(u16 item)
{
	mmio_write16(registers + FW_CFG_MMIO_SELECT, __builtin_bswap16(item));
}

static u8 mmio_read(void)
{
	return mmio_read8(registers + FW_CFG_MMIO_DATA);
}

static u64 mmio_dma_signature(void)
{
	return __builtin_bswap64(mmio_read64(registers + FW_CFG_MMIO_DMA));
}

static void mmio_dma_start(phys_addr_t phys)
{
	mmio_write64(registers + FW_CFG_MMIO_DMA, __builtin_bswap64(phys));
}

static struct fw_cfg_bus mmio_bus = {
	.select = mmio_select,
	.read = mmio_read,
	.dma_signature = mmio_dma_signature,
	.dma_start = mmio_dma_start,
};

static const struct fw_cfg_bus *at_ports(u64 start, u64 count)
{
	if (!IS_ENABLED(CONFIG_HAS_IOPORT) || count < FW_CFG_PORT_MIN ||
	    !start || start + FW_CFG_PORTS > UINT16_MAX)
		return NULL;
	port = (u16)start;
	io_bus.can_dma = count >= FW_CFG_PORTS;
	return &io_bus;
}

static const struct fw_cfg_bus *at_memory(phys_addr_t start, u64 size)
{
	if (size < FW_CFG_MMIO_SIZE_MIN)
		return NULL;
	registers = ioremap(start, MIN(size, (u64)FW_CFG_MMIO_SIZE));
	mmio_bus.can_dma = size >= FW_CFG_MMIO_SIZE;
	return registers ? &mmio_bus : NULL;
}

static const struct fw_cfg_bus *in_fdt(const struct fdt *fdt)
{
	int node = fdt_find_compatible(fdt, FDT_NONE, FW_CFG_COMPATIBLE);
	phys_addr_t start;
	u64 size;

	if (node == FDT_NONE || !fdt_reg(fdt, node, 0, &start, &size))
		return NULL;
	return at_memory(start, size);
}

static void take_device(const struct acpi_device *device, void *context)
{
	const struct fw_cfg_bus **found = context;
	struct acpi_resource r;

	if (*found || strcmp(device->hid, FW_CFG_HID) ||
	    !(device->status & ACPI_STA_PRESENT))
		return;
	if (!acpi_device_resource(device, 0, &r))
		return;
	if (r.kind == ACPI_RESOURCE_PORTS)
		*found = at_ports(r.start, r.size);
	else if (r.kind == ACPI_RESOURCE_MEMORY)
		*found = at_memory(r.start, r.size);
}

static const struct fw_cfg_bus *in_acpi(void)
{
	const struct fw_cfg_bus *found = NULL;

	if (acpi_mentions(FW_CFG_HID))
		acpi_for_each_device(take_device, &found);
	return found;
}

const struct fw_cfg_bus *fw_cfg_locate(void)
{
	if (IS_ENABLED(CONFIG_FDT) && fdt_machine())
		return in_fdt(fdt_machine());
	if (!acpi_init(boot_info.rsdp))
		return in_acpi();
	return virt_may_be_qemu() ? at_ports(FW_CFG_PORT, FW_CFG_PORTS) : NULL;
}

void fw_cfg_leave(void)
{
	if (registers)
		iounmap(registers);
	registers = NULL;
}
