/* SPDX-License-Identifier: BSD-2-Clause */
/* What the hypervisors that were found offer. */
#include <kernel/string.h>
#include <kernel/virt/driver.h>

static u32 leaf_register(const struct virt_leaf *leaf, unsigned reg)
{
	switch (reg) {
	case VIRT_EAX: return leaf->eax;
	case VIRT_EBX: return leaf->ebx;
	case VIRT_ECX: return leaf->ecx;
	default: return leaf->edx;
	}
}

static bool smccc_offers(const struct virt_smccc *smccc, unsigned bit)
{
	return bit < VIRT_SMCCC_OFFERS &&
	       smccc->offers[bit / 32] & BIT(bit % 32);
}

bool virt_feature_offered(const struct virt_feature *feature,
			  const struct virt_evidence *ev,
			  const struct virt_block *block)
{
	if (feature->evident && feature->evident(ev))
		return true;
	if (feature->smccc && smccc_offers(&ev->smccc, feature->smccc - 1U))
		return true;
	if (feature->offered)
		return feature->offered(block);
	if (!block || feature->leaf >= VIRT_BLOCK_LEAVES)
		return false;
	return leaf_register(&block->leaf[feature->leaf], feature->reg) &
	       feature->mask;
}

const struct virt_block *virt_found_block(const struct virt_evidence *ev,
					  const struct virt_found *found)
{
	if (found->match.block == VIRT_NO_BLOCK || found->match.opaque)
		return NULL;
	return &ev->block[found->match.block];
}

struct virt_feature *virt_find_feature(const struct hypervisor *hv,
				       const char *name)
{
	for (struct virt_feature *f = hv->features; f && f->name; f++)
		if (!strcmp(f->name, name))
			return f;
	return NULL;
}

static void clear_states(const struct hypervisor *hv)
{
	for (struct virt_feature *f = hv->features; f && f->name; f++)
		f->state = 0;
}

static void set_states(const struct virt_evidence *ev,
		       const struct virt_found *found)
{
	const struct virt_block *block = virt_found_block(ev, found);

	for (struct virt_feature *f = found->hv->features; f && f->name; f++)
		if (virt_feature_offered(f, ev, block))
			f->state = VIRT_OFFERED;
}

void virt_mark_offered(const struct virt_evidence *ev,
		       const struct virt_detection *d)
{
	table_for_each(const struct hypervisor, hypervisor, it)
		clear_states(*it);
	for (unsigned i = 0; i < d->count; i++)
		if (d->found[i].hv)
			set_states(ev, &d->found[i]);
}

static bool offers_paravirt(const struct virt_evidence *ev,
			    const struct virt_found *found)
{
	const struct virt_block *block = virt_found_block(ev, found);

	for (struct virt_feature *f = found->hv->features; f && f->name; f++)
		if (f->kind == VIRT_FEATURE_PARAVIRT &&
		    virt_feature_offered(f, ev, block))
			return true;
	return false;
}

bool virt_offers_paravirt(const struct virt_evidence *ev,
			  const struct virt_detection *d)
{
	for (unsigned i = 0; i < d->count; i++)
		if (d->found[i].hv && offers_paravirt(ev, &d->found[i]))
			return true;
	return false;
}
