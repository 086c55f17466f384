/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines as a device tree describes them. */
#pragma once

#include <kernel/fdt.h>
#include <kernel/irq.h>

/**
 * The line of the @index-th interrupt of @node in the machine's tree, with its
 * trigger in *@trigger. -ENOENT: it has none; -EINVAL: it goes to a
 * controller that is not used, or is malformed. From level IRQ on.
 */
int irq_from_fdt(int node, unsigned index, enum irq_trigger *trigger);

/**
 * The line of INTx pin @pin (1 to 4) of the device at @devfn on bus @bus of
 * the PCI host bridge @node, as irq_from_fdt().
 */
int irq_from_fdt_pci(int node, u8 bus, u8 devfn, u8 pin);
