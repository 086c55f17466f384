/* SPDX-License-Identifier: BSD-2-Clause */
/* Hypercalls are there, and what Xen says of itself. */
#define pr_fmt(fmt) "xen: " fmt

#include <kernel/errno.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include "internal.h"

static bool available;
static u32 features;
static DEFINE_PER_CPU(unsigned, vcpu);

bool xen_available(void)
{
	return READ_ONCE(available);
}

bool xen_has_feature(unsigned bit)
{
	return bit < 32 && features >> bit & 1;
}

unsigned xen_vcpu(unsigned cpu)
{
	return per_cpu(vcpu, cpu);
}

int xen_hvm_param(unsigned index, u64 *value)
{
	struct xen_hvm_param param = { .domid = DOMID_SELF, .index = index };
	long ret = xen_hvm_op(HVMOP_get_param, &param);

	if (!ret)
		*value = param.value;
	return (int)ret;
}

int xen_hvm_set_param(unsigned index, u64 value)
{
	struct xen_hvm_param param = {
		.domid = DOMID_SELF,
		.index = index,
		.value = value,
	};

	return (int)xen_hvm_op(HVMOP_set_param, &param);
}

static int start(void)
{
	struct xen_feature_info info = { .submap_idx = 0 };
	char extra[XEN_EXTRAVERSION_LEN + 1] = "";
	int err = xen_hypercall_enable();
	long version;

	if (err)
		return err;
	version = xen_version_op(XENVER_version, NULL);
	if (xen_version_op(XENVER_extraversion, extra))
		extra[0] = '\0';
	if (!xen_version_op(XENVER_get_features, &info))
		features = info.submap;
	WRITE_ONCE(available, true);
	pr_info("version %ld.%ld%s%s, features %#x", version >> 16,
		version & 0xffff, extra, xen_is_dom0() ? ", dom0" : "",
		features);
	return 0;
}

static int start_cpu(void)
{
	this_cpu_write(vcpu, arch_xen_vcpu());
	return 0;
}

static const struct virt_service hypercall_service = {
	.hypervisor = HYPERV_TYPE_XEN,
	.feature = XEN_HYPERCALLS,
	.start = start,
	.start_cpu = start_cpu,
};
VIRT_SERVICE(0, hypercall_service);
