/* SPDX-License-Identifier: BSD-2-Clause */
/* The shell's `virt`: what was found, on what evidence, and what it offers. */
#include "report.h"
#include <kernel/console.h>
#include <kernel/errno.h>
#include <kernel/shell.h>
#include <kernel/string.h>

enum virt_answer virt_feature_answer(const struct virt_feature *feature,
				     enum virt_feature_state fact)
{
	if (fact == VIRT_ENABLED && !(feature->state & VIRT_OFFERED))
		return VIRT_ANSWER_NONE;
	if (fact == VIRT_VERIFIED && !(feature->state & VIRT_ENABLED))
		return VIRT_ANSWER_NONE;
	return feature->state & fact ? VIRT_ANSWER_YES : VIRT_ANSWER_NO;
}

static const char *answer_text(const struct virt_feature *feature,
			       enum virt_feature_state fact)
{
	static const char *const text[] = { "no", "yes", "-" };

	return text[virt_feature_answer(feature, fact)];
}

static void print_found(const struct virt_evidence *ev,
			const struct virt_found *found, bool primary)
{
	char name[VIRT_NAME_MAX];

	console_printf("  %c %-24s ", primary ? '*' : ' ',
		       virt_found_name(ev, found, name));
	if (found->match.block == VIRT_NO_BLOCK)
		console_printf("%-11s", "-");
	else
		console_printf("%#-11x", ev->block[found->match.block].base);
	console_printf(" %s%s\n", found->match.reason,
		       found->hv && found->match.opaque ? ", name only" : "");
}

static void print_hypervisors(const struct virt_evidence *ev,
			      const struct virt_detection *d)
{
	console_printf("Hypervisor: %s\n",
		       d->virtualized ? d->name : "None (bare metal)");
	for (unsigned i = 0; i < d->count; i++)
		print_found(ev, &d->found[i], i == 0);
}

static void print_block(const struct virt_block *block)
{
	char text[VIRT_SIGNATURE_TEXT_MAX];

	console_printf("  CPUID %#x  \"%s\", leaves to %#x", block->base,
		       virt_signature_text(block->signature, text),
		       block->max_trusted);
	if (block->max_claimed != block->max_trusted)
		console_printf(" (claims %#x)", block->max_claimed);
	console_puts("\n");
}

static void print_strings(const char *what, const char *a, const char *b,
			  const char *c)
{
	if (!*a && !*b && !*c)
		return;
	console_printf("  %-16s  \"%s\" \"%s\"", what, a, b);
	if (*c)
		console_printf(" \"%s\"", c);
	console_puts("\n");
}

static void print_evidence(const struct virt_evidence *ev)
{
	const struct smbios_info *smbios = &ev->smbios;
	char uid[VIRT_UID_TEXT_MAX];

	console_puts("Evidence:\n");
	if (!ev->looked_at)
		console_printf("  CPUID.1.ECX[31]   %d\n", ev->hypervisor_bit);
	for (unsigned i = 0; i < ev->block_count; i++)
		print_block(&ev->block[i]);
	if (ev->blocks_repeated || ev->blocks_dropped)
		console_printf("  CPUID             %u blocks repeated, "
			       "%u more ignored\n",
			       ev->blocks_repeated, ev->blocks_dropped);
	print_strings("SMBIOS system", smbios->system_manufacturer,
		      smbios->system_product, smbios->system_version);
	print_strings("SMBIOS board", smbios->board_manufacturer,
		      smbios->board_product, "");
	print_strings("SMBIOS BIOS", smbios->bios_vendor, smbios->bios_version,
		      smbios->virtual_machine ? "virtual machine" : "");
	print_strings("ACPI tables", ev->acpi.oem_id, ev->acpi.oem_table_id,
		      ev->acpi.hypervisor_vendor);
	if (ev->smccc.uid_present)
		console_printf("  SMCCC UID         %s, calls %08x %08x\n",
			       virt_uid_text(ev->smccc.uid, uid),
			       ev->smccc.offers[0],
			       ev->smccc.offers[VIRT_SMCCC_WORDS - 1]);
	print_strings("Device tree", ev->fdt.machine, ev->fdt.hypervisor,
		      ev->fdt.fw_cfg ? "QEMU's fw_cfg" : "");
	if (ev->backdoor.answers)
		console_printf("  VMware backdoor   version %u, product %u\n",
			       ev->backdoor.version, ev->backdoor.product);
}

static void print_features(const struct hypervisor *hv)
{
	const struct virt_feature *f = hv->features;

	if (!f) {
		console_printf("Features of %s: none published\n", hv->name);
		return;
	}
	console_printf("Features of %-20s offered  enabled  verified\n",
		       hv->name);
	for (; f->name; f++)
		console_printf("  %-30s %-8s %-8s %s\n", f->name,
			       answer_text(f, VIRT_OFFERED),
			       answer_text(f, VIRT_ENABLED),
			       answer_text(f, VIRT_VERIFIED));
}

static void print_table(void)
{
	const struct virt_detection *d = virt_detection();

	print_hypervisors(virt_evidence(), d);
	print_evidence(virt_evidence());
	for (unsigned i = 0; i < d->count; i++)
		if (d->found[i].hv)
			print_features(d->found[i].hv);
}

static int virt_command(int argc, char **argv)
{
	if (argc == 1) {
		print_table();
		return 0;
	}
	if (argc == 2 && !strcmp(argv[1], "--json"))
		return virt_report_json();
	return -EINVAL;
}
SHELL_COMMAND(virt, "[--json]", "Show the hypervisor and what it offers",
	      virt_command);
