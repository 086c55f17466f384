/* SPDX-License-Identifier: BSD-2-Clause */
/* `virt --json`: docs/virt-json.md describes every member. */
#include "report.h"
#include <kernel/console.h>
#include <kernel/errno.h>
#include <kernel/json.h>
#include <kernel/virt/paravirt.h>

#define VIRT_JSON_SCHEMA "zirvium.virt/1"

static const char *type_text(enum hypervisor_type type)
{
	static const char *const text[] = {
		[HYPERV_TYPE_NONE] = "none",
		[HYPERV_TYPE_KVM] = "kvm",
		[HYPERV_TYPE_VMWARE] = "vmware",
		[HYPERV_TYPE_HYPERV] = "hyperv",
		[HYPERV_TYPE_XEN] = "xen",
		[HYPERV_TYPE_VIRTUALBOX] = "virtualbox",
		[HYPERV_TYPE_QEMU] = "qemu",
		[HYPERV_TYPE_PARALLELS] = "parallels",
		[HYPERV_TYPE_BHYVE] = "bhyve",
		[HYPERV_TYPE_ACRN] = "acrn",
		[HYPERV_TYPE_UNKNOWN] = "unknown",
	};

	return text[type];
}

static const char *strength_text(enum virt_strength strength)
{
	static const char *const text[] = {
		[0] = "none",
		[VIRT_MATCH_IMITABLE] = "imitable",
		[VIRT_MATCH_SMBIOS] = "smbios",
		[VIRT_MATCH_VENDOR] = "vendor",
		[VIRT_MATCH_SIGNATURE] = "signature",
		[VIRT_MATCH_IMPERSONATOR] = "impersonator",
	};

	return text[strength];
}

static void write_answer(struct json *j, const char *key,
			 const struct virt_feature *feature,
			 enum virt_feature_state fact)
{
	enum virt_answer answer = virt_feature_answer(feature, fact);

	if (answer == VIRT_ANSWER_NONE)
		json_null(j, key);
	else
		json_bool(j, key, answer == VIRT_ANSWER_YES);
}

static void write_features(struct json *j, const struct hypervisor *hv)
{
	json_array_begin(j, "features");
	for (const struct virt_feature *f = hv ? hv->features : NULL;
	     f && f->name; f++) {
		json_object_begin(j, NULL);
		json_string(j, "name", f->name);
		json_string(j, "kind",
			    f->kind == VIRT_FEATURE_HINT ? "hint" : "paravirt");
		write_answer(j, "offered", f, VIRT_OFFERED);
		write_answer(j, "enabled", f, VIRT_ENABLED);
		write_answer(j, "verified", f, VIRT_VERIFIED);
		json_object_end(j);
	}
	json_array_end(j);
}

static void write_found(struct json *j, const struct virt_found *found,
			bool primary)
{
	const struct virt_evidence *ev = virt_evidence();
	char name[VIRT_NAME_MAX];

	json_object_begin(j, NULL);
	json_string(j, "name", virt_found_name(ev, found, name));
	json_string(j, "type",
		    type_text(found->hv ? found->hv->type
					: HYPERV_TYPE_UNKNOWN));
	json_bool(j, "primary", primary);
	json_string(j, "reason", found->match.reason);
	json_string(j, "strength", strength_text(found->match.strength));
	if (found->match.block == VIRT_NO_BLOCK)
		json_null(j, "base");
	else
		json_u64(j, "base", ev->block[found->match.block].base);
	json_bool(j, "opaque", found->match.opaque);
	write_features(j, found->hv);
	json_object_end(j);
}

static void write_leaf(struct json *j, u32 number, const struct virt_leaf *leaf)
{
	json_object_begin(j, NULL);
	json_u64(j, "leaf", number);
	json_u64(j, "eax", leaf->eax);
	json_u64(j, "ebx", leaf->ebx);
	json_u64(j, "ecx", leaf->ecx);
	json_u64(j, "edx", leaf->edx);
	json_object_end(j);
}

static void write_block(struct json *j, const struct virt_block *block)
{
	u32 last = MIN(block->max_trusted - block->base,
		       (u32)VIRT_BLOCK_LEAVES - 1);
	char text[VIRT_SIGNATURE_TEXT_MAX];

	json_object_begin(j, NULL);
	json_u64(j, "base", block->base);
	json_string(j, "signature",
		    virt_signature_text(block->signature, text));
	json_u64(j, "max_claimed", block->max_claimed);
	json_u64(j, "max_trusted", block->max_trusted);
	json_array_begin(j, "leaves");
	for (u32 n = 0; n <= last; n++)
		write_leaf(j, block->base + n, &block->leaf[n]);
	json_array_end(j);
	json_object_end(j);
}

