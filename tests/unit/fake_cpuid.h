/* SPDX-License-Identifier: BSD-2-Clause */
/* A CPUID that answers what a test says, and counts what it is asked. */
#pragma once

#include <kernel/string.h>
#include <kernel/virt/driver.h>

#define FAKE_LEAVES_MAX 600
#define KVM_AT		0x40000100U

static struct {
	u32 number;
	struct virt_leaf leaf;
} fake_leaves[FAKE_LEAVES_MAX];
static unsigned fake_leaf_count, fake_cpuid_calls;
/* What a leaf that was not set answers. */
static struct virt_leaf fake_default;

static struct virt_evidence ev;
static struct virt_detection det;

static inline void fake_cpuid(u32 leaf, u32 subleaf, struct virt_leaf *out)
{
	(void)subleaf;
	fake_cpuid_calls++;
	*out = fake_default;
	for (unsigned i = 0; i < fake_leaf_count; i++)
		if (fake_leaves[i].number == leaf)
			*out = fake_leaves[i].leaf;
}

static inline void set_leaf(u32 number, u32 eax, u32 ebx, u32 ecx, u32 edx)
{
	if (fake_leaf_count == FAKE_LEAVES_MAX)
		abort();
	fake_leaves[fake_leaf_count].number = number;
	fake_leaves[fake_leaf_count++].leaf =
		(struct virt_leaf){ eax, ebx, ecx, edx };
}

/* @signature: 12 bytes. */
static inline void set_block(u32 base, u32 max, const char *signature)
{
	u32 r[3];

	memcpy(r, signature, sizeof(r));
	set_leaf(base, max, r[0], r[1], r[2]);
}

static inline void set_hyperv_interface(u32 base)
{
	set_leaf(base + 1, 0x31237648, 0, 0, 0);
}

/* A machine without a hypervisor, whose highest basic leaf is 0xd. */
static inline void bare_metal(void)
{
	memset(&ev, 0, sizeof(ev));
	fake_leaf_count = 0;
	fake_cpuid_calls = 0;
	fake_default = (struct virt_leaf){ 0 };
	set_leaf(0, 0xd, 0x756e6547, 0x6c65746e, 0x49656e69);
	set_leaf(1, 0x806ea, 0, 0x7ffafbff, 0xbfebfbff);
	set_leaf(0xd, 7, 0x340, 0x340, 0);
}

/* The same with the hypervisor bit. */
static inline void virtual_machine(void)
{
	bare_metal();
	set_leaf(1, 0x806ea, 0, 0xfffafbff, 0xbfebfbff);
}

static inline void say_smbios(const char *manufacturer, const char *product)
{
	strscpy(ev.smbios.system_manufacturer, manufacturer, SMBIOS_STRING_MAX);
	strscpy(ev.smbios.system_product, product, SMBIOS_STRING_MAX);
}

static inline void detect(void)
{
	virt_scan_cpuid(&ev, fake_cpuid);
	virt_choose(&ev, &det);
}

/* The rank of type @type among the answers, or -1. */
static inline int rank_of(enum hypervisor_type type)
{
	for (unsigned i = 0; i < det.count; i++)
		if (det.found[i].hv && det.found[i].hv->type == type)
			return (int)i;
	return -1;
}

static inline bool offers(enum hypervisor_type type, const char *feature)
{
	int rank = rank_of(type);
	struct virt_feature *f;

	if (rank < 0)
		return false;
	f = virt_find_feature(det.found[rank].hv, feature);
	return f &&
	       virt_feature_offered(f, &ev,
				    virt_found_block(&ev, &det.found[rank]));
}
