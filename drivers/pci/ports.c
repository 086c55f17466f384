/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Configuration mechanism #1: the address of a register goes to one I/O port,
 * its value is at another. PCI 3.0, 3.2.2.3.2.
 */
#include <kernel/io.h>
#include <kernel/spinlock.h>
#include "internal.h"

/*
 * Keeps the two accesses together. Interrupts are masked: a handler may read
 * configuration space too.
 */
static struct spinlock ports_lock = SPINLOCK_INIT;

static u32 address_of(u8 bus, u8 devfn, unsigned offset)
{
	return PCI_CONFIG_ADDRESS_ENABLE | (u32)bus << 16 | (u32)devfn << 8 |
	       (offset & 0xfc);
}

static u32 ports_read(struct pci_host *host __unused, u8 bus, u8 devfn,
		      unsigned offset, unsigned size)
{
	u16 port = (u16)(PCI_CONFIG_DATA + offset % 4);
	unsigned long state = spin_lock_irqsave(&ports_lock);
	u32 value;

	outl(PCI_CONFIG_ADDRESS, address_of(bus, devfn, offset));
	switch (size) {
	case 1: value = inb(port); break;
	case 2: value = inw(port); break;
	default: value = inl(port); break;
	}
	spin_unlock_irqrestore(&ports_lock, state);
	return value;
}

static void ports_write(struct pci_host *host __unused, u8 bus, u8 devfn,
			unsigned offset, unsigned size, u32 value)
{
	u16 port = (u16)(PCI_CONFIG_DATA + offset % 4);
	unsigned long state = spin_lock_irqsave(&ports_lock);

	outl(PCI_CONFIG_ADDRESS, address_of(bus, devfn, offset));
	switch (size) {
	case 1: outb(port, (u8)value); break;
	case 2: outw(port, (u16)value); break;
	default: outl(port, value); break;
	}
	spin_unlock_irqrestore(&ports_lock, state);
}

const struct pci_config_ops pci_ports_ops = {
	.name = "I/O ports",
	.read = ports_read,
	.write = ports_write,
};

/* Port 0xcf8 keeps what is written to it, and only 32 bits at once. */
bool pci_ports_present(void)
{
	unsigned long state = spin_lock_irqsave(&ports_lock);
	u32 before = inl(PCI_CONFIG_ADDRESS);
	u32 first, second;

	outl(PCI_CONFIG_ADDRESS, PCI_CONFIG_ADDRESS_ENABLE);
	first = inl(PCI_CONFIG_ADDRESS);
	outl(PCI_CONFIG_ADDRESS, 0);
	second = inl(PCI_CONFIG_ADDRESS);
	outl(PCI_CONFIG_ADDRESS, before);
	spin_unlock_irqrestore(&ports_lock, state);
	return first == PCI_CONFIG_ADDRESS_ENABLE && !second;
}
