/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A segment of PCI made of memory: functions with configuration space, some
 * of whose bits can be written, that can vanish after so many reads and read
 * as noise.
 */
#pragma once

#include <drivers/pci.h>
#include <kernel/string.h>

#define FAKE_FUNCTIONS_MAX 700

struct fake_function {
	u8 bus, devfn;
	u8 config[PCIE_CONFIG_SIZE];
	u8 writable[PCIE_CONFIG_SIZE]; /* a bit for each bit of config */
};

static struct fake_function *fake_functions[FAKE_FUNCTIONS_MAX];
static unsigned fake_function_count;
static unsigned fake_reads_left;   /* then everything is gone; 0: never */
static unsigned fake_bad_accesses; /* BARs written while they decode */
static u64 fake_noise;		   /* of random reads; 0: none */

static inline u32 fake_random(void)
{
	fake_noise =
		fake_noise * 6364136223846793005ULL + 1442695040888963407ULL;
	return (u32)(fake_noise >> 33);
}

static inline void fake_pci_clear(void)
{
	while (fake_function_count)
		free(fake_functions[--fake_function_count]);
	fake_reads_left = 0;
	fake_bad_accesses = 0;
	fake_noise = 0;
}

static inline void fake_put(struct fake_function *f, unsigned offset, u64 value,
			    unsigned size)
{
	memcpy(f->config + offset, &value, size);
}

static inline u32 fake_get(const struct fake_function *f, unsigned offset,
			   unsigned size)
{
	u32 value = 0;

	memcpy(&value, f->config + offset, size);
	return value;
}

static inline struct fake_function *fake_function(u8 bus, u8 slot, u8 function,
						  u32 id)
{
	struct fake_function *f = calloc(1, sizeof(*f));

	if (fake_function_count == FAKE_FUNCTIONS_MAX)
		abort();
	fake_functions[fake_function_count++] = f;
	f->bus = bus;
	f->devfn = (u8)(slot << 3 | function);
	fake_put(f, PCI_VENDOR_ID, id, 4);
	f->writable[PCI_COMMAND] = 0x07;
	return f;
}

static inline struct fake_function *fake_bridge(u8 bus, u8 slot, u8 secondary,
						u8 subordinate)
{
	struct fake_function *f = fake_function(bus, slot, 0, 0x00011b36);

	fake_put(f, PCI_CLASS_DEVICE, PCI_CLASS_PCI_BRIDGE, 2);
	fake_put(f, PCI_HEADER_TYPE, PCI_HEADER_TYPE_BRIDGE, 1);
	fake_put(f, PCI_PRIMARY_BUS, bus, 1);
	fake_put(f, PCI_SECONDARY_BUS, secondary, 1);
	fake_put(f, PCI_SUBORDINATE_BUS, subordinate, 1);
	return f;
}

/* A register at @offset that holds @value and takes ones where @mask has. */
static inline void fake_bar(struct fake_function *f, unsigned offset, u32 value,
			    u32 mask)
{
	fake_put(f, offset, value, 4);
	memcpy(f->writable + offset, &mask, 4);
}

static inline struct fake_function *fake_find(u8 bus, u8 devfn)
{
	for (unsigned i = 0; i < fake_function_count; i++)
		if (fake_functions[i]->bus == bus &&
		    fake_functions[i]->devfn == devfn)
			return fake_functions[i];
	return NULL;
}

static u32 fake_read(struct pci_host *host, u8 bus, u8 devfn, unsigned offset,
		     unsigned size)
{
	const struct fake_function *f = fake_find(bus, devfn);

	if (offset % size || offset + size > host->config_size)
		abort();
	if (fake_reads_left && !--fake_reads_left)
		fake_pci_clear();
	else if (f)
		return fake_noise && fake_random() % 16 == 0
			       ? fake_random() >> (32 - 8 * size)
			       : fake_get(f, offset, size);
	return ~0U >> (32 - 8 * size);
}

static void fake_write(struct pci_host *host, u8 bus, u8 devfn, unsigned offset,
		       unsigned size, u32 value)
{
	struct fake_function *f = fake_find(bus, devfn);

	if (offset % size || offset + size > host->config_size)
		abort();
	if (!f)
		return;
	if (offset >= PCI_BASE_ADDRESS_0 && offset < PCI_SUBSYSTEM_VENDOR_ID &&
	    f->config[PCI_COMMAND] & (PCI_COMMAND_IO | PCI_COMMAND_MEMORY))
		fake_bad_accesses++;
	for (unsigned i = 0; i < size; i++, value >>= 8) {
		u8 can = f->writable[offset + i];

		f->config[offset + i] =
			(u8)((f->config[offset + i] & ~can) | (value & can));
	}
}

static const struct pci_config_ops fake_ops = {
	.name = "fake",
	.read = fake_read,
	.write = fake_write,
};
