/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A fw_cfg device behind I/O ports, and the driver, included: its state is
 * forgotten by fw_cfg_forget(). Addresses for DMA are pointers.
 */
#pragma once

#include "../../drivers/firmware/fw_cfg.c"
#undef pr_fmt
#include "../../drivers/firmware/fw_cfg_access.c"
#undef pr_fmt
#include "../../drivers/firmware/fw_cfg_locate.c"
#include "../../drivers/firmware/fw_cfg_params.c"

#define FAKE_DIRECTORY_MAX (1U << 16)

static struct {
	const char *signature;
	u32 offers; /* enum fw_cfg_interface */
	u64 dma_signature;
	bool dma_never, dma_fails;
	const u8 *directory; /* as FW_CFG_FILE_DIR has it */
	size_t directory_size;
	const u8 *data; /* of all files */
	size_t data_size;
	/* Where it is read. */
	u16 item;
	size_t position;
	u32 dma_high;
	unsigned long bytes_read, selects, copies;
} fake;

struct boot_info boot_info;

static void fake_begin(void)
{
	memset(&fake, 0, sizeof(fake));
	fake.signature = FW_CFG_SIGNATURE_TEXT;
	fake.offers = FW_CFG_TRADITIONAL | FW_CFG_DMA;
	fake.dma_signature = FW_CFG_DMA_SIGNATURE;
	memset(&state, 0, sizeof(state));
	present = looked = bad_told = false;
}

/* Beyond the end there are zeros. */
static u8 fake_next(void)
{
	const u8 *from = NULL;
	size_t size = 0, at = fake.position++;

	fake.bytes_read++;
	if (fake.item == FW_CFG_SIGNATURE) {
		from = (const u8 *)fake.signature;
		size = FW_CFG_SIGNATURE_SIZE;
	} else if (fake.item == FW_CFG_ID) {
		from = (const u8 *)&fake.offers;
		size = sizeof(fake.offers);
	} else if (fake.item == FW_CFG_FILE_DIR) {
		from = fake.directory;
		size = fake.directory_size;
	} else if (fake.item >= FW_CFG_FILE_FIRST) {
		from = fake.data;
		size = fake.data_size;
	}
	return at < size ? from[at] : 0;
}

static void fake_copy(struct fw_cfg_dma_access *access)
{
	u32 control = be32_to_cpu(access->control);
	u8 *to = (u8 *)(uintptr_t)be64_to_cpu(access->address);
	u32 length = be32_to_cpu(access->length);

	fake.copies++;
	if (fake.dma_never)
		return;
	if (control & FW_CFG_DMA_SELECT) {
		fake.item = (u16)(control >> FW_CFG_DMA_ITEM_SHIFT);
		fake.position = 0;
	}
	if (control & FW_CFG_DMA_SKIP)
		fake.position += length;
	if (control & FW_CFG_DMA_READ && !fake.dma_fails)
		for (u32 i = 0; i < length; i++)
			to[i] = fake_next();
	access->control = cpu_to_be32(fake.dma_fails ? FW_CFG_DMA_ERROR : 0);
}

void outw(u16 at, u16 value)
{
	if (at != FW_CFG_PORT)
		abort();
	fake.selects++;
	fake.item = value;
	fake.position = 0;
}

u8 inb(u16 at)
{
	if (at != FW_CFG_PORT + FW_CFG_PORT_DATA)
		abort();
	return fake_next();
}

u32 inl(u16 at)
{
	if (at == FW_CFG_PORT + FW_CFG_PORT_DMA)
		return __builtin_bswap32((u32)(fake.dma_signature >> 32));
	if (at != FW_CFG_PORT + FW_CFG_PORT_DMA + 4)
		abort();
	return __builtin_bswap32((u32)fake.dma_signature);
}

void outl(u16 at, u32 value)
{
	value = __builtin_bswap32(value);
	if (at == FW_CFG_PORT + FW_CFG_PORT_DMA) {
		fake.dma_high = value;
		return;
	}
	if (at != FW_CFG_PORT + FW_CFG_PORT_DMA + 4)
		abort();
	fake_copy((void *)((uintptr_t)fake.dma_high << 32 | value));
}

phys_addr_t virt_to_phys(const void *virt)
{
	return (uintptr_t)virt;
}

void __iomem *ioremap(phys_addr_t phys, u64 size)
{
	(void)phys;
	(void)size;
	return NULL;
}

void iounmap(const volatile void __iomem *mapping)
{
	(void)mapping;
}

static u8 fake_features; /* states that were added */

void virt_feature_add_state(enum hypervisor_type type, const char *name,
			    u8 bits)
{
	(void)type;
	(void)name;
	fake_features |= bits;
}

const struct fdt *fdt_machine(void)
{
	return NULL;
}

int fdt_find_compatible(const struct fdt *fdt, int node, const char *compatible)
{
	(void)fdt;
	(void)node;
	(void)compatible;
	return FDT_NONE;
}

bool fdt_reg(const struct fdt *fdt, int node, unsigned index,
	     phys_addr_t *address, u64 *size)
{
	(void)fdt;
	(void)node;
	(void)index;
	(void)address;
	(void)size;
	return false;
}
