/* SPDX-License-Identifier: BSD-2-Clause */
/* Self-tests of what hypervisors say by CPUID: liars made up here. */
#include <kernel/selftest.h>
#include <kernel/string.h>
#include <kernel/virt/driver.h>

static struct virt_evidence scratch;
static struct virt_detection scratch_detection;

/* One after another; each is asked for every leaf of the range. */
static u32 lie;

static void lying_cpuid(u32 leaf, u32 subleaf, struct virt_leaf *out)
{
	(void)subleaf;
	*out = (struct virt_leaf){ 0 };
	if (leaf == 1)
		out->ecx = BIT(31);
	if (leaf < VIRT_CPUID_FIRST)
		return;
	*out = (struct virt_leaf){ lie, 0x34333231, 0xff003635, 0x80818283 };
}

static void test_lying_leaves(struct selftest *t)
{
	static const u32 lies[] = { 0,		0xffffffff, 0x3fffffff,
				    0x40000001, 0x4000ffff, 0x80000008 };

	for (unsigned i = 0; i < ARRAY_SIZE(lies); i++) {
		lie = lies[i];
		memset(&scratch, 0, sizeof(scratch));
		virt_scan_cpuid(&scratch, lying_cpuid);
		virt_choose(&scratch, &scratch_detection);
		EXPECT(t, scratch.block_count <= 1);
		EXPECT(t, scratch_detection.virtualized);
		EXPECT_EQ(t, scratch_detection.type, HYPERV_TYPE_UNKNOWN);
	}
}

static const struct selftest_case cpuid_cases[] = {
	{ .name = "lying-leaves", .run = test_lying_leaves },
	{},
};
SELFTEST_SUITE(cpuid, "cpuid", cpuid_cases, 0);
