/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What drivers use of Xen: hypercalls, and event channels. Usable from level
 * PARAVIRT on where xen_available(); elsewhere every call answers -ENOSYS.
 * Functions return -errno, which for what Xen refuses is Xen's own number.
 *
 * Memory that a hypercall is given is passed by virtual address: kernel
 * memory of any kind that is mapped and stays where it is for the call.
 */
#pragma once

#include <abi/xen/event_channel.h>
#include <abi/xen/hvm.h>
#include <abi/xen/memory.h>
#include <abi/xen/sched.h>
#include <abi/xen/vcpu.h>
#include <abi/xen/version.h>
#include <abi/xen/xen.h>
#include <kernel/compiler.h>
#include <kernel/mm/map.h>

/**
 * Hypercall @number, below XEN_HYPERCALL_STUBS, with as many arguments as it
 * has, the others 0. What Xen returns, or -ENOSYS: there are no hypercalls.
 * The architecture's. Any context, NMI included.
 */
long xen_hypercall(unsigned number, unsigned long a, unsigned long b,
		   unsigned long c, unsigned long d, unsigned long e);

/**
 * Find out whether there are hypercalls, and make them usable: 0 or -ENODEV.
 * The architecture's. More than once, and before level VIRT, does no harm.
 */
int xen_hypercall_enable(void);

/** This CPU's number as Xen counts, from hypercalls on. The architecture's. */
unsigned arch_xen_vcpu(void);

/* Where Xen was found and answers, as far as this page is concerned. */
#ifdef CONFIG_XEN_PARAVIRT

/** True if hypercalls may be made. Any context. */
bool xen_available(void);

/** True if Xen states feature @bit, XENFEAT_..., below 32. Any context. */
bool xen_has_feature(unsigned bit);

/** True in the domain that owns the machine. Any context. */
static inline bool xen_is_dom0(void)
{
	return xen_has_feature(XENFEAT_dom0);
}

/** What Xen calls @cpu, which is up. Any context. */
unsigned xen_vcpu(unsigned cpu);

#else

static inline bool xen_available(void)
{
	return false;
}

static inline bool xen_is_dom0(void)
{
	return false;
}

#endif

/* One wrapper for each call; commands and their structures: <abi/xen/>. */

static inline long xen_memory_op(unsigned cmd, void *arg)
{
	return xen_hypercall(__HYPERVISOR_memory_op, cmd, (uintptr_t)arg, 0, 0,
			     0);
}

static inline long xen_version_op(unsigned cmd, void *arg)
{
	return xen_hypercall(__HYPERVISOR_xen_version, cmd, (uintptr_t)arg, 0,
			     0, 0);
}

static inline long xen_event_channel_op(unsigned cmd, void *arg)
{
	return xen_hypercall(__HYPERVISOR_event_channel_op, cmd, (uintptr_t)arg,
			     0, 0, 0);
}

/* @vcpu: by Xen's number. */
static inline long xen_vcpu_op(unsigned cmd, unsigned vcpu, void *arg)
{
	return xen_hypercall(__HYPERVISOR_vcpu_op, cmd, vcpu, (uintptr_t)arg, 0,
			     0);
}

static inline long xen_sched_op(unsigned cmd, void *arg)
{
	return xen_hypercall(__HYPERVISOR_sched_op, cmd, (uintptr_t)arg, 0, 0,
			     0);
}

static inline long xen_hvm_op(unsigned cmd, void *arg)
{
	return xen_hypercall(__HYPERVISOR_hvm_op, cmd, (uintptr_t)arg, 0, 0, 0);
}

/* @ops: an array of @count structures, as @cmd has them. */
static inline long xen_grant_table_op(unsigned cmd, void *ops, unsigned count)
{
	return xen_hypercall(__HYPERVISOR_grant_table_op, cmd, (uintptr_t)ops,
			     count, 0, 0);
}

/* -EPERM for domains that may not; CONSOLEIO_read: how many bytes it read. */
static inline long xen_console_io(unsigned cmd, unsigned count, void *text)
{
	return xen_hypercall(__HYPERVISOR_console_io, cmd, count,
			     (uintptr_t)text, 0, 0);
}

