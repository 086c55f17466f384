/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Paravirtual services: what this kernel does with one feature of a
 * hypervisor. A service is registered beside its code:
 *
 *	static const struct virt_service steal_service = {
 *		.hypervisor = HYPERV_TYPE_KVM,
 *		.feature = "steal-time",
 *		.off = &no_steal_time,
 *		.start_cpu = steal_start_cpu,
 *		.stop_cpu = steal_stop_cpu,
 *	};
 *	VIRT_SERVICE(1, steal_service);
 *
 * It is started at level PARAVIRT if the hypervisor was found and offers the
 * feature, unless the command line says otherwise; then the feature is
 * reported as enabled. A service that cannot be started is reported in one
 * line, and the boot goes on without it.
 *
 * Whatever a service shares with the host is given back by stop_cpu(), on
 * each CPU, and stop(), before the machine is reset, turned off or left in a
 * panic: the last service that was started is stopped first.
 */
#pragma once

#include <kernel/table.h>
#include <kernel/virt/hypervisor.h>

/*
 * What is done by one service at most, where interfaces are stacked (KVM with
 * Hyper-V's, Xen with viridian): the first in the order of the table that can
 * be started. A hypervisor's own interface comes before one that it imitates,
 * since it knows more there: KVM's and Xen's orders are below Hyper-V's.
 * Clocks and timers are not among them: they are ranked by their ratings.
 */
enum virt_role {
	VIRT_ROLE_NONE, /* nobody else does it */
	VIRT_ROLE_IPI,
	VIRT_ROLE_TLB_FLUSH,
	VIRT_ROLE_SPIN,
	VIRT_ROLE_EOI,
	VIRT_ROLE_STEAL,
	VIRT_ROLE_IDLE,
};

struct virt_service {
	enum hypervisor_type hypervisor;
	const char *feature;  /* of that hypervisor's list: the one it uses */
	const char *also;     /* another one that goes with it, or NULL */
	const char *requires; /* a feature whose service must run, or NULL */
	const bool *off;      /* the command line's; may be NULL */
	enum virt_role role;
	/*
	 * On the boot CPU, which is alone: 0 or -errno; -ENODEV: there is no
	 * use for it here, which is not reported. May be NULL.
	 */
	int (*start)(void);
	/*
	 * On each CPU, the boot CPU after start(), others as they come up,
	 * with interrupts masked: 0 or -errno. May be NULL.
	 */
	int (*start_cpu)(void);
	/*
	 * The same, to share nothing with the host any more. Any context, NMI
	 * included; also on a CPU where start_cpu() failed. May be NULL.
	 */
	void (*stop_cpu)(void);
	/*
	 * The same for what all CPUs share, once, on the last CPU, when all
	 * have stopped. Any context. May be NULL.
	 */
	void (*stop)(void);
};

TABLE_DECLARE(const struct virt_service, virt_service);

/** Register @object to be started in turn @order, one digit. */
#define VIRT_SERVICE(order, object) \
 TABLE_ENTRY(const struct virt_service, virt_service, order, object)

#ifdef CONFIG_PARAVIRT

/** True if a service for @feature of hypervisor @type runs. */
bool virt_service_runs(enum hypervisor_type type, const char *feature);

/** True if hypervisor @type was found and offers @feature. */
bool virt_service_offered(enum hypervisor_type type, const char *feature);

/**
 * A self-test saw the feature do its job: reported as verified, if it is
 * enabled.
 */
void virt_service_verified(enum hypervisor_type type, const char *feature);

/**
 * It does not do its job: reported as not enabled, with @why in one line. The
 * service sees to it that it is not used any more.
 */
void virt_service_failed(enum hypervisor_type type, const char *feature,
			 const char *why);

/** This CPU runs no more: take back what it shares. Any context. */
void virt_services_stop_cpu(void);

/** The last CPU leaves: the same, and what all shared. Any context. */
void virt_services_stop(void);

#else

static inline void virt_services_stop_cpu(void)
{
}

static inline void virt_services_stop(void)
{
}

#endif
