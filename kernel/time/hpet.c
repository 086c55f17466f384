/* SPDX-License-Identifier: BSD-2-Clause */
/* The high precision event timer as a clock. */
#define pr_fmt(fmt) "hpet: " fmt

#include "hpet.h"
#include <abi/hpet.h>
#include <kernel/acpi.h>
#include <kernel/byteorder.h>
#include <kernel/clocksource.h>
#include <kernel/io.h>
#include <kernel/printk.h>

#define FEMTOSECONDS_PER_SECOND 1000000000000000ULL

u8 __iomem *hpet;

/*
 * The low half only: not every HPET has more, and not every hypervisor can
 * read more at once.
 */
static u64 hpet_read(void)
{
	return mmio_read32(hpet + HPET_COUNTER);
}

static struct clocksource hpet_clock;

static bool map_registers(void)
{
	const struct acpi_hpet *table =
		(const void *)acpi_find(ACPI_HPET_SIGNATURE, 0);

	if (!table || le32_to_cpu(table->header.length) < sizeof(*table))
		return false;
	if (table->base_address.address_space_id != ACPI_SPACE_MEMORY ||
	    !le64_to_cpu(table->base_address.address))
		return false;
	hpet = ioremap(le64_to_cpu(table->base_address.address), HPET_SIZE);
	return hpet;
}

static u64 hpet_probe(void)
{
	u32 period, config;

	if (!map_registers())
		return 0;
	period = mmio_read32(hpet + HPET_PERIOD);
	if (!period || period > HPET_PERIOD_MAX) {
		pr_warn("a tick of %u fs cannot be: not used", period);
		return 0;
	}
	config = mmio_read32(hpet + HPET_CONFIG);
	mmio_write32(hpet + HPET_CONFIG, config | HPET_CONFIG_ENABLE);
	if (!clocksource_counts(&hpet_clock)) {
		pr_warn("it does not count: not used");
		return 0;
	}
	return FEMTOSECONDS_PER_SECOND / period;
}

static struct clocksource hpet_clock = {
	.name = "hpet",
	.rating = 250,
	.mask = UINT32_MAX,
	.read = hpet_read,
	.probe = hpet_probe,
};
CLOCKSOURCE(hpet_clock);

u64 hpet_hz(void)
{
	return hpet_clock.hz;
}
