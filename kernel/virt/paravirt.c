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

static bool is_plausible(u64 khz, const char *source)
{
	if (khz >= TSC_KHZ_MIN && khz <= TSC_KHZ_MAX)
		return true;
	if (khz)
		pr_warn("virt: %s states a counter of %llu kHz, which is not "
			"between 100 MHz and 100 GHz: ignored",
			source, (unsigned long long)khz);
	return false;
}

static bool ask(const struct hypervisor *hv, const struct virt_block *block,
		struct virt_tsc_offer *offer)
{
	static const struct virt_block none;

	for (const struct virt_tsc_source *s = hv->tsc; s && s->khz; s++) {
		u64 khz = s->khz(block ?: &none);

		if (!is_plausible(khz, s->name))
			continue;
		*offer = (struct virt_tsc_offer){ khz, hv, s };
		return true;
	}
	return false;
}

void virt_find_tsc_offer(const struct virt_evidence *ev,
			 const struct virt_detection *d,
			 struct virt_tsc_offer *offer)
{
	*offer = (struct virt_tsc_offer){ 0 };
	for (unsigned i = 0; i < d->count; i++) {
		const struct virt_found *found = &d->found[i];

		if (found->hv &&
		    ask(found->hv, virt_found_block(ev, found), offer))
			return;
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
	feature = virt_find_feature(offer.hv, offer.source->feature);
	if (feature)
		feature->state |= VIRT_ENABLED;
	*source = offer.source->name;
	return offer.khz;
}

/* Marks the first feature called @name that is offered, if any. */
static bool use_offered(const char *name)
{
	const struct virt_detection *d = virt_detection();

	for (unsigned i = 0; i < d->count && virt_paravirt_allowed(); i++) {
		struct virt_feature *feature = NULL;

		if (d->found[i].hv)
			feature = virt_find_feature(d->found[i].hv, name);
		if (!feature || !(feature->state & VIRT_OFFERED))
			continue;
		feature->state |= VIRT_ENABLED;
		return true;
	}
	return false;
}

bool virt_has_extended_ids(void)
{
	return use_offered(VIRT_FEATURE_EXTENDED_IDS);
}

/* Who was asked and does not say yes says no: so does Linux read it. */
bool virt_refuses_x2apic(void)
{
	const struct virt_evidence *ev = virt_evidence();

	return virt_paravirt_allowed() && virt_backdoor_is_vmwares(ev) &&
	       !use_offered(VIRT_FEATURE_X2APIC);
}
