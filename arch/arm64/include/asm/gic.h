/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

#include <kernel/fdt.h>
#include <kernel/irq.h>

/**
 * The number of the interrupt that a device tree gives as @irq, whose
 * controller must be the GIC; its trigger in *@trigger unless that is NULL.
 * -EINVAL: it is not one.
 */
int gic_fdt_line(const struct fdt_interrupt *irq, enum irq_trigger *trigger);
