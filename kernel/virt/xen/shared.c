/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory shared with Xen: one page of the domain, and a vcpu_info of each CPU.
 *
 * Xen puts its page in the place of one of the guest's, which it takes. Every
 * CPU has its vcpu_info among its own variables, where no other CPU's writes
 * disturb it; where Xen does not take that, CPUs with Xen's numbers below
 * XEN_LEGACY_MAX_VCPUS have one in the page.
 */
#define pr_fmt(fmt) "xen: " fmt

#include <kernel/errno.h>
#include <kernel/mm/page.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include "internal.h"

/* Not torn by the end of a page. */
typedef struct vcpu_info own_info __attribute__((aligned(64)));
static DEFINE_PER_CPU(own_info, own_infos);
static DEFINE_PER_CPU(struct vcpu_info *, info);

static phys_addr_t page;

struct shared_info *xen_shared(void)
{
	return page ? phys_to_virt(page) : NULL;
}

struct vcpu_info *xen_vcpu_info(unsigned cpu)
{
	return READ_ONCE(per_cpu(info, cpu));
}

int xen_map_frame(unsigned space, u64 index, phys_addr_t *where)
{
	struct xen_add_to_physmap add = {
		.domid = DOMID_SELF,
		.space = space,
		.idx = index,
	};
	phys_addr_t at = alloc_pages(0, 0);
	long ret;

	if (!at)
		return -ENOMEM;
	add.gpfn = at / PAGE_SIZE;
	ret = xen_memory_op(XENMEM_add_to_physmap, &add);
	if (ret)
		free_pages(at, 0);
	else
		*where = at;
	return (int)ret;
}

void xen_unmap_frame(phys_addr_t where)
{
	u64 gpfn = where / PAGE_SIZE;
	struct xen_remove_from_physmap remove = {
		.domid = DOMID_SELF,
		.gpfn = gpfn,
	};
	struct xen_memory_reservation ram = {
		.extent_start = (uintptr_t)&gpfn,
		.nr_extents = 1,
		.domid = DOMID_SELF,
	};

	if (!xen_memory_op(XENMEM_remove_from_physmap, &remove))
		xen_memory_op(XENMEM_populate_physmap, &ram);
}

int xen_shared_start(void)
{
	return xen_map_frame(XENMAPSPACE_shared_info, 0, &page);
}

int xen_shared_start_cpu(void)
{
	unsigned vcpu = xen_vcpu(smp_processor_id());
	struct vcpu_info *own = this_cpu_ptr(own_infos);
	struct vcpu_register_vcpu_info where = {
		.mfn = xen_gfn(own),
		.offset = virt_to_phys(own) % PAGE_SIZE,
	};
	long ret = xen_vcpu_op(VCPUOP_register_vcpu_info, vcpu, &where);

	if (ret && vcpu >= XEN_LEGACY_MAX_VCPUS)
		return (int)ret;
	this_cpu_write(info, ret ? &xen_shared()->vcpu_info[vcpu] : own);
	return 0;
}

void xen_shared_stop(void)
{
	phys_addr_t was = page;

	page = 0;
	if (was)
		xen_unmap_frame(was);
}
