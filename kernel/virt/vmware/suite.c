/* SPDX-License-Identifier: BSD-2-Clause */
/* Self-tests of what VMware offers through its backdoor. */
#include <abi/vmware/backdoor.h>
#include <abi/qemu/cpuid.h>
#include <kernel/cpu.h>
#include <kernel/errno.h>
#include <kernel/sched.h>
#include <kernel/selftest.h>
#include <kernel/smp.h>
#include <kernel/time.h>
#include <kernel/virt/driver.h>
#include <kernel/virt/service.h>
#include <kernel/virt/vmware.h>
#include "internal.h"

/* How long the steal clock is watched; its ticks may come late. */
#define WATCH_NS (20 * NSEC_PER_MSEC)
/* Between two readings of the host's time, however slow it is. */
#define TIME_APART_MAX_NS (10 * NSEC_PER_SEC)

static const struct virt_backdoor *backdoor(void)
{
	return &virt_evidence()->backdoor;
}

/* Skips where nothing answers. */
static bool answers(struct selftest *t)
{
	if (backdoor()->answers)
		return true;
	selftest_skip(t, "%s",
		      backdoor()->asked ? "nothing answers at VMware's port"
					: "no reason to read VMware's port");
	return false;
}

/* The backdoor, and the instruction, if it is not the port. */
static void verify_way(enum vmware_way way)
{
	virt_service_verified(HYPERV_TYPE_VMWARE, VMWARE_BACKDOOR);
	if (way == VMWARE_BY_VMCALL)
		virt_service_verified(HYPERV_TYPE_VMWARE, VMWARE_VMCALL);
	if (way == VMWARE_BY_VMMCALL)
		virt_service_verified(HYPERV_TYPE_VMWARE, VMWARE_VMMCALL);
}

static void test_answers_again(struct selftest *t)
{
	struct vmware_regs r = { .ebx = ~VMWARE_MAGIC };

	if (!answers(t) ||
	    !EXPECT_EQ(t, vmware_command(VMWARE_CMD_GETVERSION, &r), 0))
		return;
	EXPECT_EQ(t, r.ebx, VMWARE_MAGIC);
	EXPECT_EQ(t, r.eax, backdoor()->version);
	EXPECT_EQ(t, r.ecx, backdoor()->product);
	selftest_note(t, "version %u, product %u, %s", r.eax, r.ecx,
		      virt_backdoor_is_vmwares(virt_evidence())
			      ? "VMware"
			      : "QEMU's vmport");
	if (r.ebx == VMWARE_MAGIC)
		verify_way(backdoor()->way);
}

/* A command that nobody has must not be taken for an answer. */
static void test_unknown_command(struct selftest *t)
{
	struct vmware_regs r = { .ebx = ~VMWARE_MAGIC };

	if (!answers(t) || !EXPECT_EQ(t, vmware_command(0x7f, &r), 0))
		return;
	EXPECT(t, r.ebx != VMWARE_MAGIC);
}

/* Not a name on Hyper-V's interface, which a host's administrator chooses. */
static bool is_tcg(const struct virt_evidence *ev)
{
	int block = virt_find_signature(ev, QEMU_TCG_SIGNATURE);

	return block != VIRT_NO_BLOCK &&
	       !virt_block_is_hyperv(&ev->block[block]);
}

/* The instruction that this CPU does not have faults, and is caught. */
static void test_fault_is_caught(struct selftest *t)
{
	struct vmware_regs r = { .ebx = 1, .esi = 2 }, before = r;

	if (!is_tcg(virt_evidence())) {
		selftest_skip(t, "not a CPU that is known to lack one");
		return;
	}
	EXPECT_EQ(t, vmware_call(VMWARE_BY_VMCALL, &r), -EIO);
	EXPECT_EQ(t, r.ebx, before.ebx);
	EXPECT_EQ(t, r.esi, before.esi);
}

static bool runs(struct selftest *t, const char *feature)
{
	if (virt_service_runs(HYPERV_TYPE_VMWARE, feature))
		return true;
	selftest_skip(t, "VMware's %s is not in use", feature);
	return false;
}

static void test_time(struct selftest *t)
{
	u64 first, second;

	if (!runs(t, VMWARE_HOST_TIME) ||
	    !EXPECT_EQ(t, vmware_read_time(backdoor(), &first), 0) ||
	    !EXPECT_EQ(t, vmware_read_time(backdoor(), &second), 0))
		return;
	if (EXPECT(t, second >= first) &&
	    EXPECT(t, second - first < TIME_APART_MAX_NS))
		virt_service_verified(HYPERV_TYPE_VMWARE, VMWARE_HOST_TIME);
}

/* What is stolen while this CPU stands still, and no more. */
static void test_steal_clock(struct selftest *t)
{
	unsigned cpu = smp_processor_id();
	u64 start = time_ns(), first, now, stolen, passed;

	if (!runs(t, VMWARE_STEAL_CLOCK))
		return;
	first = steal_clock(cpu);
	do {
		cpu_relax();
		now = time_ns();
	} while (now - start < WATCH_NS);
	stolen = steal_clock(cpu) - first;
	passed = now - start;
	selftest_note(t, "%llu of %llu ns", (unsigned long long)stolen,
		      (unsigned long long)passed);
	if (!EXPECT(t, stolen <= passed + WATCH_NS))
		return;
	if (stolen)
		virt_service_verified(HYPERV_TYPE_VMWARE, VMWARE_STEAL_CLOCK);
}

static void test_log(struct selftest *t)
{
	if (runs(t, VMWARE_GUEST_LOG) &&
	    EXPECT_EQ(t, vmware_log("Zirvium tests this log"), 0))
		virt_service_verified(HYPERV_TYPE_VMWARE, VMWARE_GUEST_LOG);
}

static const struct selftest_case vmware_cases[] = {
	{ .name = "backdoor-answers-again", .run = test_answers_again },
	{ .name = "unknown-command-is-refused", .run = test_unknown_command },
	{ .name = "fault-is-caught", .run = test_fault_is_caught },
	{ .name = "host-tells-the-time", .run = test_time },
	{ .name = "steals-less-than-passes", .run = test_steal_clock },
	{ .name = "host-takes-a-line-for-its-log", .run = test_log },
	{},
};
SELFTEST_SUITE(vmware, "vmware", vmware_cases, 0);
