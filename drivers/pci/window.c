/* SPDX-License-Identifier: BSD-2-Clause */
/* What bridges forward: PCI-to-PCI bridge 1.2, 3.2.5. */
#include <kernel/errno.h>
#include "internal.h"

/*
 * Registers that are all zero are those of a window that is not implemented,
 * or that nobody opened: nothing but the bridge's reset puts one at 0.
 */
static const struct pci_window closed = { .base = 1, .limit = 0 };

static struct pci_window memory_window(u16 base, u16 limit)
{
	if (!(base & PCI_MEM_WINDOW_MASK) && !(limit & PCI_MEM_WINDOW_MASK))
		return closed;
	return (struct pci_window){
		.base = (u64)(base & PCI_MEM_WINDOW_MASK) << 16,
		.limit = (u64)(limit & PCI_MEM_WINDOW_MASK) << 16 |
			 (PCI_MEM_WINDOW_ALIGN - 1),
	};
}

static struct pci_window prefetch_window(const struct pci_device *bridge)
{
	u16 base = pci_read16(bridge, PCI_PREF_MEMORY_BASE);
	u16 limit = pci_read16(bridge, PCI_PREF_MEMORY_LIMIT);
	struct pci_window window = memory_window(base, limit);

	if (!(base & limit & PCI_MEM_WINDOW_64) || window.limit < window.base)
		return window;
	window.wide = true;
	window.base |= (u64)pci_read32(bridge, PCI_PREF_BASE_UPPER32) << 32;
	window.limit |= (u64)pci_read32(bridge, PCI_PREF_LIMIT_UPPER32) << 32;
	return window;
}

static struct pci_window io_window(const struct pci_device *bridge)
{
	u8 base = pci_read8(bridge, PCI_IO_BASE);
	u8 limit = pci_read8(bridge, PCI_IO_LIMIT);
	struct pci_window window = {
		.base = (u64)(base & PCI_IO_WINDOW_MASK) << 8,
		.limit = (u64)(limit & PCI_IO_WINDOW_MASK) << 8 |
			 (PCI_IO_WINDOW_ALIGN - 1),
	};

	if (!(base & PCI_IO_WINDOW_MASK) && !(limit & PCI_IO_WINDOW_MASK))
		return closed;
	if (!(base & limit & PCI_IO_WINDOW_32) || window.limit < window.base)
		return window;
	window.wide = true;
	window.base |= (u64)pci_read16(bridge, PCI_IO_BASE_UPPER16) << 16;
	window.limit |= (u64)pci_read16(bridge, PCI_IO_LIMIT_UPPER16) << 16;
	return window;
}

void pci_read_windows(const struct pci_device *bridge,
		      struct pci_window *memory, struct pci_window *prefetch,
		      struct pci_window *io)
{
	*memory = memory_window(pci_read16(bridge, PCI_MEMORY_BASE),
				pci_read16(bridge, PCI_MEMORY_LIMIT));
	*prefetch = prefetch_window(bridge);
	*io = io_window(bridge);
}

void pci_read_window(const struct pci_device *bridge, enum pci_space space,
		     struct pci_window *window)
{
	switch (space) {
	case PCI_SPACE_IO: *window = io_window(bridge); break;
	case PCI_SPACE_MEMORY:
		*window = memory_window(pci_read16(bridge, PCI_MEMORY_BASE),
					pci_read16(bridge, PCI_MEMORY_LIMIT));
		break;
	default: *window = prefetch_window(bridge); break;
	}
}

static void write_io(const struct pci_device *bridge,
		     const struct pci_window *w)
{
	pci_write8(bridge, PCI_IO_BASE, (u8)(w->base >> 8));
	pci_write8(bridge, PCI_IO_LIMIT, (u8)(w->limit >> 8));
	if (!(pci_read8(bridge, PCI_IO_BASE) & PCI_IO_WINDOW_32))
		return;
	pci_write16(bridge, PCI_IO_BASE_UPPER16, (u16)(w->base >> 16));
	pci_write16(bridge, PCI_IO_LIMIT_UPPER16, (u16)(w->limit >> 16));
}

static void write_prefetch(const struct pci_device *bridge,
			   const struct pci_window *w)
{
	pci_write16(bridge, PCI_PREF_MEMORY_BASE, (u16)(w->base >> 16));
	pci_write16(bridge, PCI_PREF_MEMORY_LIMIT, (u16)(w->limit >> 16));
	if (!(pci_read16(bridge, PCI_PREF_MEMORY_BASE) & PCI_MEM_WINDOW_64))
		return;
	pci_write32(bridge, PCI_PREF_BASE_UPPER32, (u32)(w->base >> 32));
	pci_write32(bridge, PCI_PREF_LIMIT_UPPER32, (u32)(w->limit >> 32));
}

/* In a closed one the base is above the limit, in all the bits there are. */
static const struct pci_window closed_for_all = {
	.base = 0xfff00000,
	.limit = 0,
};

int pci_write_window(const struct pci_device *bridge, enum pci_space space,
		     const struct pci_window *window)
{
	const struct pci_window *w =
		window->limit < window->base ? &closed_for_all : window;
	struct pci_window now;

	if (space == PCI_SPACE_IO)
		write_io(bridge, w);
	else if (space == PCI_SPACE_PREFETCH)
		write_prefetch(bridge, w);
	if (space == PCI_SPACE_MEMORY) {
		pci_write16(bridge, PCI_MEMORY_BASE, (u16)(w->base >> 16));
		pci_write16(bridge, PCI_MEMORY_LIMIT, (u16)(w->limit >> 16));
	}
	pci_read_window(bridge, space, &now);
	if (w == &closed_for_all)
		return now.limit < now.base ? 0 : -EIO;
	return now.base == w->base && now.limit == w->limit ? 0 : -EIO;
}

bool pci_window_is_wide(const struct pci_device *bridge)
{
	return pci_read16(bridge, PCI_PREF_MEMORY_BASE) & PCI_MEM_WINDOW_64;
}