static inline long xen_vm_assist(unsigned cmd, unsigned type)
{
	return xen_hypercall(__HYPERVISOR_vm_assist, cmd, type, 0, 0, 0);
}

/** Guest frame number of a page of RAM, or of the kernel's image. */
static inline u64 xen_gfn(const void *page)
{
	return virt_to_phys(page) / 4096;
}

/**
 * Have Xen put frame @index of @space, XENMAPSPACE_..., in the place of a page
 * of RAM, which it takes; *@where is its address. 0 or -errno. From level
 * PARAVIRT on, any context but NMI.
 */
int xen_map_frame(unsigned space, u64 index, phys_addr_t *where);

/**
 * Xen's frame goes, and RAM comes to its place, as it was; it is not given
 * back to the allocator. Any context.
 */
void xen_unmap_frame(phys_addr_t where);

/* HVM parameter @index, HVM_PARAM_...: 0 or -errno. */
int xen_hvm_param(unsigned index, u64 *value);
int xen_hvm_set_param(unsigned index, u64 value);

/*
 * Event channels. A port is given out by Xen, or was bound by the toolstack
 * (those of the console and of xenstore). It comes masked. Its events go to
 * xen_event_handle()'s function, or to a line that drivers request; one that
 * has neither is masked when it comes, and counted.
 *
 * In a thread or at boot, unless it says otherwise.
 */

/** A new port to which domain @domid may bind its end. The port or -errno. */
int xen_event_alloc_unbound(xen_domid_t domid);
/** A new port, bound to @remote_port of @domid. The port or -errno. */
int xen_event_bind_interdomain(xen_domid_t domid, unsigned remote_port);
/** A new port for VIRQ @virq of @cpu, to which its events go. */
int xen_event_bind_virq(unsigned virq, unsigned cpu);
/** A new port by which CPUs can tell @cpu something. */
int xen_event_bind_ipi(unsigned cpu);

/** Give @port back to Xen. Nobody handles it any more on return. */
void xen_event_close(unsigned port);

/**
 * Have @fn called with @port and @context for each of its events, in interrupt
 * context on the CPU it is bound to, and unmask it. 0, -ERANGE (no such port),
 * -EBUSY (it has a handler) or -ENOMEM.
 */
int xen_event_handle(unsigned port, void (*fn)(unsigned port, void *context),
		     void *context);

/**
 * The line, for irq_request() with IRQ_TRIGGER_MESSAGE, on which @port's
 * events come; always the same until the port is closed, which is after
 * irq_free(). While nobody has requested it, it is masked. -errno as above.
 */
int xen_event_irq(unsigned port);

/** Tell the other end of @port. 0 or -errno. Any context, NMI included. */
int xen_event_notify(unsigned port);

/**
 * Mask @port: what comes stays pending. Unmask it: what is pending comes at
 * once, to the CPU it is bound to. Any context but NMI.
 */
void xen_event_mask(unsigned port);
void xen_event_unmask(unsigned port);

/** True if an event came that was not delivered. Any context. */
bool xen_event_pending(unsigned port);
/** Forget it, for those who poll a masked port. Any context. */
void xen_event_clear(unsigned port);

/** Let @cpu, which is up, take @port's events; not of a VIRQ or IPI. */
int xen_event_set_cpu(unsigned port, unsigned cpu);

/** Priority of the FIFO ABI, EVTCHN_FIFO_PRIORITY_...; -ENOSYS with the other.
 */
int xen_event_set_priority(unsigned port, unsigned priority);

struct xen_event_stats {
	const char *abi;   /* "fifo" or "2-level" */
	u64 upcalls;	   /* on all CPUs */
	u64 without_cause; /* of these, with nothing pending */
	u64 events;	   /* delivered */
	u64 unbound;	   /* of ports that nobody handles */
	u64 broken;	   /* links, heads and words that cannot be */
};
void xen_event_get_stats(struct xen_event_stats *out);
