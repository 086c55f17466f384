/* SPDX-License-Identifier: BSD-2-Clause */
/* The paravirtual services that this kernel uses. */
#include <kernel/param.h>
#include <kernel/printk.h>
#include <kernel/virt/driver.h>
#include <kernel/virt/paravirt.h>

/* Slower or faster than any CPU that can run this kernel: not believed. */
#define TSC_KHZ_MIN 100000ULL
#define TSC_KHZ_MAX 10000000ULL
/* The same of the clock of a local APIC's timer. */
#define APIC_KHZ_MIN 1000ULL
#define APIC_KHZ_MAX 10000000ULL

static bool nopv;
param_bool("nopv", nopv, "use no paravirtual interface of the hypervisor");

bool virt_paravirt_allowed(void)
{
	return !nopv;
}

/* What is looked for, and what is believed. */
struct wanted {
	const char *what;
	u64 min_khz, max_khz;
};

static bool is_plausible(u64 khz, const char *source,
			 const struct wanted *wanted)
{
	if (khz >= wanted->min_khz && khz <= wanted->max_khz)
		return true;
	if (khz)
		pr_warn("virt: %s states %s of %llu kHz, which is not between "
			"%llu and %llu kHz: ignored",
			source, wanted->what, (unsigned long long)khz,
			(unsigned long long)wanted->min_khz,
			(unsigned long long)wanted->max_khz);
	return false;
}

static bool ask(const struct hypervisor *hv, const struct virt_tsc_source *s,
		const struct virt_block *block, const struct wanted *wanted,
		struct virt_tsc_offer *offer)
{
	static const struct virt_block none;

	for (; s && s->khz; s++) {
		u64 khz = s->khz(block ?: &none);

		if (!is_plausible(khz, s->name, wanted))
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
	static const struct wanted tsc = { "a counter", TSC_KHZ_MIN,
					   TSC_KHZ_MAX };

	*offer = (struct virt_tsc_offer){ 0 };
	for (unsigned i = 0; i < d->count; i++) {
		const struct virt_found *found = &d->found[i];

		if (found->hv && ask(found->hv, found->hv->tsc,
				     virt_found_block(ev, found), &tsc, offer))
			return;
	}
}

void virt_find_apic_offer(const struct virt_evidence *ev,
			  const struct virt_detection *d,
			  struct virt_tsc_offer *offer)
{
	static const struct wanted apic = { "a local APIC timer", APIC_KHZ_MIN,
					    APIC_KHZ_MAX };

	*offer = (struct virt_tsc_offer){ 0 };
	for (unsigned i = 0; i < d->count; i++) {
		const struct virt_found *found = &d->found[i];

		if (found->hv && ask(found->hv, found->hv->apic,
				     virt_found_block(ev, found), &apic, offer))
			return;
	}
}

/* It is used from here on. */
static u64 take(const struct virt_tsc_offer *offer, const char **source)
{
	struct virt_feature *feature;

	if (!offer->khz)
		return 0;
	feature = virt_find_feature(offer->hv, offer->source->feature);
	if (feature)
		feature->state |= VIRT_ENABLED;
	*source = offer->source->name;
	return offer->khz;
}

u64 virt_tsc_khz(const char **source)
{
	struct virt_tsc_offer offer;

	if (!virt_paravirt_allowed())
		return 0;
	virt_find_tsc_offer(virt_evidence(), virt_detection(), &offer);
	return take(&offer, source);
}

u64 virt_apic_khz(const char **source)
{
	struct virt_tsc_offer offer;

	if (!virt_paravirt_allowed())
		return 0;
	virt_find_apic_offer(virt_evidence(), virt_detection(), &offer);
	return take(&offer, source);
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
