/* SPDX-License-Identifier: BSD-2-Clause */
/* VMware's backdoor: who is asked, who answers, and answers that lie. */
#include "unit.h"
#include "../../kernel/virt/vmware/internal.h"
#include "fake_evidence.h"
#include "fake_vmware.h"
#include <abi/hypervisor_cpuid.h>
#include <kernel/mm/map.h>
#include <kernel/param.h>
#include <kernel/sched.h>
#include <kernel/time.h>
#include <kernel/virt/paravirt.h>
#include <kernel/virt/service.h>
#include <kernel/wallclock.h>

#define BASE 0x40000000U
#define KHZ  2000000ULL

static bool service_runs;
static steal_clock_fn clock;

const struct virt_detection *virt_detection(void)
{
	return &det;
}

bool virt_service_runs(enum hypervisor_type type, const char *feature)
{
	CHECK_EQ(type, HYPERV_TYPE_VMWARE);
	CHECK(feature);
	return service_runs;
}

steal_clock_fn sched_set_steal_clock(steal_clock_fn new)
{
	clock = new;
	return NULL;
}

u64 time_counter_khz(void)
{
	return KHZ;
}

phys_addr_t virt_to_phys(const void *virt)
{
	return (phys_addr_t)(uintptr_t)virt;
}

static void set_param(const char *name, bool value)
{
	table_for_each(const struct param, param, it)
		if (!strcmp((*it)->name, name))
			CHECK_EQ((*it)->set(*it, value ? "y" : "n"), 0);
}

/* ESXi with its leaves masked: firmware names it. */
static void masked_vmware(void)
{
	virtual_machine();
	fake_vmware_reset();
	say_smbios("VMware, Inc.", "VMware Virtual Platform");
}

/* As the kernel does it at boot. */
static void look(void)
{
	virt_scan_cpuid(&ev, fake_cpuid);
	vmware_ask_backdoor(&ev);
	virt_choose(&ev, &det);
}

TEST(masked_leaves_leave_the_backdoor_to_tell)
{
	struct virt_tsc_offer offer;

	masked_vmware();
	look();
	CHECK(ev.backdoor.answers);
	CHECK_EQ(ev.backdoor.version, 6);
	CHECK_EQ(ev.backdoor.product, VMWARE_PRODUCT_SERVER);
	CHECK_EQ(det.type, HYPERV_TYPE_VMWARE);
	CHECK(virt_offers_paravirt(&ev, &det));
	CHECK(offers(HYPERV_TYPE_VMWARE, VIRT_FEATURE_TSC_FREQUENCY));
	CHECK(offers(HYPERV_TYPE_VMWARE, VIRT_FEATURE_X2APIC));
	CHECK(offers(HYPERV_TYPE_VMWARE, VMWARE_STEAL_CLOCK));
	CHECK(offers(HYPERV_TYPE_VMWARE, VMWARE_HOST_TIME));
	CHECK(offers(HYPERV_TYPE_VMWARE, VMWARE_GUEST_LOG));
	CHECK(!offers(HYPERV_TYPE_VMWARE, "vmcall"));
	virt_find_tsc_offer(&ev, &det, &offer);
	CHECK_EQ(offer.khz, 5000000);
	CHECK_STR(offer.source->name, "VMware backdoor");
}

TEST(a_machine_that_names_neither_vmware_nor_qemu_is_not_asked)
{
	bare_metal();
	fake_vmware_reset();
	say_smbios("Dell Inc.", "PowerEdge R740");
	look();
	CHECK(!ev.backdoor.asked);
	CHECK_EQ(fake_vmware.calls, 0);
	CHECK(!det.virtualized);

	virtual_machine();
	set_block(BASE, BASE + 1, "KVMKVMKVM\0\0\0");
	look();
	CHECK_EQ(fake_vmware.calls, 0);
}

TEST(the_command_line_makes_an_unknown_machine_asked)
{
	bare_metal();
	fake_vmware_reset();
	set_param("vmware-backdoor", true);
	look();
	CHECK_EQ(det.type, HYPERV_TYPE_VMWARE);
	CHECK_STR(det.found[0].match.reason, "backdoor");

	fake_vmware.absent = true;
	look();
	CHECK(ev.backdoor.asked && !ev.backdoor.answers);
	CHECK(!det.virtualized);
	set_param("vmware-backdoor", false);
}

