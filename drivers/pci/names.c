/* SPDX-License-Identifier: BSD-2-Clause */
#include <drivers/pci.h>
#include <drivers/pci_names.h>

static const char *find(const struct pci_name_table *table, u32 key)
{
	unsigned low = 0, high = table->count;

	while (low < high) {
		unsigned middle = (low + high) / 2;
		const struct pci_name *name = &table->names[middle];

		if (name->key == key)
			return pci_name_text + name->text;
		if (name->key < key)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* A constant condition: without the option nothing refers to the tables. */
#define FIND(table, key) \
 (IS_ENABLED(CONFIG_PCI_NAMES) ? find(&(table), key) : NULL)

const char *pci_vendor_name(u16 vendor)
{
	return FIND(pci_vendor_names, vendor);
}

const char *pci_device_name(u16 vendor, u16 device)
{
	return FIND(pci_device_names, (u32)vendor << 16 | device);
}

const char *pci_subsystem_name(u16 vendor, u16 subsystem)
{
	return FIND(pci_subsystem_names, (u32)vendor << 16 | subsystem);
}

const char *pci_class_name(u16 class)
{
	const char *name = FIND(pci_class_names, class);

	return name ? name : FIND(pci_class_names, class | 0xffU);
}

const char *pci_interface_name(u16 class, u8 interface)
{
	return FIND(pci_interface_names, (u32) class << 8 | interface);
}
