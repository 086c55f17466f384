/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Xen's hypercalls and what they have in common: Xen, xen/include/public/xen.h.
 * A call returns -errno with Linux's numbers (public/errno.h).
 */
#pragma once

#include <kernel/types.h>

#define __HYPERVISOR_memory_op	      12
#define __HYPERVISOR_xen_version      17
#define __HYPERVISOR_console_io	      18
#define __HYPERVISOR_grant_table_op   20
#define __HYPERVISOR_vm_assist	      21
#define __HYPERVISOR_vcpu_op	      24
#define __HYPERVISOR_sched_op	      29
#define __HYPERVISOR_event_channel_op 32
#define __HYPERVISOR_hvm_op	      34

/* arch-x86/xen.h: the hypercall page holds so many calls, so far apart. */
#define XEN_HYPERCALL_PAGE_SIZE 4096
#define XEN_HYPERCALL_STUB_SIZE 32
#define XEN_HYPERCALL_STUBS	128

typedef u16 xen_domid_t;
#define DOMID_SELF 0x7ff0

/* Virtual interrupts; V: of each vCPU. */
#define VIRQ_TIMER   0 /* V: vcpu.h's timers */
#define VIRQ_DEBUG   1 /* V */
#define VIRQ_CONSOLE 2 /* dom0: input on Xen's console */
#define NR_VIRQS     24

/* console_io */
#define CONSOLEIO_write 0
#define CONSOLEIO_read	1

/* vm_assist */
#define VMASST_CMD_enable		 0
#define VMASST_CMD_disable		 1
#define VMASST_TYPE_runstate_update_flag 5

_Static_assert(__HYPERVISOR_hvm_op < XEN_HYPERCALL_STUBS &&
		       XEN_HYPERCALL_STUBS * XEN_HYPERCALL_STUB_SIZE ==
			       XEN_HYPERCALL_PAGE_SIZE,
	       "arch-x86/xen.h");
