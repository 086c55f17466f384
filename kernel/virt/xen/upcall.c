/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How Xen interrupts an x86 CPU for its events: by a vector past the local
 * APIC, which needs no end of interrupt, the same for all CPUs; or by one of
 * each CPU through its local APIC.
 *
 * Policy: the first, where Xen has it, for it saves an exit at each event.
 */
#define pr_fmt(fmt) "xen: " fmt

#include <kernel/errno.h>
#include <kernel/param.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <kernel/string.h>
#include <kernel/virt/x86.h>
#include "internal.h"

static const char *wanted = "callback";
param_string("xen-upcall", wanted,
	     "how Xen interrupts: callback (default), or apic");

static int vector;
static bool by_apic;

const char *xen_upcall_name(void)
{
	return by_apic ? "through the local APIC" : "past the local APIC";
}

static u64 callback_via(void)
{
	return HVM_PARAM_CALLBACK_TYPE_VECTOR << HVM_PARAM_CALLBACK_TYPE_SHIFT |
	       (u64)vector;
}

static int set_apic_vector(void)
{
	struct xen_hvm_evtchn_upcall_vector arg = {
		.vcpu = xen_vcpu(smp_processor_id()),
		.vector = (u8)vector,
	};

	return (int)xen_hvm_op(HVMOP_set_evtchn_upcall_vector, &arg);
}

int xen_upcall_start(void (*fn)(void))
{
	bool callback = xen_has_feature(XENFEAT_hvm_callback_vector);
	bool apic = virt_service_offered(HYPERV_TYPE_XEN, XEN_UPCALL);

	by_apic = apic && (!callback || !strcmp(wanted, "apic"));
	if (!callback && !apic)
		return -ENODEV;
	vector = arch_take_callback_vector(fn, by_apic);
	if (vector < 0)
		return vector;
	if (by_apic)
		return 0;
	return xen_hvm_set_param(HVM_PARAM_CALLBACK_IRQ, callback_via());
}

int xen_upcall_start_cpu(void)
{
	return by_apic ? set_apic_vector() : 0;
}

/* There is no way to take back an APIC's vector; its events are masked. */
void xen_upcall_stop_cpu(void)
{
	if (!by_apic && smp_processor_id() == 0)
		xen_hvm_set_param(HVM_PARAM_CALLBACK_IRQ, 0);
}

/* So that it is reported when it is used. */
static int start_vector(void)
{
	return by_apic ? 0 : -ENODEV;
}

static const struct virt_service vector_service = {
	.hypervisor = HYPERV_TYPE_XEN,
	.feature = XEN_UPCALL,
	.requires = XEN_EVENTS,
	.start = start_vector,
};
VIRT_SERVICE(2, vector_service);
