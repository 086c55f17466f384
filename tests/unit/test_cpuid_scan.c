/* SPDX-License-Identifier: BSD-2-Clause */
/* CPUID leaves that lie. */
#include "unit.h"
#include "fake_evidence.h"

#define BASE 0x40000000U
/* Highest basic leaf, bits, bases, and the leaves of the blocks kept. */
#define CALLS_MAX (3 + 256 + VIRT_MAX_BLOCKS * VIRT_BLOCK_LEAVES)

static void scan(void)
{
	fake_cpuid_calls = 0;
	detect();
	CHECK(fake_cpuid_calls <= CALLS_MAX);
}

TEST(old_kvm_says_0_and_means_the_next_leaf)
{
	virtual_machine();
	set_block(BASE, 0, "KVMKVMKVM\0\0\0");
	set_leaf(BASE + 1, BIT(3), 0, 0, 0);
	set_leaf(BASE + 2, 0xdead, 0, 0, 0);
	scan();
	CHECK_EQ(det.type, HYPERV_TYPE_KVM);
	CHECK_EQ(ev.block[0].max_claimed, 0);
	CHECK_EQ(ev.block[0].max_trusted, BASE + 1);
	CHECK_EQ(ev.block[0].leaf[2].eax, 0);
	CHECK(offers(HYPERV_TYPE_KVM, "clocksource2"));
}

TEST(others_that_say_0_have_one_leaf)
{
	virtual_machine();
	set_block(BASE, 0, "bhyve bhyve ");
	set_leaf(BASE + 1, 0xffffffff, 0, 0, 0);
	scan();
	CHECK_EQ(det.type, HYPERV_TYPE_BHYVE);
	CHECK_EQ(ev.block[0].max_trusted, BASE);
	CHECK(!offers(HYPERV_TYPE_BHYVE, VIRT_FEATURE_EXTENDED_IDS));
}

TEST(maxima_outside_the_block_are_not_believed)
{
	static const u32 lies[] = { 0xffffffff,	  0x3fffffff, 1,
				    BASE + 0x100, 0x4000ffff, 0x80000008,
				    0x7fffffff };

	for (unsigned i = 0; i < ARRAY_SIZE(lies); i++) {
		virtual_machine();
		fake_default = (struct virt_leaf){ 1, 2, 3, 4 };
		set_block(BASE, lies[i], "XenVMMXenVMM");
		scan();
		CHECK_EQ(det.type, HYPERV_TYPE_XEN);
		CHECK_EQ(ev.block[0].base, BASE);
		CHECK_EQ(ev.block[0].max_claimed, lies[i]);
		CHECK_EQ(ev.block[0].max_trusted, BASE);
		CHECK_EQ(ev.block[0].leaf[1].eax, 0);
	}
}

TEST(a_maximum_below_its_own_base_is_not_believed)
{
	virtual_machine();
	set_block(KVM_AT, BASE + 1, "KVMKVMKVM\0\0\0");
	scan();
	CHECK_EQ(det.type, HYPERV_TYPE_KVM);
	CHECK_EQ(ev.block[0].max_trusted, KVM_AT);
}

TEST(the_last_leaf_of_a_block_is_believed)
{
	virtual_machine();
	set_block(BASE, BASE + 0xff, "XYZXYZXYZXYZ");
	for (u32 n = 1; n <= 0x11; n++)
		set_leaf(BASE + n, n, n, n, n);
	scan();
	CHECK_EQ(ev.block[0].max_trusted, BASE + 0xff);
	CHECK_EQ(ev.block[0].leaf[0x10].edx, 0x10);
	CHECK_EQ(ev.block[0].leaf[0].eax, BASE + 0xff);
}

TEST(leaves_past_the_maximum_are_not_read)
{
	virtual_machine();
	set_block(BASE, BASE + 1, "VMwareVMware");
	set_leaf(BASE + 0x10, 2400000, 66000, 3, 0);
	scan();
	CHECK(!offers(HYPERV_TYPE_VMWARE, "tsc-frequency"));
	virtual_machine();
	set_block(BASE, BASE + 0x10, "VMwareVMware");
	set_leaf(BASE + 0x10, 2400000, 66000, 2, 0);
	scan();
	CHECK(offers(HYPERV_TYPE_VMWARE, "tsc-frequency"));
	CHECK(offers(HYPERV_TYPE_VMWARE, "vmcall"));
	CHECK(!offers(HYPERV_TYPE_VMWARE, "vmmcall"));
}

