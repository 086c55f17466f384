/* SPDX-License-Identifier: BSD-2-Clause */
/* Detection at boot, and the public answers. */
#include <kernel/atomic.h>
#include <kernel/init.h>
#include <kernel/printk.h>
#include <kernel/virt/driver.h>
#include <kernel/virt/hypervisor.h>
#include <kernel/virt/paravirt.h>

static struct virt_evidence evidence;
static struct virt_detection detection = { .name = "None" };

bool is_virtualized(void)
{
	return detection.virtualized;
}

const char *hypervisor_get_name(void)
{
	return detection.name;
}

enum hypervisor_type hypervisor_get_type(void)
{
	return detection.type;
}

const struct virt_evidence *virt_evidence(void)
{
	return &evidence;
}

const struct virt_detection *virt_detection(void)
{
	return &detection;
}

void virt_feature_add_state(enum hypervisor_type type, const char *name,
			    u8 bits)
{
	for (unsigned i = 0; i < detection.count; i++) {
		const struct hypervisor *hv = detection.found[i].hv;
		struct virt_feature *feature =
			hv && hv->type == type ? virt_find_feature(hv, name)
					       : NULL;

		if (feature)
			atomic_fetch_or(&feature->state, bits);
	}
}

static const char *paravirt_text(void)
{
	if (!IS_ENABLED(CONFIG_PARAVIRT))
		return "Disabled (not built in)";
	if (!virt_paravirt_allowed())
		return "Disabled (nopv)";
	return virt_offers_paravirt(&evidence, &detection) ? "Available"
							   : "Not available";
}

/* The interfaces beside the primary one, as far as they can be used. */
static void print_secondary(void)
{
	for (unsigned i = 1; i < detection.count; i++) {
		const struct virt_found *found = &detection.found[i];
		char name[VIRT_NAME_MAX];

		if (found->match.block == VIRT_NO_BLOCK ||
		    (found->hv && found->match.opaque))
			continue;
		pr_plain("Hypervisor interface: %s at %#x",
			 virt_found_name(&evidence, found, name),
			 evidence.block[found->match.block].base);
	}
}

static const char *strongest_evidence(void)
{
	if (evidence.hypervisor_bit)
		return "CPUID.1.ECX[31]=1";
	if (evidence.smccc.uid_present)
		return "SMCCC hypervisor UID";
	if (*evidence.fdt.hypervisor)
		return "device tree /hypervisor";
	if (detection.count)
		return detection.found[0].match.reason;
	return *evidence.fdt.machine ? "device tree" : "SMBIOS";
}

static void print_result(void)
{
	if (!detection.virtualized) {
		pr_plain("No hypervisor detected (%s)",
			 evidence.looked_at ?: "CPUID.1.ECX[31]=0");
		pr_plain("Hypervisor: None (bare metal)");
		pr_plain("Paravirtualization: Not available");
		return;
	}
	pr_plain("Hypervisor detected! (%s)", strongest_evidence());
	pr_plain("Hypervisor: %s", detection.name);
	pr_plain("Paravirtualization: %s", paravirt_text());
	print_secondary();
}

static int virt_detect(void)
{
	pr_plain("Hypervisor Detection: Scanning for virtualization...");
	virt_gather_evidence(&evidence);
	virt_choose(&evidence, &detection);
	virt_mark_offered(&evidence, &detection);
	print_result();
	return 0;
}
initcall(INIT_VIRT, virt_detect);
