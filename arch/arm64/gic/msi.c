/* SPDX-License-Identifier: BSD-2-Clause */
/* Which controller takes a device's messages: an ITS, else a GICv2m frame. */
#include <kernel/errno.h>
#include "gic.h"

int arch_msi_open(const struct msi_requester *who, unsigned messages,
		  struct msi_device **device)
{
	int ret = its_open(who, messages, device);

	if (ret != -ENODEV || !v2m_present())
		return ret;
	*device = NULL;
	return 0;
}

void arch_msi_close(struct msi_device *device)
{
	if (device)
		its_close(device);
}

int arch_msi_route(struct msi_device *device, unsigned irq, unsigned count,
		   const struct cpumask *cpus, struct msi_route *route)
{
	return device ? its_route(device, irq, count, cpus, route)
		      : v2m_route(irq, count, cpus, route);
}

int arch_msi_reroute(unsigned irq __unused, const struct cpumask *cpus,
		     struct msi_route *route)
{
	return route->device ? its_reroute(cpus, route)
			     : v2m_reroute(cpus, route);
}

void arch_msi_unroute(struct msi_route *route)
{
	if (route->device)
		its_unroute(route);
	else
		v2m_unroute(route);
}

void arch_msi_compose(const struct msi_route *route,
		      struct msi_message *message)
{
	if (route->device)
		its_compose(route, message);
	else
		v2m_compose(route, message);
}