TEST(the_command_line_keeps_vmware_from_being_asked)
{
	masked_vmware();
	set_param("no-vmware-backdoor", true);
	look();
	set_param("no-vmware-backdoor", false);
	CHECK_EQ(fake_vmware.calls, 0);
	CHECK_EQ(det.type, HYPERV_TYPE_VMWARE);
	CHECK(!virt_offers_paravirt(&ev, &det));
}

static void no_version_but_hz(u32 command, struct vmware_regs *r)
{
	if (command != VMWARE_CMD_GETVERSION && command != VMWARE_CMD_GETHZ)
		r->eax = VMWARE_NO_COMMAND;
}

/* QEMU, -machine vmport=on: version, frequency, vCPU; nothing else. */
TEST(qemus_vmport_is_qemus_and_not_vmware)
{
	struct virt_tsc_offer offer;

	virtual_machine();
	fake_vmware_reset();
	fake_vmware.lie = no_version_but_hz;
	say_smbios("QEMU", "Standard PC (Q35 + ICH9, 2009)");
	look();
	CHECK(ev.backdoor.answers);
	CHECK_EQ(det.type, HYPERV_TYPE_QEMU);
	CHECK_EQ(rank_of(HYPERV_TYPE_VMWARE), -1);
	CHECK(offers(HYPERV_TYPE_QEMU, "vmport"));
	CHECK(!virt_offers_paravirt(&ev, &det));
	virt_find_tsc_offer(&ev, &det, &offer);
	CHECK_EQ(offer.khz, 5000000);
	CHECK_STR(offer.source->name, "QEMU vmport");
	CHECK_EQ(fake_vmware.area, 0);
	CHECK_EQ(fake_vmware.messages, 0);

	virtual_machine();
	set_block(BASE, BASE + 1, "TCGTCGTCGTCG");
	look();
	CHECK_EQ(det.type, HYPERV_TYPE_QEMU);
	CHECK_EQ(rank_of(HYPERV_TYPE_VMWARE), -1);
}

static void timing_leaf(u32 khz, u32 ecx)
{
	set_block(BASE, BASE + 0x10, "VMwareVMware");
	set_leaf(BASE + 0x10, khz, 66000, ecx, 0);
}

/* What its service says to being started. */
static int start_of(const char *feature)
{
	table_for_each(const struct virt_service, virt_service, it)
		if (!strcmp((*it)->feature, feature))
			return (*it)->start();
	return -ENOENT;
}

TEST(the_leaf_names_the_instruction)
{
	masked_vmware();
	timing_leaf(2400000, BIT(0));
	look();
	CHECK_EQ(ev.backdoor.way, VMWARE_BY_VMMCALL);
	CHECK_EQ(fake_vmware.ports, 0);

	masked_vmware();
	timing_leaf(2400000, BIT(1));
	look();
	CHECK_EQ(ev.backdoor.way, VMWARE_BY_VMCALL);
	CHECK_EQ(fake_vmware.ports, 0);

	CHECK_EQ(start_of("vmcall"), 0);
	CHECK_EQ(start_of("vmmcall"), -ENODEV);

	/* Both: which one is this CPU's is not said, so the port. */
	masked_vmware();
	timing_leaf(2400000, BIT(0) | BIT(1));
	look();
	CHECK_EQ(ev.backdoor.way, VMWARE_BY_PORT);
	CHECK_EQ(fake_vmware.instructions, 0);
}

TEST(an_instruction_that_faults_leaves_the_port)
{
	masked_vmware();
	timing_leaf(2400000, BIT(1));
	fake_vmware.faults = true;
	look();
	CHECK(ev.backdoor.answers);
	CHECK_EQ(ev.backdoor.way, VMWARE_BY_PORT);
	CHECK_EQ(fake_vmware.instructions, 1);
}

TEST(no_instruction_is_tried_for_a_signature_on_hypervs_interface)
{
	virtual_machine();
	fake_vmware_reset();
	timing_leaf(2400000, BIT(1));
	set_hyperv_interface(BASE);
	look();
	CHECK_EQ(fake_vmware.instructions, 0);
}

