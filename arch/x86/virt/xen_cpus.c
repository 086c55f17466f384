/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The CPUs of a Xen guest whose firmware lists none, as where a kernel is
 * loaded in the firmware's place (firmware_override). Xen numbers its vCPUs
 * from 0 on, and gives them the even APIC IDs; a guest's CPU that is not what
 * this takes it for does not come up, or parks.
 */
#include <abi/xen/cpuid.h>
#include <asm/smp.h>
#include <kernel/virt/xen.h>

/* Policy: a Xen that says yes to every number is not believed. */
#define VCPUS_MAX 4096

void xen_layout_read(u32 boot_id, u32 id_max, struct cpu_layout *layout)
{
	layout->count = 1;
	layout->ids[0] = boot_id;
	if (!xen_available())
		return;
	for (u32 vcpu = 0; vcpu < VCPUS_MAX; vcpu++) {
		u32 id = vcpu * XEN_APIC_IDS_PER_VCPU;

		/* Up or down, it is there. */
		if (xen_vcpu_op(VCPUOP_is_up, vcpu, NULL) < 0)
			return;
		if (id == boot_id)
			continue;
		if (id > id_max)
			layout->unreachable++;
		else if (layout->count == layout->max)
			layout->left_alone++;
		else
			layout->ids[layout->count++] = id;
	}
}