static void write_smbios(struct json *j, const struct smbios_info *smbios)
{
	json_object_begin(j, "smbios");
	json_string(j, "bios_vendor", smbios->bios_vendor);
	json_string(j, "bios_version", smbios->bios_version);
	json_string(j, "system_manufacturer", smbios->system_manufacturer);
	json_string(j, "system_product", smbios->system_product);
	json_string(j, "system_version", smbios->system_version);
	json_string(j, "board_manufacturer", smbios->board_manufacturer);
	json_string(j, "board_product", smbios->board_product);
	json_bool(j, "virtual_machine", smbios->virtual_machine);
	json_object_end(j);
}

static void write_arm_evidence(struct json *j, const struct virt_evidence *ev)
{
	char uid[VIRT_UID_TEXT_MAX];

	if (ev->smccc.uid_present)
		json_string(j, "smccc_uid", virt_uid_text(ev->smccc.uid, uid));
	else
		json_null(j, "smccc_uid");
	json_array_begin(j, "smccc_offers");
	for (unsigned i = 0; i < VIRT_SMCCC_WORDS; i++)
		json_u64(j, NULL, ev->smccc.offers[i]);
	json_array_end(j);
	json_object_begin(j, "device_tree");
	json_string(j, "machine", ev->fdt.machine);
	json_string(j, "hypervisor", ev->fdt.hypervisor);
	json_bool(j, "fw_cfg", ev->fdt.fw_cfg);
	json_object_end(j);
}

static void write_backdoor(struct json *j, const struct virt_backdoor *b)
{
	json_object_begin(j, "backdoor");
	json_bool(j, "asked", b->asked);
	json_bool(j, "answers", b->answers);
	json_u64(j, "version", b->version);
	json_u64(j, "product", b->product);
	json_u64(j, "tsc_hz", b->tsc_hz);
	json_object_end(j);
}

static void write_evidence(struct json *j, const struct virt_evidence *ev)
{
	json_object_begin(j, "evidence");
	json_bool(j, "hypervisor_bit", ev->hypervisor_bit);
	json_array_begin(j, "cpuid_blocks");
	for (unsigned i = 0; i < ev->block_count; i++)
		write_block(j, &ev->block[i]);
	json_array_end(j);
	json_u64(j, "cpuid_blocks_repeated", ev->blocks_repeated);
	json_u64(j, "cpuid_blocks_dropped", ev->blocks_dropped);
	write_smbios(j, &ev->smbios);
	json_object_begin(j, "acpi");
	json_string(j, "oem_id", ev->acpi.oem_id);
	json_string(j, "oem_table_id", ev->acpi.oem_table_id);
	json_string(j, "hypervisor_vendor", ev->acpi.hypervisor_vendor);
	json_object_end(j);
	write_arm_evidence(j, ev);
	write_backdoor(j, &ev->backdoor);
	json_object_end(j);
}

static void write_document(struct json *j)
{
	const struct virt_detection *d = virt_detection();

	json_object_begin(j, NULL);
	json_string(j, "schema", VIRT_JSON_SCHEMA);
	json_bool(j, "virtualized", d->virtualized);
	json_string(j, "name", d->name);
	json_string(j, "type", type_text(d->type));
	json_object_begin(j, "paravirt");
	json_bool(j, "built_in", IS_ENABLED(CONFIG_PARAVIRT));
	json_bool(j, "allowed", virt_paravirt_allowed());
	json_bool(j, "available", virt_offers_paravirt(virt_evidence(), d));
	json_object_end(j);
	json_array_begin(j, "hypervisors");
	for (unsigned i = 0; i < d->count; i++)
		write_found(j, &d->found[i], i == 0);
	json_array_end(j);
	write_evidence(j, virt_evidence());
	json_object_end(j);
}

static void put_console(void *arg, const char *s, size_t n)
{
	(void)arg;
	console_write(s, n);
}

int virt_report_json(void)
{
	struct json j;

	json_begin(&j, put_console, NULL);
	write_document(&j);
	return json_end(&j) ? 0 : -EIO;
}