TEST(the_leafs_frequency_comes_before_the_backdoors)
{
	struct virt_tsc_offer offer;

	masked_vmware();
	timing_leaf(2400000, 0);
	look();
	virt_find_tsc_offer(&ev, &det, &offer);
	CHECK_EQ(offer.khz, 2400000);
}

TEST(a_port_that_reads_all_ones_is_nobody)
{
	masked_vmware();
	fake_vmware.absent = true;
	look();
	CHECK(ev.backdoor.asked && !ev.backdoor.answers);
	CHECK_EQ(fake_vmware.calls, 1);
	CHECK_EQ(det.type, HYPERV_TYPE_VMWARE);
	CHECK(!virt_offers_paravirt(&ev, &det));
}

static void all_ones(u32 command, struct vmware_regs *r)
{
	(void)command;
	memset(r, 0xff, sizeof(*r));
}

static void all_zero(u32 command, struct vmware_regs *r)
{
	(void)command;
	memset(r, 0, sizeof(*r));
}

TEST(constant_answers_are_nobodys)
{
	masked_vmware();
	fake_vmware.lie = all_ones;
	look();
	CHECK(!ev.backdoor.answers);
	fake_vmware.lie = all_zero;
	look();
	CHECK(!ev.backdoor.answers);
}

static void ones_after_version(u32 command, struct vmware_regs *r)
{
	if (command != VMWARE_CMD_GETVERSION)
		all_ones(command, r);
}

static void zero_after_version(u32 command, struct vmware_regs *r)
{
	if (command != VMWARE_CMD_GETVERSION)
		all_zero(command, r);
}

TEST(a_version_alone_offers_nothing_else)
{
	masked_vmware();
	fake_vmware.lie = ones_after_version;
	look();
	CHECK(ev.backdoor.answers);
	CHECK_EQ(ev.backdoor.tsc_hz, 0);
	CHECK(!offers(HYPERV_TYPE_VMWARE, VIRT_FEATURE_TSC_FREQUENCY));
	CHECK(!offers(HYPERV_TYPE_VMWARE, VIRT_FEATURE_X2APIC));
	CHECK(!offers(HYPERV_TYPE_VMWARE, VMWARE_STEAL_CLOCK));
	CHECK(!offers(HYPERV_TYPE_VMWARE, VMWARE_HOST_TIME));
	CHECK(!offers(HYPERV_TYPE_VMWARE, VMWARE_GUEST_LOG));
	/* 0 is the status "off" of a steal clock, and no more than that. */
	fake_vmware.lie = zero_after_version;
	look();
	CHECK(!offers(HYPERV_TYPE_VMWARE, VIRT_FEATURE_TSC_FREQUENCY));
	CHECK(!offers(HYPERV_TYPE_VMWARE, VMWARE_HOST_TIME));
	CHECK(!offers(HYPERV_TYPE_VMWARE, VMWARE_GUEST_LOG));
}

TEST(absurd_frequencies_are_not_used)
{
	static const u64 absurd[] = { 0, 1, 99999999, 10000000001000ULL,
				      0xfffffffeffffffffULL };

	for (unsigned i = 0; i < ARRAY_SIZE(absurd); i++) {
		struct virt_tsc_offer offer;

		masked_vmware();
		fake_vmware.hz = absurd[i];
		look();
		virt_find_tsc_offer(&ev, &det, &offer);
		CHECK_EQ(offer.khz, 0);
	}
}

TEST(x2apic_is_refused_by_a_vmware_that_does_not_name_it)
{
	masked_vmware();
	look();
	virt_mark_offered(&ev, &det);
	CHECK(!virt_refuses_x2apic());
	fake_vmware.vcpu_info = 0;
	look();
	virt_mark_offered(&ev, &det);
	CHECK(virt_refuses_x2apic());
	fake_vmware.vcpu_info =
		BIT(VMWARE_VCPU_RESERVED) | BIT(VMWARE_VCPU_LEGACY_X2APIC);
	look();
	virt_mark_offered(&ev, &det);
	CHECK(virt_refuses_x2apic());

	/* Nobody else has a say. */
	virtual_machine();
	say_smbios("QEMU", "Standard PC (Q35 + ICH9, 2009)");
	look();
	virt_mark_offered(&ev, &det);
	CHECK(!virt_refuses_x2apic());
}

/* Time. */

