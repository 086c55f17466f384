/* SPDX-License-Identifier: BSD-2-Clause */
/* What devices decode and bridges forward. */
#include <kernel/errno.h>
#include <kernel/io.h>
#include <kernel/printk.h>
#include <kernel/spinlock.h>
#include "internal.h"

/* One device is sized at a time, once. Protects `sized` and `region`. */
static struct spinlock size_lock = SPINLOCK_INIT;

static u8 memory_flags(u32 value)
{
	u8 flags = 0;

	if ((value & PCI_BAR_TYPE_MASK) == PCI_BAR_TYPE_64)
		flags |= PCI_REGION_64;
	if ((value & PCI_BAR_TYPE_MASK) == PCI_BAR_TYPE_1M)
		flags |= PCI_REGION_1M;
	if (value & PCI_BAR_PREFETCHABLE)
		flags |= PCI_REGION_PREFETCH;
	return flags;
}

/*
 * From the bits that can be set (@mask) to a size. The address must be made
 * of such bits, and they must be all from some bit upwards.
 */
static int set_region(struct pci_region *region, u64 address, u64 mask,
		      u64 all_ones, u8 flags)
{
	u64 size = (~mask & all_ones) + 1;

	if (!mask)
		return 0;
	if ((size & (size - 1)) || (address & (size - 1)))
		return -EBADMSG;
	*region = (struct pci_region){
		.start = address,
		.size = size,
		.flags = flags,
	};
	return 0;
}

static int decode_io(const struct pci_raw_bar *raw, struct pci_region *region)
{
	u32 mask = raw->mask & PCI_BAR_IO_MASK;

	/* All ones: nobody answers. */
	if (raw->value & PCI_BAR_IO_RESERVED)
		return -EBADMSG;
	/* PCs may leave out the upper half: PCI 3.0, 6.2.5.1. */
	if (mask && !(mask >> 16))
		mask |= 0xffff0000;
	return set_region(region, raw->value & PCI_BAR_IO_MASK, mask,
			  UINT32_MAX, PCI_REGION_IO);
}

/*
 * The bits that say what kind of region it is must be fixed. QEMU's pvpanic-pci
 * decodes 2 bytes of memory, and so lets bits 1 to 3 be written; what they were
 * before is what it means.
 */
static bool is_fixed(const struct pci_raw_bar *raw)
{
	u32 fixed = raw->value & PCI_BAR_IO ? ~PCI_BAR_IO_MASK
					    : ~PCI_BAR_MEMORY_MASK;
	u32 written = raw->value & PCI_BAR_IO ? 0 : fixed & ~PCI_BAR_IO;

	return !((raw->value ^ raw->mask) & fixed & ~written) &&
	       !(raw->value & ~raw->mask & fixed);
}

int pci_decode_bar(const struct pci_raw_bar *raw, unsigned left,
		   struct pci_region *region)
{
	u64 address = raw->value & PCI_BAR_MEMORY_MASK;
	u64 mask = raw->mask & PCI_BAR_MEMORY_MASK;
	u8 flags = memory_flags(raw->value);
	int ret;

	*region = (struct pci_region){ 0 };
	if (!raw->mask && !raw->value)
		return 1;
	if (!is_fixed(raw))
		return -EBADMSG;
	if (raw->value & PCI_BAR_IO)
		return decode_io(raw, region) ?: 1;
	if ((raw->value & PCI_BAR_TYPE_MASK) == PCI_BAR_TYPE_MASK)
		return -EBADMSG;
	if (!(flags & PCI_REGION_64))
		return set_region(region, address, mask, UINT32_MAX, flags)
			       ?: 1;
	if (left < 2)
		return -EBADMSG;
	address |= (u64)raw[1].value << 32;
	mask |= (u64)raw[1].mask << 32;
	ret = set_region(region, address, mask, UINT64_MAX, flags);
	return ret ?: 2;
}

static int decode_rom(const struct pci_raw_bar *raw, struct pci_region *region)
{
	*region = (struct pci_region){ 0 };
	/* It is this device's, but it answers to nothing. */
	if (raw->value == ~0U)
		return -EBADMSG;
	return set_region(region, raw->value & PCI_ROM_ADDRESS_MASK,
			  raw->mask & PCI_ROM_ADDRESS_MASK, UINT32_MAX,
			  PCI_REGION_ROM);
}

static unsigned bars_of(const struct pci_device *pdev)
{
	static const u8 bars[] = {
		[PCI_HEADER_TYPE_NORMAL] = PCI_BARS,
		[PCI_HEADER_TYPE_BRIDGE] = 2,
		[PCI_HEADER_TYPE_CARDBUS] = 1,
	};

	return bars[pdev->header];
}

