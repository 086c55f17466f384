/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of single hypervisors share. */
#include <abi/hyperv/cpuid.h>
#include <abi/hypervisor_cpuid.h>
#include <abi/qemu/cpuid.h>
#include <abi/vmware/cpuid.h>
#include <kernel/string.h>
#include <kernel/virt/driver.h>
#include <kernel/vsprintf.h>

int virt_find_signature(const struct virt_evidence *ev, const char *signature)
{
	for (unsigned i = 0; i < ev->block_count; i++)
		if (!memcmp(ev->block[i].signature, signature,
			    VIRT_SIGNATURE_BYTES))
			return (int)i;
	return VIRT_NO_BLOCK;
}

bool virt_block_is_hyperv(const struct virt_block *block)
{
	return block->leaf[HV_CPUID_INTERFACE].eax == HV_INTERFACE_HV_1;
}

bool virt_match_signature(const struct virt_evidence *ev,
			  const char *const *signatures, unsigned count,
			  struct virt_match *match)
{
	for (unsigned i = 0; i < count; i++) {
		int index = virt_find_signature(ev, signatures[i]);

		if (index == VIRT_NO_BLOCK)
			continue;
		match->block = index;
		match->opaque = virt_block_is_hyperv(&ev->block[index]);
		match->strength = match->opaque ? VIRT_MATCH_VENDOR
						: VIRT_MATCH_SIGNATURE;
		match->reason = "CPUID signature";
		return true;
	}
	return false;
}

bool virt_smbios_is_qemus(const struct smbios_info *smbios)
{
	return !strcmp(smbios->system_manufacturer, "QEMU") ||
	       str_has_prefix(smbios->system_product, "Standard PC (");
}

bool virt_vmware_is_named(const struct virt_evidence *ev)
{
	return str_has_prefix(ev->smbios.system_manufacturer, "VMware") ||
	       virt_find_signature(ev, VMWARE_SIGNATURE) != VIRT_NO_BLOCK;
}

bool virt_backdoor_is_vmwares(const struct virt_evidence *ev)
{
	bool qemu =
		virt_smbios_is_qemus(&ev->smbios) ||
		virt_find_signature(ev, QEMU_TCG_SIGNATURE) != VIRT_NO_BLOCK;

	return ev->backdoor.answers && (!qemu || virt_vmware_is_named(ev));
}

bool virt_match_smbios(bool named, enum virt_strength strength,
		       struct virt_match *match)
{
	if (!named)
		return false;
	match->block = VIRT_NO_BLOCK;
	match->opaque = false;
	match->strength = strength;
	match->reason = "SMBIOS";
	return true;
}

bool virt_match_smccc(const struct virt_evidence *ev,
		      const u32 uid[VIRT_SMCCC_UID_WORDS],
		      struct virt_match *match)
{
	if (!ev->smccc.uid_present ||
	    memcmp(ev->smccc.uid, uid, sizeof(ev->smccc.uid)))
		return false;
	match->block = VIRT_NO_BLOCK;
	match->opaque = false;
	match->strength = VIRT_MATCH_SIGNATURE;
	match->reason = "SMCCC UID";
	return true;
}

bool virt_match_fdt(bool named, struct virt_match *match)
{
	if (!virt_match_smbios(named, VIRT_MATCH_SMBIOS, match))
		return false;
	match->reason = "device tree";
	return true;
}

/* The registers hold the UUID's bytes in order, the first one lowest. */
const char *virt_uid_text(const u32 uid[VIRT_SMCCC_UID_WORDS], char *text)
{
	const char *format = "xxxx-xx-xx-xx-xxxxxx";
	char *p = text;
	unsigned n = 0;

	for (; *format; format++) {
		if (*format == '-') {
			*p++ = '-';
			continue;
		}
		p += scnprintf(p, 3, "%02x", uid[n / 4] >> n % 4 * 8 & 0xff);
		n++;
	}
	*p = '\0';
	return text;
}

u64 virt_timing_leaf_khz(const struct virt_block *block)
{
	return block->leaf[HYPERVISOR_CPUID_TIMING].eax;
}

u64 virt_timing_leaf_apic_khz(const struct virt_block *block)
{
	return block->leaf[HYPERVISOR_CPUID_TIMING].ebx;
}

static bool signature_byte_is_plain(u8 c)
{
	return c >= ' ' && c <= '~' && c != '"' && c != '\\';
}

const char *virt_signature_text(const char *signature, char *text)
{
	static const char digits[] = "0123456789abcdef";
	size_t length = VIRT_SIGNATURE_BYTES;
	char *p = text;

	while (length && !signature[length - 1])
		length--;
	for (size_t i = 0; i < length; i++) {
		u8 c = (u8)signature[i];

		if (signature_byte_is_plain(c)) {
			*p++ = (char)c;
			continue;
		}
		*p++ = '\\';
		*p++ = 'x';
		*p++ = digits[c >> 4];
		*p++ = digits[c & 0xf];
	}
	*p = '\0';
	return text;
}