static int read_wall(u64 *ns)
{
	table_for_each(const struct wallclock, wallclock, it)
		return (*it)->read(ns);
	return -ENOENT;
}

TEST(the_hosts_time_is_read_with_either_command)
{
	u64 ns = 0, want = 1700000000ULL * NSEC_PER_SEC + 250 * NSEC_PER_MSEC;

	masked_vmware();
	look();
	service_runs = true;
	CHECK_EQ(read_wall(&ns), 0);
	CHECK_EQ(ns, want);
	fake_vmware.old_time = true;
	ns = 0;
	CHECK_EQ(read_wall(&ns), 0);
	CHECK_EQ(ns, want);
	service_runs = false;
	CHECK(read_wall(&ns) != 0);
}

TEST(a_time_that_makes_no_sense_is_none)
{
	u64 ns;

	masked_vmware();
	look();
	service_runs = true;
	fake_vmware.us = 1000000;
	CHECK(read_wall(&ns) != 0);
	fake_vmware.us = 0;
	fake_vmware.seconds = 0;
	CHECK(read_wall(&ns) != 0);
	fake_vmware.seconds = UINT64_MAX;
	CHECK(read_wall(&ns) != 0);
	fake_vmware.seconds = 9223372037ULL;
	CHECK(read_wall(&ns) != 0);
	service_runs = false;
}

/* Stolen time. */

static const struct virt_service *steal_service(void)
{
	table_for_each(const struct virt_service, virt_service, it)
		if (!strcmp((*it)->feature, VMWARE_STEAL_CLOCK))
			return *it;
	return NULL;
}

TEST(stolen_ticks_are_told_in_ns)
{
	struct vmware_steal_time *area;

	masked_vmware();
	look();
	clock = NULL;
	CHECK_EQ(steal_service()->start(), 0);
	CHECK_EQ(steal_service()->start_cpu(), 0);
	CHECK_EQ(fake_vmware.area % VMWARE_STEAL_CLOCK_ALIGNMENT, 0);
	area = (void *)(uintptr_t)fake_vmware.area;
	area->clock = 3 * KHZ + 1;
	CHECK_EQ(clock(0), 3 * NSEC_PER_MSEC);
	/* As far as it can be said in ns at all. */
	area->clock = UINT64_MAX;
	CHECK_EQ(clock(0), UINT64_MAX / KHZ * NSEC_PER_MSEC +
				   UINT64_MAX % KHZ * NSEC_PER_MSEC / KHZ);
	steal_service()->stop_cpu();
	CHECK_EQ(fake_vmware.area, 0);
}

TEST(ticks_of_an_unknown_or_slow_counter_are_no_time)
{
	CHECK_EQ(vmware_ticks_ns(1000, 0), 0);
	CHECK_EQ(vmware_ticks_ns(UINT64_MAX, 1), 0);
	CHECK_EQ(vmware_ticks_ns(1000, 1000), NSEC_PER_MSEC);
}

TEST(a_steal_clock_that_does_not_start_is_not_used)
{
	masked_vmware();
	look();
	clock = NULL;
	fake_vmware.no_steal_clock = true;
	CHECK(steal_service()->start() != 0);
	CHECK(!clock);
	/* A host that answers neither on nor off. */
	fake_vmware.no_steal_clock = false;
	fake_vmware.lie = all_zero;
	CHECK(steal_service()->start() != 0);
	CHECK(!clock);
}

TEST(without_a_backdoor_no_command_is_given)
{
	struct vmware_regs r = { 0 };

	masked_vmware();
	fake_vmware.absent = true;
	look();
	fake_vmware.calls = 0;
	CHECK_EQ(vmware_command(VMWARE_CMD_GETHZ, &r), -EIO);
	CHECK_EQ(fake_vmware.calls, 0);
}

/* What the kernel asks again later is what it was told at boot. */
TEST(the_machine_is_asked_once)
{
	unsigned calls;

	masked_vmware();
	virt_scan_cpuid(&ev, fake_cpuid);
	vmware_gather_backdoor(&ev);
	calls = fake_vmware.calls;
	CHECK(calls > 0);
	memset(&ev.backdoor, 0, sizeof(ev.backdoor));
	vmware_gather_backdoor(&ev);
	CHECK_EQ(fake_vmware.calls, calls);
	CHECK(ev.backdoor.answers);
}
