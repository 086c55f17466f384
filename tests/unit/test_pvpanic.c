/* SPDX-License-Identifier: BSD-2-Clause */
/* pvpanic: which devices are told what, and which are not believed. */
#include "unit.h"
#include "host.h"
#include <stdlib.h>
#include <kernel/errno.h>
#include <kernel/io.h>
#include <kernel/power_hook.h>
#include <kernel/string.h>
#include <kernel/virt/feature.h>
#include "../../drivers/misc/pvpanic.h"

static u8 offers, told;
static unsigned writes;
static u8 features;

u8 inb(u16 port)
{
	CHECK_EQ(port, 0x505);
	return offers;
}

void outb(u16 port, u8 value)
{
	CHECK_EQ(port, 0x505);
	told = value;
	writes++;
}

void virt_feature_add_state(enum hypervisor_type type, const char *name,
			    u8 bits)
{
	CHECK_EQ(type, HYPERV_TYPE_QEMU);
	CHECK_STR(name, "pvpanic");
	features |= bits;
}

static const struct power_hook *hook(void)
{
	table_for_each(const struct power_hook, power_hook, it)
		return *it;
	abort();
}

static struct pvpanic isa;

static int begin(u8 events)
{
	isa = (struct pvpanic){ .name = "505.QEMU0001", .port = 0x505 };
	offers = events;
	told = 0;
	writes = 0;
	features = 0;
	host_said_count = 0;
	return pvpanic_add(&isa);
}

TEST(a_panic_is_told_once_by_the_event_for_it)
{
	CHECK_EQ(begin(PVPANIC_PANICKED | PVPANIC_CRASH_LOADED), 0);
	CHECK_EQ(features, VIRT_OFFERED | VIRT_ENABLED);
	CHECK_EQ(writes, 0);
	hook()->panicked("text");
	CHECK_EQ(writes, 1);
	CHECK_EQ(told, PVPANIC_PANICKED);
	/* It does not know of orderly ends. */
	hook()->closing();
	CHECK_EQ(writes, 1);
	pvpanic_remove(&isa);
	hook()->panicked("text");
	CHECK_EQ(writes, 1);
	CHECK(!pvpanic_first());
}

TEST(an_orderly_end_is_told_where_the_device_offers_it)
{
	CHECK_EQ(begin(PVPANIC_PANICKED | PVPANIC_SHUTDOWN), 0);
	hook()->closing();
	CHECK_EQ(writes, 1);
	CHECK_EQ(told, PVPANIC_SHUTDOWN);
	pvpanic_remove(&isa);
	CHECK_EQ(begin(PVPANIC_SHUTDOWN), 0);
	hook()->panicked("text");
	CHECK_EQ(writes, 0);
	pvpanic_remove(&isa);
}

TEST(a_device_without_events_is_not_used)
{
	const u8 useless[] = { 0, PVPANIC_CRASH_LOADED, 0xf8, 0xff };

	for (unsigned i = 0; i < ARRAY_SIZE(useless); i++) {
		CHECK_EQ(begin(useless[i]), -ENODEV);
		CHECK_EQ(host_said_count, 1);
		CHECK_EQ(features, 0);
		CHECK(!pvpanic_first());
		hook()->panicked("text");
		CHECK_EQ(writes, 0);
	}
}

TEST(what_it_says_later_changes_nothing)
{
	CHECK_EQ(begin(PVPANIC_PANICKED), 0);
	offers = 0xff;
	hook()->closing();
	CHECK_EQ(writes, 0);
	hook()->panicked("text");
	CHECK_EQ(told, PVPANIC_PANICKED);
	pvpanic_remove(&isa);
}

/* One in memory beside the one at a port; each can go first. */
TEST(several_devices_are_all_told)
{
	u8 reg = PVPANIC_PANICKED | PVPANIC_SHUTDOWN;
	struct pvpanic mmio = { .name = "m", .reg = (char *)&reg };

	for (unsigned first = 0; first < 2; first++) {
		reg = PVPANIC_PANICKED | PVPANIC_SHUTDOWN;
		CHECK_EQ(begin(PVPANIC_PANICKED), 0);
		CHECK_EQ(pvpanic_add(&mmio), 0);
		hook()->panicked("text");
		CHECK_EQ(reg, PVPANIC_PANICKED);
		CHECK_EQ(told, PVPANIC_PANICKED);
		hook()->closing();
		CHECK_EQ(reg, PVPANIC_SHUTDOWN);
		pvpanic_remove(first ? &mmio : &isa);
		CHECK(pvpanic_first() == (first ? &isa : &mmio));
		pvpanic_remove(first ? &isa : &mmio);
		CHECK(!pvpanic_first());
	}
}
