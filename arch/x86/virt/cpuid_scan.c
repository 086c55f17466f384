/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Find every hypervisor interface in the CPUID range that is theirs.
 *
 * What is asked may be a CPU without hypervisor, and a hypervisor may answer
 * anything: a maximum of 0 (old KVM, meaning base + 1), below the base or far
 * beyond it, the same block at every stride, or a leaf that it does not have
 * with the data of another one, as Intel's CPUs do.
 */
#include <abi/hypervisor_cpuid.h>
#include <abi/kvm/cpuid.h>
#include <kernel/string.h>
#include <kernel/virt/evidence.h>

static bool leaf_equal(const struct virt_leaf *a, const struct virt_leaf *b)
{
	return !memcmp(a, b, sizeof(*a));
}

/* Only printable bytes, at least one, then only NULs. */
static bool signature_is_text(const char *signature)
{
	size_t n = 0;

	while (n < VIRT_SIGNATURE_BYTES && signature[n] >= ' ' &&
	       signature[n] <= '~')
		n++;
	if (n == 0)
		return false;
	while (n < VIRT_SIGNATURE_BYTES && !signature[n])
		n++;
	return n == VIRT_SIGNATURE_BYTES;
}

static bool max_in_block(u32 base, u32 max)
{
	return max >= base && max - base < VIRT_CPUID_STRIDE;
}

static u32 trusted_max(const struct virt_block *block)
{
	if (max_in_block(block->base, block->max_claimed))
		return block->max_claimed;
	/* Old KVM: 0 stands for the feature leaf (Linux, cpuid.rst). */
	if (block->max_claimed == 0 &&
	    !memcmp(block->signature, KVM_SIGNATURE, VIRT_SIGNATURE_BYTES))
		return block->base + KVM_CPUID_FEATURES;
	return block->base;
}

static void read_leaves(struct virt_block *block, virt_cpuid_fn cpuid)
{
	u32 count = block->max_trusted - block->base + 1;

	for (u32 n = 1; n < MIN(count, (u32)VIRT_BLOCK_LEAVES); n++)
		cpuid(block->base + n, 0, &block->leaf[n]);
}

/* True if @leaf, read at @base, is the first leaf of an interface. */
static bool begin_block(struct virt_block *block, u32 base,
			const struct virt_leaf *leaf)
{
	memset(block, 0, sizeof(*block));
	block->base = base;
	block->leaf[0] = *leaf;
	block->max_claimed = leaf->eax;
	memcpy(block->signature, &leaf->ebx, 4);
	memcpy(block->signature + 4, &leaf->ecx, 4);
	memcpy(block->signature + 8, &leaf->edx, 4);
	return max_in_block(base, leaf->eax) ||
	       signature_is_text(block->signature);
}

static bool is_repeated(const struct virt_evidence *ev,
			const struct virt_block *block)
{
	for (unsigned i = 0; i < ev->block_count; i++)
		if (!memcmp(ev->block[i].signature, block->signature,
			    VIRT_SIGNATURE_BYTES))
			return true;
	return false;
}

static void scan_base(struct virt_evidence *ev, u32 base,
		      const struct virt_leaf *echo, virt_cpuid_fn cpuid)
{
	struct virt_block block;
	struct virt_leaf leaf;

	cpuid(base, 0, &leaf);
	if (leaf_equal(&leaf, echo) || !begin_block(&block, base, &leaf))
		return;
	if (is_repeated(ev, &block)) {
		ev->blocks_repeated++;
		return;
	}
	if (ev->block_count == VIRT_MAX_BLOCKS) {
		ev->blocks_dropped++;
		return;
	}
	block.max_trusted = trusted_max(&block);
	read_leaves(&block, cpuid);
	ev->block[ev->block_count++] = block;
}

void virt_scan_cpuid(struct virt_evidence *ev, virt_cpuid_fn cpuid)
{
	struct virt_leaf leaf, echo;

	ev->block_count = 0;
	ev->blocks_repeated = 0;
	ev->blocks_dropped = 0;
	cpuid(CPUID_FEATURES_LEAF, 0, &leaf);
	ev->hypervisor_bit = leaf.ecx & CPUID_FEATURES_ECX_HYPERVISOR;
	if (!ev->hypervisor_bit)
		return;

	/* What a leaf out of range answers on Intel: the highest basic one. */
	cpuid(0, 0, &leaf);
	cpuid(leaf.eax, 0, &echo);
	for (u32 base = VIRT_CPUID_FIRST; base <= VIRT_CPUID_LAST;
	     base += VIRT_CPUID_STRIDE)
		scan_base(ev, base, &echo, cpuid);
}
