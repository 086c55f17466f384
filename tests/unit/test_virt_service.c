/* SPDX-License-Identifier: BSD-2-Clause */
/* Which paravirtual services are started, reported and given back. */
#include "unit.h"
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/virt/driver.h>
#include <kernel/virt/paravirt.h>
#include <kernel/virt/service.h>

static struct virt_feature features[] = {
	VIRT_FEATURE("base", 1, EAX, 0),
	VIRT_FEATURE("top", 1, EAX, 1),
	VIRT_FEATURE("beside", 1, EAX, 2),
	VIRT_FEATURE("broken", 1, EAX, 3),
	VIRT_FEATURE("useless", 1, EAX, 4),
	VIRT_FEATURE("absent", 1, EAX, 5),
	VIRT_FEATURE("first", 1, EAX, 6),
	VIRT_FEATURE("second", 1, EAX, 7),
	VIRT_FEATURES_END,
};

static const struct hypervisor hv = {
	.name = "Test",
	.type = HYPERV_TYPE_ACRN,
	.features = features,
};
static struct virt_detection detection = {
	.count = 1,
	.found = { { .hv = &hv } },
};
static bool allowed, base_off;
static unsigned warnings, base_starts, base_stops, top_starts, broken_stops;
static int base_error, useless_starts;
static char stopped[8]; /* in this order */
static unsigned stops;

const struct virt_detection *virt_detection(void)
{
	return &detection;
}

bool virt_paravirt_allowed(void)
{
	return allowed;
}

void printk(enum log_level level, unsigned flags, const char *fmt, ...)
{
	(void)flags;
	(void)fmt;
	warnings += level <= LOG_WARNING;
}

static int base_start_cpu(void)
{
	base_starts++;
	return base_error;
}

static void base_stop_cpu(void)
{
	base_stops++;
	stopped[stops++ % ARRAY_SIZE(stopped)] = 'b';
}

static void base_stop(void)
{
	stopped[stops++ % ARRAY_SIZE(stopped)] = 'B';
}

static void top_stop_cpu(void)
{
	stopped[stops++ % ARRAY_SIZE(stopped)] = 't';
}

static void top_stop(void)
{
	stopped[stops++ % ARRAY_SIZE(stopped)] = 'T';
}

static int top_start(void)
{
	top_starts++;
	return 0;
}

static int broken_start_cpu(void)
{
	return -EIO;
}

static void broken_stop_cpu(void)
{
	broken_stops++;
}

static int useless_start(void)
{
	useless_starts++;
	return -ENODEV;
}

/* Registered out of turn: the order is that of the digits. */
static const struct virt_service top_service = {
	.hypervisor = HYPERV_TYPE_ACRN,
	.feature = "top",
	.also = "beside",
	.requires = "base",
	.start = top_start,
	.stop_cpu = top_stop_cpu,
	.stop = top_stop,
};
VIRT_SERVICE(3, top_service);

static const struct virt_service base_service = {
	.hypervisor = HYPERV_TYPE_ACRN,
	.feature = "base",
	.off = &base_off,
	.start_cpu = base_start_cpu,
	.stop_cpu = base_stop_cpu,
	.stop = base_stop,
};
VIRT_SERVICE(1, base_service);

static const struct virt_service broken_service = {
	.hypervisor = HYPERV_TYPE_ACRN,
	.feature = "broken",
	.start_cpu = broken_start_cpu,
	.stop_cpu = broken_stop_cpu,
};
VIRT_SERVICE(2, broken_service);

static const struct virt_service useless_service = {
	.hypervisor = HYPERV_TYPE_ACRN,
	.feature = "useless",
	.start = useless_start,
};
VIRT_SERVICE(2, useless_service);

static const struct virt_service absent_service = {
	.hypervisor = HYPERV_TYPE_ACRN,
	.feature = "absent",
	.start = top_start,
};
VIRT_SERVICE(2, absent_service);

static const struct virt_service foreign_service = {
	.hypervisor = HYPERV_TYPE_XEN,
	.feature = "base",
	.start = top_start,
};
VIRT_SERVICE(2, foreign_service);

static bool first_off;

/* Both do the same. */
static const struct virt_service second_service = {
	.hypervisor = HYPERV_TYPE_ACRN,
	.feature = "second",
	.role = VIRT_ROLE_IPI,
};
VIRT_SERVICE(5, second_service);

static const struct virt_service first_service = {
	.hypervisor = HYPERV_TYPE_ACRN,
	.feature = "first",
	.off = &first_off,
	.role = VIRT_ROLE_IPI,
};
VIRT_SERVICE(4, first_service);