TEST(one_block_at_every_stride_is_one_block)
{
	virtual_machine();
	for (u32 base = BASE; base < BASE + 0x10000; base += 0x100)
		set_block(base, base + 1, "KVMKVMKVM\0\0\0");
	scan();
	CHECK_EQ(det.type, HYPERV_TYPE_KVM);
	CHECK_EQ(ev.block_count, 1);
	CHECK_EQ(ev.blocks_repeated, 255);
	CHECK_EQ(ev.blocks_dropped, 0);
}

TEST(more_blocks_than_fit_are_counted)
{
	virtual_machine();
	for (u32 n = 0; n < 20; n++) {
		char signature[] = "AAAAAAAAAAAA";

		signature[0] = (char)('A' + n);
		set_block(BASE + 0x100 * n, BASE + 0x100 * n + 1, signature);
	}
	scan();
	CHECK_EQ(ev.block_count, VIRT_MAX_BLOCKS);
	CHECK_EQ(ev.blocks_dropped, 20 - VIRT_MAX_BLOCKS);
	CHECK_EQ(det.count, VIRT_MAX_BLOCKS);
	CHECK_EQ(det.type, HYPERV_TYPE_UNKNOWN);
	CHECK_STR(det.name, "Unknown (\"AAAAAAAAAAAA\")");
}

/* Intel, and QEMU's emulation: leaves out of range repeat a basic one. */
TEST(the_highest_basic_leaf_is_no_block)
{
	virtual_machine();
	fake_default = (struct virt_leaf){ 7, 0x340, 0x340, 0 };
	scan();
	CHECK_EQ(ev.block_count, 0);
	CHECK_EQ(det.type, HYPERV_TYPE_UNKNOWN);
	CHECK_STR(det.name, "Unknown");

	/* Even when it looks like text. */
	virtual_machine();
	set_leaf(0xd, 7, 0x41414141, 0x41414141, 0x41414141);
	fake_default =
		(struct virt_leaf){ 7, 0x41414141, 0x41414141, 0x41414141 };
	set_block(BASE, BASE + 1, "TCGTCGTCGTCG");
	scan();
	CHECK_EQ(ev.block_count, 1);
	CHECK_EQ(det.type, HYPERV_TYPE_QEMU);
}

TEST(noise_is_no_block)
{
	virtual_machine();
	fake_default = (struct virt_leaf){ 0x12345678, 0x80818283, 1, 2 };
	scan();
	CHECK_EQ(ev.block_count, 0);
	virtual_machine();
	fake_default = (struct virt_leaf){ ~0U, ~0U, ~0U, ~0U };
	scan();
	CHECK_EQ(ev.block_count, 0);
	CHECK(det.virtualized);
}

TEST(bytes_that_are_no_text_are_kept_with_a_good_maximum)
{
	virtual_machine();
	set_block(BASE, BASE + 1, "\0\0\0\0\x80\0\0\0\0\0\0\1");
	scan();
	CHECK_EQ(ev.block_count, 1);
	CHECK_STR(det.name, "Unknown (\"\\x00\\x00\\x00\\x00\\x80\\x00\\x00"
			    "\\x00\\x00\\x00\\x00\\x01\")");
}

TEST(text_after_a_nul_is_no_text)
{
	virtual_machine();
	set_block(BASE, 0, "KVM\0KVMKVM\0\0");
	scan();
	CHECK_EQ(ev.block_count, 0);
}

TEST(scanning_again_starts_anew)
{
	virtual_machine();
	set_block(BASE, BASE + 1, "KVMKVMKVM\0\0\0");
	set_block(KVM_AT, KVM_AT + 1, "KVMKVMKVM\0\0\0");
	scan();
	scan();
	CHECK_EQ(ev.block_count, 1);
	CHECK_EQ(ev.blocks_repeated, 1);
	bare_metal();
	scan();
	CHECK_EQ(ev.block_count, 0);
	CHECK(!ev.hypervisor_bit);
}
