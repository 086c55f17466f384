/* SPDX-License-Identifier: BSD-2-Clause */
/* The paravirtual services that this kernel uses. */
#include <kernel/param.h>
#include <kernel/printk.h>
#include <kernel/virt/driver.h>
#include <kernel/virt/paravirt.h>

/* Slower or faster than any CPU that can run this kernel: not believed. */
#define TSC_KHZ_MIN 100000ULL
#define TSC_KHZ_MAX 10000000ULL

static bool nopv;
param_bool("nopv", nopv, "use no paravirtual interface of the hypervisor");

bool virt_paravirt_allowed(void)
{
	return !nopv;
}

static u64 stated_khz(const struct virt_evidence *ev,
		      const struct virt_found *found)
{
	const struct virt_block *block = virt_found_block(ev, found);

	if (!block || !found->hv || !found->hv->tsc_khz)
		return 0;
	return found->hv->tsc_khz(block);
}

void virt_find_tsc_offer(const struct virt_evidence *ev,
			 const struct virt_detection *d,
			 struct virt_tsc_offer *offer)
{
	*offer = (struct virt_tsc_offer){ 0 };
	for (unsigned i = 0; i < d->count; i++) {
		const struct hypervisor *hv = d->found[i].hv;
		u64 khz = stated_khz(ev, &d->found[i]);

		if (!khz)
			continue;
		if (khz >= TSC_KHZ_MIN && khz <= TSC_KHZ_MAX) {
			offer->khz = khz;
			offer->hv = hv;
			return;
		}
		pr_warn("virt: %s states a counter of %llu kHz, which is not "
			"between 100 MHz and 100 GHz: ignored",
			hv->tsc_source, (unsigned long long)khz);
	}
}

u64 virt_tsc_khz(const char **source)
{
	struct virt_tsc_offer offer;
	struct virt_feature *feature;

	if (!virt_paravirt_allowed())
		return 0;
	virt_find_tsc_offer(virt_evidence(), virt_detection(), &offer);
	if (!offer.khz)
		return 0;
	feature = virt_find_feature(offer.hv, VIRT_FEATURE_TSC_FREQUENCY);
	if (feature)
		feature->state |= VIRT_ENABLED;
	*source = offer.hv->tsc_source;
	return offer.khz;
}

bool virt_has_extended_ids(void)
{
	const struct virt_detection *d = virt_detection();

	for (unsigned i = 0; i < d->count && virt_paravirt_allowed(); i++) {
		struct virt_feature *feature = NULL;

		if (d->found[i].hv)
			feature = virt_find_feature(d->found[i].hv,
						    VIRT_FEATURE_EXTENDED_IDS);
		if (!feature || !(feature->state & VIRT_OFFERED))
			continue;
		feature->state |= VIRT_ENABLED;
		return true;
	}
	return false;
}
