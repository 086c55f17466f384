/* SPDX-License-Identifier: BSD-2-Clause */
/* Self-tests of vmgenid and of what it is for. */
#include <kernel/random.h>
#include <kernel/selftest.h>
#include <kernel/string.h>
#include <kernel/virt/feature.h>
#include "vmgenid.h"

/* A GUID as text: its first three parts are little-endian numbers. */
static void note_generation(struct selftest *t, const u8 *id,
			    phys_addr_t address)
{
	selftest_note(t,
		      "generation %02x%02x%02x%02x-%02x%02x-%02x%02x-"
		      "%02x%02x-%02x%02x%02x%02x%02x%02x at %#llx",
		      id[3], id[2], id[1], id[0], id[5], id[4], id[7], id[6],
		      id[8], id[9], id[10], id[11], id[12], id[13], id[14],
		      id[15], (unsigned long long)address);
}

static void test_reads(struct selftest *t)
{
	u8 id[VMGENID_SIZE], again[VMGENID_SIZE];
	phys_addr_t address = vmgenid_read(id);

	if (!address) {
		selftest_skip(t, "no vmgenid device here");
		return;
	}
	note_generation(t, id, address);
	EXPECT_EQ(t, vmgenid_read(again), address);
	EXPECT(t, !memcmp(id, again, sizeof(id)));
}

/* Somebody copied this machine, or set it back, since it was started. */
static void test_change(struct selftest *t)
{
	u8 id[VMGENID_SIZE];

	if (!vmgenid_read(id)) {
		selftest_skip(t, "no vmgenid device here");
		return;
	}
	random_look_for_copy();
	if (!random_copies()) {
		selftest_skip(t, "nobody has copied this machine");
		return;
	}
	selftest_note(t, "%lu changes", random_copies());
	virt_feature_add_state(HYPERV_TYPE_QEMU, "vmgenid", VIRT_VERIFIED);
}

static const struct selftest_case vmgenid_cases[] = {
	{ .name = "generation-is-read", .run = test_reads },
	{ .name = "a-change-was-seen", .run = test_change },
	{},
};
SELFTEST_SUITE(vmgenid, "vmgenid", vmgenid_cases, 0);
