/* SPDX-License-Identifier: BSD-2-Clause */
/* The ACPI power management timer as a clock: ACPI 6.5, 4.8.3.3. */
#define pr_fmt(fmt) "acpi_pm: " fmt

#include <kernel/acpi.h>
#include <kernel/clocksource.h>
#include <kernel/io.h>
#include <kernel/printk.h>

#define PM_TIMER_HZ    3579545
#define PM_TIMER_BYTES 4
/* 24 bits are always there. */
#define PM_TIMER_MASK 0xffffff

static u16 port;

static u64 pm_timer_read(void)
{
	return inl(port);
}

static struct clocksource pm_timer_clock;

static u64 pm_timer_probe(void)
{
	const struct acpi_fadt *fadt = acpi_fadt();

	if (!fadt || fadt->pm_tmr_len != PM_TIMER_BYTES)
		return 0;
	port = acpi_fadt_port(fadt->pm_tmr_blk, &fadt->x_pm_tmr_blk);
	if (!port)
		return 0;
	if (clocksource_counts(&pm_timer_clock))
		return PM_TIMER_HZ;
	pr_warn("the timer at I/O port %#x does not count: not used", port);
	return 0;
}

static struct clocksource pm_timer_clock = {
	.name = "acpi_pm",
	.rating = 200,
	.mask = PM_TIMER_MASK,
	.read = pm_timer_read,
	.probe = pm_timer_probe,
};
CLOCKSOURCE(pm_timer_clock);
