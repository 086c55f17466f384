/* SPDX-License-Identifier: BSD-2-Clause */
/* Self-tests of detection on this machine. */
#include <kernel/selftest.h>
#include <kernel/string.h>
#include <kernel/virt/driver.h>

static struct virt_evidence scratch;
static struct virt_detection scratch_detection;

static void test_api_agrees(struct selftest *t)
{
	const struct virt_detection *d = virt_detection();

	EXPECT_EQ(t, is_virtualized(), d->virtualized);
	EXPECT_EQ(t, hypervisor_get_type(), d->type);
	EXPECT(t, hypervisor_get_name() == d->name);
	EXPECT(t, *hypervisor_get_name());
	EXPECT_EQ(t, is_virtualized(),
		  hypervisor_get_type() != HYPERV_TYPE_NONE);
	if (virt_evidence()->hypervisor_bit)
		EXPECT(t, is_virtualized());
	if (d->count && d->found[0].hv)
		EXPECT_EQ(t, d->found[0].hv->type, d->type);
}

/* Asked again, the machine says the same, and we conclude the same. */
static void test_repeatable(struct selftest *t)
{
	const struct virt_evidence *ev = virt_evidence();

	virt_gather_evidence(&scratch);
	virt_choose(&scratch, &scratch_detection);
	EXPECT_EQ(t, scratch.hypervisor_bit, ev->hypervisor_bit);
	if (!EXPECT_EQ(t, scratch.block_count, ev->block_count))
		return;
	for (unsigned i = 0; i < ev->block_count; i++) {
		EXPECT_EQ(t, scratch.block[i].base, ev->block[i].base);
		EXPECT(t,
		       !memcmp(scratch.block[i].signature,
			       ev->block[i].signature, VIRT_SIGNATURE_BYTES));
	}
	EXPECT_EQ(t, scratch_detection.type, hypervisor_get_type());
	EXPECT(t, !strcmp(scratch_detection.name, hypervisor_get_name()));
}

static void test_blocks_bounded(struct selftest *t)
{
	const struct virt_evidence *ev = virt_evidence();

	EXPECT(t, ev->block_count <= VIRT_MAX_BLOCKS);
	EXPECT(t, ev->hypervisor_bit || ev->block_count == 0);
	for (unsigned i = 0; i < ev->block_count; i++) {
		const struct virt_block *block = &ev->block[i];

		EXPECT_EQ(t, block->base % VIRT_CPUID_STRIDE, 0);
		EXPECT(t, block->max_trusted >= block->base);
		EXPECT(t, block->max_trusted - block->base < VIRT_CPUID_STRIDE);
	}
}

static void expect_listed_once(struct selftest *t, const struct hypervisor *hv)
{
	for (struct virt_feature *f = hv->features; f && f->name; f++)
		if (!EXPECT(t, virt_find_feature(hv, f->name) == f))
			selftest_note(t, "%s: %s", hv->name, f->name);
}

static void expect_states_hold(struct selftest *t,
			       const struct virt_found *found)
{
	const struct virt_block *block =
		virt_found_block(virt_evidence(), found);

	for (struct virt_feature *f = found->hv->features; f && f->name; f++) {
		/* A device is there or not, whatever the block says. */
		if (!f->device)
			EXPECT_EQ(t,
				  virt_feature_offered(f, virt_evidence(),
						       block),
				  !!(f->state & VIRT_OFFERED));
		EXPECT(t,
		       !(f->state & VIRT_ENABLED) || (f->state & VIRT_OFFERED));
		EXPECT(t, !(f->state & VIRT_VERIFIED) ||
				  (f->state & VIRT_ENABLED));
	}
}

static void test_features(struct selftest *t)
{
	const struct virt_detection *d = virt_detection();

	table_for_each(const struct hypervisor, hypervisor, it)
		expect_listed_once(t, *it);
	for (unsigned i = 0; i < d->count; i++)
		if (d->found[i].hv)
			expect_states_hold(t, &d->found[i]);
}

static const struct selftest_case virt_cases[] = {
	{ .name = "api-agrees", .run = test_api_agrees },
	{ .name = "repeatable", .run = test_repeatable },
	{ .name = "blocks-bounded", .run = test_blocks_bounded },
	{ .name = "features", .run = test_features },
	{},
};
SELFTEST_SUITE(virt, "virt", virt_cases, 0);