/* Offset of the expansion ROM's register, or 0. */
static unsigned rom_of(const struct pci_device *pdev)
{
	static const u8 rom[] = {
		[PCI_HEADER_TYPE_NORMAL] = PCI_ROM_ADDRESS,
		[PCI_HEADER_TYPE_BRIDGE] = PCI_BRIDGE_ROM_ADDRESS,
		[PCI_HEADER_TYPE_CARDBUS] = 0,
	};

	return rom[pdev->header];
}

static struct pci_raw_bar probe(const struct pci_device *pdev, unsigned offset,
				u32 ones)
{
	struct pci_raw_bar raw = { .value = pci_read32(pdev, offset) };

	pci_write32(pdev, offset, ones);
	raw.mask = pci_read32(pdev, offset);
	pci_write32(pdev, offset, raw.value);
	return raw;
}

/*
 * Read all registers by writing ones to them, which for a moment claims other
 * addresses than the device's: so it decodes nothing meanwhile. The screen may
 * be this device: with the lock held nothing may print. raw[PCI_ROM] is the
 * ROM's.
 */
static void probe_quietly(const struct pci_device *pdev,
			  struct pci_raw_bar *raw)
{
	u16 command = pci_read16(pdev, PCI_COMMAND);
	u16 decoding = command & (PCI_COMMAND_IO | PCI_COMMAND_MEMORY);

	if (decoding)
		pci_write16(pdev, PCI_COMMAND, command ^ decoding);
	for (unsigned i = 0; i < bars_of(pdev); i++)
		raw[i] = probe(pdev, PCI_BASE_ADDRESS_0 + 4 * i, ~0U);
	if (rom_of(pdev))
		raw[PCI_ROM] = probe(pdev, rom_of(pdev), PCI_ROM_ADDRESS_MASK);
	if (decoding)
		pci_write16(pdev, PCI_COMMAND, command);
}

/* Returns a bit for each region whose registers make no sense. */
static unsigned decode(struct pci_device *pdev, const struct pci_raw_bar *raw)
{
	unsigned bars = bars_of(pdev), bad = 0;

	for (unsigned i = 0; i < bars;) {
		int used = pci_decode_bar(&raw[i], bars - i, &pdev->region[i]);

		if (used < 0)
			bad |= BIT(i);
		i += used < 0 ? 1 : (unsigned)used;
	}
	if (decode_rom(&raw[PCI_ROM], &pdev->region[PCI_ROM]))
		bad |= BIT(PCI_ROM);
	return bad;
}

void pci_size_regions(struct pci_device *pdev)
{
	struct pci_raw_bar raw[PCI_REGIONS] = { 0 };
	unsigned bad = 0;
	unsigned long state;

	state = spin_lock_irqsave(&size_lock);
	/* RAM may be behind a host bridge: it must never stop decoding. */
	if (!pdev->sized && pdev->class != PCI_CLASS_HOST_BRIDGE) {
		probe_quietly(pdev, raw);
		bad = decode(pdev, raw);
		pdev->sized = true;
	}
	spin_unlock_irqrestore(&size_lock, state);
	for (unsigned i = 0; i < PCI_REGIONS; i++)
		if (bad & BIT(i))
			pr_warn("%s: region %u reads %#x, after writing ones "
				"%#x: ignored",
				pdev->dev.name, i, raw[i].value, raw[i].mask);
}

int pci_write_bar(const struct pci_device *pdev, unsigned bar)
{
	const struct pci_region *r = &pdev->region[bar];
	unsigned at = PCI_BASE_ADDRESS_0 + 4 * bar;
	u16 command = pci_read16(pdev, PCI_COMMAND);
	u32 fixed = r->flags & PCI_REGION_IO ? ~PCI_BAR_IO_MASK
					     : ~PCI_BAR_MEMORY_MASK;
	u64 now;

	/* Between the writes of two halves it must not decode. */
	pci_write16(pdev, PCI_COMMAND,
		    command & (u16) ~(PCI_COMMAND_IO | PCI_COMMAND_MEMORY));
	pci_write32(pdev, at, (u32)r->start | (pci_read32(pdev, at) & fixed));
	now = pci_read32(pdev, at) & ~fixed;
	if (r->flags & PCI_REGION_64) {
		pci_write32(pdev, at + 4, (u32)(r->start >> 32));
		now |= (u64)pci_read32(pdev, at + 4) << 32;
	}
	pci_write16(pdev, PCI_COMMAND, command);
	return now == r->start ? 0 : -EIO;
}

void __iomem *pci_map_region(const struct pci_device *pdev, unsigned bar,
			     u64 offset, u64 size)
{
	const struct pci_region *r;

	if (bar >= PCI_BARS)
		return NULL;
	r = &pdev->region[bar];
	if (r->flags & PCI_REGION_IO || !r->start || !size ||
	    offset > r->size || size > r->size - offset)
		return NULL;
	return ioremap(r->start + offset, size);
}
