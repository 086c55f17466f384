/* SPDX-License-Identifier: BSD-2-Clause */
/* What firmware says about the generic timer. */
#define pr_fmt(fmt) "clock: " fmt

#include <abi/acpi_gtdt.h>
#include <asm/gic.h>
#include <asm/timer.h>
#include <kernel/acpi.h>
#include <kernel/byteorder.h>
#include <kernel/errno.h>
#include <kernel/fdt.h>

/* Of "interrupts": secure, non-secure, virtual, hypervisor's. */
#define FDT_VIRTUAL 2

static int timer_node(const struct fdt *fdt)
{
	int node = fdt_find_compatible(fdt, FDT_NONE, "arm,armv8-timer");

	return node != FDT_NONE
		       ? node
		       : fdt_find_compatible(fdt, FDT_NONE, "arm,armv7-timer");
}

static int intid_of_fdt(const struct fdt *fdt)
{
	struct fdt_interrupt irq;
	int ret = fdt_interrupt(fdt, timer_node(fdt), FDT_VIRTUAL, &irq);

	return ret ? -ENODEV : gic_fdt_line(&irq, NULL);
}

static int intid_of_acpi(void)
{
	const struct acpi_gtdt *gtdt =
		(const void *)acpi_find(ACPI_GTDT_SIGNATURE, 0);
	u32 gsiv;

	if (!gtdt || le32_to_cpu(gtdt->header.length) < sizeof(*gtdt))
		return -ENODEV;
	gsiv = le32_to_cpu(gtdt->virtual_el1_gsiv);
	return gsiv <= INT16_MAX ? (int)gsiv : -ENODEV;
}

int timer_intid(void)
{
	return fdt_machine() ? intid_of_fdt(fdt_machine()) : intid_of_acpi();
}

u64 timer_stated_hz(void)
{
	const struct fdt *fdt = fdt_machine();
	u32 hz = 0;

	if (fdt)
		fdt_cell(fdt, timer_node(fdt), "clock-frequency", 0, &hz);
	return hz;
}
