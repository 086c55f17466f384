/* SPDX-License-Identifier: BSD-2-Clause */
/* The tables of names, which scripts/pciids.py writes. */
#pragma once

#include <kernel/compiler.h>

struct pci_name {
	u32 key;  /* the numbers of what is named, one after the other */
	u16 text; /* where its name begins in pci_name_text */
} __packed;

struct pci_name_table {
	const struct pci_name *names; /* sorted by key */
	unsigned count;
};

/* Vendor and device, vendor and subsystem: 16 bits each. */
extern const struct pci_name_table pci_vendor_names;
extern const struct pci_name_table pci_device_names;
extern const struct pci_name_table pci_subsystem_names;
/* Class and subclass, 8 bits each; subclass 0xff is the class as such. */
extern const struct pci_name_table pci_class_names;
/* Class, subclass, interface. */
extern const struct pci_name_table pci_interface_names;

extern const char pci_name_text[];