/* As the boot does: all that is offered but "absent". */
static void start(void)
{
	for (unsigned i = 0; features[i].name; i++)
		features[i].state =
			strcmp(features[i].name, "absent") ? VIRT_OFFERED : 0;
	warnings = base_starts = base_stops = top_starts = broken_stops = 0;
	useless_starts = 0;
	table_for_each(const struct initcall, init, call)
		CHECK_EQ((*call)->fn(), 0);
}

static void begin(void)
{
	allowed = true;
	base_off = false;
	base_error = 0;
	start();
}

static u8 state_of(const char *name)
{
	return virt_find_feature(&hv, name)->state;
}

TEST(what_is_offered_is_started_in_turn_and_reported)
{
	begin();
	CHECK_EQ(base_starts, 1);
	CHECK_EQ(top_starts, 1);
	CHECK_EQ(state_of("base"), VIRT_OFFERED | VIRT_ENABLED);
	CHECK_EQ(state_of("top"), VIRT_OFFERED | VIRT_ENABLED);
	CHECK_EQ(state_of("beside"), VIRT_OFFERED | VIRT_ENABLED);
	CHECK_EQ(state_of("absent"), 0);
	CHECK(virt_service_runs(HYPERV_TYPE_ACRN, "base"));
	CHECK(!virt_service_runs(HYPERV_TYPE_XEN, "base"));
	CHECK(!virt_service_runs(HYPERV_TYPE_ACRN, "no such"));
}

TEST(what_cannot_be_started_is_undone_and_said_once)
{
	begin();
	CHECK_EQ(state_of("broken"), VIRT_OFFERED);
	CHECK_EQ(broken_stops, 1);
	CHECK_EQ(warnings, 1);
	CHECK_EQ(useless_starts, 1);
	CHECK_EQ(state_of("useless"), VIRT_OFFERED);
}

TEST(the_command_line_switches_one_off_and_what_requires_it)
{
	begin();
	base_off = true;
	start();
	CHECK_EQ(base_starts + top_starts, 0);
	CHECK_EQ(state_of("top"), VIRT_OFFERED);
	base_off = false;
	base_error = -EIO;
	start();
	CHECK_EQ(top_starts, 0);
	CHECK_EQ(warnings, 2);
}

TEST(of_two_that_do_the_same_the_first_is_started)
{
	begin();
	CHECK_EQ(state_of("first"), VIRT_OFFERED | VIRT_ENABLED);
	CHECK_EQ(state_of("second"), VIRT_OFFERED);
	first_off = true;
	start();
	first_off = false;
	CHECK_EQ(state_of("first"), VIRT_OFFERED);
	CHECK_EQ(state_of("second"), VIRT_OFFERED | VIRT_ENABLED);
}

TEST(nopv_starts_none)
{
	begin();
	allowed = false;
	start();
	CHECK_EQ(base_starts + top_starts + useless_starts, 0);
	CHECK_EQ(warnings, 0);
}

TEST(only_what_is_enabled_can_be_verified)
{
	begin();
	virt_service_verified(HYPERV_TYPE_ACRN, "top");
	virt_service_verified(HYPERV_TYPE_ACRN, "broken");
	virt_service_verified(HYPERV_TYPE_ACRN, "no such");
	CHECK_EQ(state_of("top"), VIRT_OFFERED | VIRT_ENABLED | VIRT_VERIFIED);
	CHECK_EQ(state_of("beside"),
		 VIRT_OFFERED | VIRT_ENABLED | VIRT_VERIFIED);
	CHECK_EQ(state_of("broken"), VIRT_OFFERED);
}

TEST(what_fails_later_is_reported_as_not_enabled_once)
{
	begin();
	warnings = 0;
	virt_service_failed(HYPERV_TYPE_ACRN, "base", "it is a test");
	virt_service_failed(HYPERV_TYPE_ACRN, "base", "it is a test");
	CHECK_EQ(state_of("base"), VIRT_OFFERED);
	CHECK_EQ(warnings, 1);
}

TEST(each_cpu_starts_and_gives_back_what_runs)
{
	begin();
	table_for_each(const struct initcall, init_cpu, call)
		CHECK_EQ((*call)->fn(), 0);
	CHECK_EQ(base_starts, 2);
	virt_services_stop_cpu();
	CHECK_EQ(base_stops, 1);
	CHECK_EQ(broken_stops, 1); /* from its start */
}

TEST(what_is_built_on_is_given_back_last_and_what_is_shared_by_the_last_cpu)
{
	begin();
	stops = 0;
	virt_services_stop_cpu();
	virt_services_stop();
	CHECK_EQ(stops, 6);
	CHECK_MEM(stopped, "tbtbTB", 6);
}
