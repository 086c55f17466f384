/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which of several answers is the hypervisor?
 *
 * Hypervisors offer each other's interfaces: KVM and Xen that of Hyper-V,
 * VirtualBox that of KVM or of Hyper-V. So all answers are kept, and ranked
 * by how hard the evidence is to imitate (enum virt_strength):
 *
 * 1. firmware that names an impersonator (VirtualBox) beats signatures;
 * 2. a signature on a block of its own beats one on Hyper-V's interface,
 *    where it is a setting of the host's administrator;
 * 3. any signature beats firmware's strings, which are settings too;
 * 4. everything beats Hyper-V's interface, which everyone imitates;
 * 5. between equals struct hypervisor.priority decides.
 *
 * Blocks that nobody recognises come last.
 */
#include <kernel/string.h>
#include <kernel/virt/driver.h>
#include <kernel/vsprintf.h>

static bool ranks_before(const struct virt_found *a, const struct virt_found *b)
{
	if (a->match.strength != b->match.strength)
		return a->match.strength > b->match.strength;
	return a->hv->priority > b->hv->priority;
}

static void insert_ranked(struct virt_detection *d,
			  const struct virt_found *found)
{
	unsigned at = d->count;

	if (d->count == VIRT_MAX_FOUND)
		return;
	for (; at > 0 && ranks_before(found, &d->found[at - 1]); at--)
		d->found[at] = d->found[at - 1];
	d->found[at] = *found;
	d->count++;
}

static bool block_is_known(const struct virt_detection *d, unsigned index)
{
	for (unsigned i = 0; i < d->count; i++)
		if (d->found[i].match.block == (int)index)
			return true;
	return false;
}

static void append_unknown_blocks(const struct virt_evidence *ev,
				  struct virt_detection *d)
{
	for (unsigned i = 0; i < ev->block_count; i++) {
		if (block_is_known(d, i) || d->count == VIRT_MAX_FOUND)
			continue;
		d->found[d->count++] = (struct virt_found){
			.match = {
				.block = (int)i,
				.opaque = true,
				.reason = "CPUID signature",
			},
		};
	}
}

const char *virt_found_name(const struct virt_evidence *ev,
			    const struct virt_found *found, char *name)
{
	char text[VIRT_SIGNATURE_TEXT_MAX];
	const char *signature;

	if (found->hv) {
		strscpy(name, found->hv->name, VIRT_NAME_MAX);
		return name;
	}
	signature = virt_signature_text(ev->block[found->match.block].signature,
					text);
	if (*signature)
		snprintf(name, VIRT_NAME_MAX, "Unknown (\"%s\")", signature);
	else
		strscpy(name, "Unknown", VIRT_NAME_MAX);
	return name;
}

/*
 * Apple's framework, which has no type of its own: it is known by its product,
 * since its maker's name is also that of real machines.
 */
static bool product_is_virtual(const struct smbios_info *smbios)
{
	return str_has_prefix(smbios->system_product, "Apple Virtualization");
}

static bool smbios_says_virtual(const struct smbios_info *smbios)
{
	return smbios->virtual_machine || product_is_virtual(smbios);
}

/*
 * No name that is known: what it calls itself, or the maker's, if firmware
 * calls the machine virtual.
 */
static void name_nameless(const struct virt_evidence *ev, char *name)
{
	const char *maker = ev->smbios.system_manufacturer;
	char uid[VIRT_UID_TEXT_MAX];

	if (ev->smccc.uid_present)
		snprintf(name, VIRT_NAME_MAX, "Unknown (\"%s\")",
			 virt_uid_text(ev->smccc.uid, uid));
	else if (*ev->fdt.hypervisor)
		snprintf(name, VIRT_NAME_MAX, "Unknown (\"%s\")",
			 ev->fdt.hypervisor);
	else if (product_is_virtual(&ev->smbios))
		snprintf(name, VIRT_NAME_MAX, "Unknown (\"%s\")",
			 ev->smbios.system_product);
	else if (ev->smbios.virtual_machine && *maker)
		snprintf(name, VIRT_NAME_MAX, "Unknown (\"%s\")", maker);
	else
		strscpy(name, "Unknown", VIRT_NAME_MAX);
}

/* Linux's name for a machine that consists of virtual devices alone. */
static bool machine_is_nobodys(const struct virt_evidence *ev)
{
	return !strcmp(ev->fdt.machine, "linux,dummy-virt");
}

void virt_choose(const struct virt_evidence *ev, struct virt_detection *d)
{
	memset(d, 0, sizeof(*d));
	table_for_each(const struct hypervisor, hypervisor, it) {
		struct virt_found found = { .hv = *it };

		if (found.hv->detect(ev, &found.match))
			insert_ranked(d, &found);
	}
	append_unknown_blocks(ev, d);

	d->virtualized = ev->hypervisor_bit || d->count ||
			 smbios_says_virtual(&ev->smbios) ||
			 ev->smccc.uid_present || *ev->fdt.hypervisor ||
			 machine_is_nobodys(ev);
	if (!d->virtualized) {
		d->type = HYPERV_TYPE_NONE;
		strscpy(d->name, "None", sizeof(d->name));
		return;
	}
	d->type = HYPERV_TYPE_UNKNOWN;
	if (!d->count) {
		name_nameless(ev, d->name);
		return;
	}
	virt_found_name(ev, &d->found[0], d->name);
	if (d->found[0].hv)
		d->type = d->found[0].hv->type;
}
