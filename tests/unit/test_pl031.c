/* SPDX-License-Identifier: BSD-2-Clause */
/* The time of day on arm64: from a PL031, and from what UEFI said. */
#include "unit.h"
#include <abi/pl031.h>
#include <drivers/platform.h>
#include <kernel/errno.h>
#include <kernel/fdt.h>
#include <kernel/mm/map.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include <kernel/wallclock.h>
#include "../../arch/arm64/boot/efi_stub.h"

struct efi_handover efi_handover;
const struct bus_type platform_bus;
static _Alignas(4) char registers[PL031_SIZE];
static unsigned warnings, mappings;
static bool no_mapping;

u64 time_ns(void)
{
	return 3;
}

void printk(enum log_level level, unsigned flags, const char *fmt, ...)
{
	(void)flags;
	(void)fmt;
	warnings += level <= LOG_WARNING;
}

void __iomem *platform_map(const struct platform_device *pdev, unsigned index,
			   u64 offset, u64 size)
{
	(void)pdev;
	CHECK_EQ(index + offset, 0);
	CHECK_EQ(size, PL031_SIZE);
	if (no_mapping)
		return NULL;
	mappings++;
	return (void __iomem *)registers;
}

void iounmap(const volatile void __iomem *mapping)
{
	(void)mapping;
	mappings--;
}

static void set(unsigned offset, u32 value)
{
	memcpy(registers + offset, &value, sizeof(value));
}

static const struct driver *driver(void)
{
	table_for_each(const struct driver, driver, it)
		return *it;
	return NULL;
}

static const struct wallclock *clock_called(const char *name)
{
	table_for_each(const struct wallclock, wallclock, it)
		if (!strcmp((*it)->name, name))
			return *it;
	return NULL;
}

static struct platform_device first, second;

static void reset(void)
{
	memset(registers, 0, sizeof(registers));
	set(PL031_PERIPH_ID0, 0x31);
	set(PL031_PERIPH_ID1, 0x10);
	set(PL031_CR, 1);
	warnings = mappings = 0;
}

TEST(a_pl031_tells_the_time_while_it_is_bound)
{
	const struct wallclock *clock = clock_called("PL031");
	u64 ns;

	reset();
	set(PL031_DR, 0xfffffffe);
	CHECK_EQ(clock->read(&ns), -ENODEV);
	CHECK_EQ(driver()->probe(&first.dev), 0);
	CHECK_EQ(driver()->probe(&second.dev), -EBUSY);
	CHECK_EQ(clock->read(&ns), 0);
	CHECK_EQ(ns, 0xfffffffeULL * NSEC_PER_SEC);
	driver()->remove(&first.dev);
	CHECK_EQ(clock->read(&ns), -ENODEV);
	CHECK_EQ(mappings, 0);
}

TEST(what_is_no_pl031_or_stands_still_is_not_used)
{
	reset();
	set(PL031_PERIPH_ID0, 0x30);
	CHECK_EQ(driver()->probe(&first.dev), -ENODEV);
	reset();
	memset(registers, 0xff, sizeof(registers));
	CHECK_EQ(driver()->probe(&first.dev), -ENODEV);
	reset();
	set(PL031_CR, 0);
	CHECK_EQ(driver()->probe(&first.dev), -EIO);
	CHECK_EQ(warnings, 1);
	CHECK_EQ(mappings, 0);
	no_mapping = true;
	CHECK_EQ(driver()->probe(&first.dev), -ENOMEM);
	no_mapping = false;
}

static const struct efi_time leap_day = {
	.year = 2028,
	.month = 2,
	.day = 29,
	.hour = 23,
	.minute = 59,
	.nanosecond = 7,
	.zone = EFI_ZONE_NONE,
};

TEST(uefi_tells_local_time_and_how_far_it_is_from_utc)
{
	struct efi_time t = leap_day;
	u64 ns;

	CHECK_EQ(efi_time_to_ns(&t, &ns), 0);
	CHECK_EQ(ns, 1835481540 * NSEC_PER_SEC + 7);
	t.zone = -60;
	CHECK_EQ(efi_time_to_ns(&t, &ns), 0);
	CHECK_EQ(ns, 1835477940 * NSEC_PER_SEC + 7);
}

TEST(a_time_that_cannot_be_is_not_used)
{
	const struct wallclock *clock = clock_called("UEFI");
	u64 ns;

	warnings = 0;
	CHECK_EQ(clock->read(&ns), -ENODEV);
	efi_handover.system_table = 1;
	CHECK_EQ(clock->read(&ns), -ENODEV);
	CHECK_EQ(warnings, 0);
	efi_handover.time = leap_day;
	CHECK_EQ(clock->read(&ns), 0);
	CHECK_EQ(ns, 1835481540 * NSEC_PER_SEC + 7 + 3);
	efi_handover.time.day = 30;
	CHECK_EQ(clock->read(&ns), -ERANGE);
	efi_handover.time = leap_day;
	efi_handover.time.nanosecond = NSEC_PER_SEC;
	CHECK_EQ(clock->read(&ns), -ERANGE);
	efi_handover.time = leap_day;
	efi_handover.time.year = 1969;
	CHECK_EQ(clock->read(&ns), -ERANGE);
	efi_handover.time.year = 9998;
	CHECK_EQ(clock->read(&ns), -ERANGE);
	CHECK_EQ(warnings, 4);
}
