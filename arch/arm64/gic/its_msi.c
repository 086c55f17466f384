/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages through an ITS: devices, their events, and where those go. */
#define pr_fmt(fmt) "gic: " fmt

#include <abi/arm64/gic_its.h>
#include <kernel/errno.h>
#include <kernel/mm/page.h>
#include <kernel/mm/slab.h>
#include <kernel/printk.h>
#include "its.h"

/* A device that several functions' messages seem to come from has more. */
#define EVENTS_MIN    MSI_ROUTE_MAX
#define EVENTS_SHARED 256

/* What an ITS calls a device; requesters may share it. */
struct msi_device {
	struct msi_device *next;
	struct its *its;
	u32 id;
	unsigned users;
	unsigned bits; /* of an event's number */
	phys_addr_t table;
	unsigned order; /* of the table's pages */
	unsigned last_cpu;
	u16 lpi[]; /* of each event, 0: free */
};
_Static_assert(GIC_LPI_FIRST * 2 <= UINT16_MAX, "LPIs fit");

static unsigned bits_for(unsigned events)
{
	return 32 - (unsigned)__builtin_clz(events - 1);
}

/* Under the ITS's lock. */
static struct msi_device *find_device(const struct its *its, u32 id)
{
	struct msi_device *device = its->first;

	while (device && device->id != id)
		device = device->next;
	return device;
}

/* Under the ITS's lock: tell the ITS of it. */
static int map(struct msi_device *device, bool valid)
{
	struct its_command command =
		its_mapd(device->id, device->table, device->bits, valid);

	return its_do(device->its, &command, 1);
}

/* Under the ITS's lock. */
static int create(struct its *its, u32 id, unsigned bits,
		  struct msi_device **made)
{
	u64 bytes = BIT64(bits) * GITS_TYPER_ITT_ENTRY(its->type);
	struct msi_device *device;
	int ret = its_table_reach(&its->devices, id);

	if (ret)
		return ret;
	device = kzalloc(sizeof(*device) + sizeof(device->lpi[0]) * BIT(bits));
	if (!device)
		return -ENOMEM;
	device->its = its;
	device->id = id;
	device->bits = bits;
	device->order = page_order_for(bytes);
	device->table = alloc_pages(device->order, ALLOC_ZERO);
	ret = device->table ? map(device, true) : -ENOMEM;
	if (!ret) {
		device->next = its->first;
		its->first = device;
		*made = device;
		return 0;
	}
	/* A table that the ITS may know of stays. */
	if (ret == -ENOMEM)
		kfree(device);
	return ret == -ENOMEM ? ret : -ENODEV;
}

int its_open(const struct msi_requester *who, unsigned messages,
	     struct msi_device **device)
{
	unsigned events =
		MAX(messages, who->shared ? EVENTS_SHARED : EVENTS_MIN);
	unsigned bits = bits_for(events);
	unsigned long state;
	struct its *its;
	int ret = 0;
	u32 id;

	its = its_for(who, &id);
	if (!its)
		return -ENODEV;
	if (bits > GITS_TYPER_EVENT_BITS(its->type))
		return -ENOSPC;
	state = spin_lock_irqsave(&its->lock);
	*device = find_device(its, id);
	if (!*device)
		ret = create(its, id, bits, device);
	if (!ret && (*device)->bits < bits)
		ret = -ENOSPC;
	if (!ret)
		(*device)->users++;
	spin_unlock_irqrestore(&its->lock, state);
	return ret;
}

static void destroy(struct msi_device *device)
{
	struct msi_device **link = &device->its->first;

	while (*link != device)
		link = &(*link)->next;
	*link = device->next;
	if (!map(device, false))
		free_pages(device->table, device->order);
	kfree(device);
}

void its_close(struct msi_device *device)
{
	struct its *its = device->its;
	unsigned long state = spin_lock_irqsave(&its->lock);

	if (!--device->users)
		destroy(device);
	spin_unlock_irqrestore(&its->lock, state);
}

/* The first of @count free neighbours, a multiple of it, or -ENOSPC. */
static int find_events(const struct msi_device *device, unsigned count)
{
	for (unsigned at = 0; at < BIT(device->bits); at += count) {
		unsigned used = 0;

		for (unsigned i = 0; i < count; i++)
			used |= device->lpi[at + i];
		if (!used)
			return (int)at;
	}
	return -ENOSPC;
}

/* In turn, so that no CPU gets all: one that the ITS reaches. */
static unsigned choose_cpu(struct msi_device *device,
			   const struct cpumask *cpus)
{
	unsigned cpu = device->last_cpu;

	for (unsigned n = 0; n < CONFIG_NR_CPUS; n++) {
		cpu = cpumask_next_cyclic(cpus, cpu);
		if (cpu == CONFIG_NR_CPUS)
			return cpu;
		if (cpumask_test(&device->its->mapped, cpu)) {
			device->last_cpu = cpu;
			return cpu;
		}
	}
	return CONFIG_NR_CPUS;
}

/* Give back the LPIs of so many events; not to others if they @may_come. */
static void drop(struct msi_device *device, unsigned first, unsigned count,
		 bool may_come)
{
	for (unsigned i = first; i < first + count; i++) {
		lpi_give_back(device->lpi[i], may_come);
		WRITE_ONCE(device->lpi[i], 0);
	}
}

static int take(struct msi_device *device, unsigned first, unsigned irq,
		unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		int lpi = lpi_take(irq + i);

		if (lpi < 0) {
			drop(device, first, i, false);
			return lpi;
		}
		device->lpi[first + i] = (u16)lpi;
	}
	return 0;
}

/* Under the ITS's lock: events [@first, @first + @count) go to @cpu. */
static int map_events(struct msi_device *device, unsigned first, unsigned count,
		      unsigned cpu)
{
	struct its_command commands[2 * MSI_ROUTE_MAX + 1];
	unsigned n = 0;

	for (unsigned i = first; i < first + count; i++) {
		commands[n++] =
			its_mapti(device->id, i, device->lpi[i], (u16)cpu);
		/* It may have been read as it was for another device. */
		commands[n++] = its_inv(device->id, i);
	}
	commands[n++] = its_sync(lpi_target(device->its, cpu));
	return its_do(device->its, commands, n);
}

/* Under the ITS's lock. */
static int route_locked(struct msi_device *device, unsigned irq, unsigned count,
			unsigned cpu)
{
	int first = find_events(device, count);
	int ret;

	if (first < 0)
		return first;
	ret = take(device, (unsigned)first, irq, count);
	if (ret)
		return ret;
	if (!map_events(device, (unsigned)first, count, cpu))
		return first;
	drop(device, (unsigned)first, count, true);
	return -ENODEV;
}

int its_route(struct msi_device *device, unsigned irq, unsigned count,
	      const struct cpumask *cpus, struct msi_route *route)
{
	unsigned long state = spin_lock_irqsave(&device->its->lock);
	unsigned cpu = choose_cpu(device, cpus);
	int first = cpu == CONFIG_NR_CPUS
			    ? -EINVAL
			    : route_locked(device, irq, count, cpu);

	spin_unlock_irqrestore(&device->its->lock, state);
	if (first < 0)
		return first;
	*route = (struct msi_route){
		.device = device,
		.cpu = cpu,
		.vector = (unsigned)first,
		.count = count,
	};
	return 0;
}

/*
 * The ITS takes what is pending along to the new CPU: 5.3.9. Then both are in
 * step: what came before comes to the one or to the other.
 */
static int move_events(const struct msi_route *route, unsigned cpu)
{
	struct msi_device *device = route->device;
	struct its_command commands[MSI_ROUTE_MAX + 2];
	unsigned n = 0;

	for (unsigned i = 0; i < route->count; i++)
		commands[n++] =
			its_movi(device->id, route->vector + i, (u16)cpu);
	commands[n++] = its_sync(lpi_target(device->its, route->cpu));
	commands[n++] = its_sync(lpi_target(device->its, cpu));
	return its_do(device->its, commands, n);
}

int its_reroute(const struct cpumask *cpus, struct msi_route *route)
{
	struct msi_device *device = route->device;
	unsigned long state = spin_lock_irqsave(&device->its->lock);
	unsigned cpu = choose_cpu(device, cpus);
	int ret = cpu == CONFIG_NR_CPUS ? -EINVAL : move_events(route, cpu);

	spin_unlock_irqrestore(&device->its->lock, state);
	if (ret)
		return -EINVAL;
	route->cpu = cpu;
	return 0;
}

void its_unroute(struct msi_route *route)
{
	struct msi_device *device = route->device;
	struct its_command commands[MSI_ROUTE_MAX + 1];
	unsigned long state;
	unsigned n = 0;
	int ret;

	if (!route->count)
		return;
	for (unsigned i = 0; i < route->count; i++)
		commands[n++] = its_discard(device->id, route->vector + i);
	commands[n++] = its_sync(lpi_target(device->its, route->cpu));
	state = spin_lock_irqsave(&device->its->lock);
	ret = its_do(device->its, commands, n);
	drop(device, route->vector, route->count, ret);
	spin_unlock_irqrestore(&device->its->lock, state);
	route->count = 0;
}

void its_compose(const struct msi_route *route, struct msi_message *message)
{
	message->address = route->device->its->base + GITS_TRANSLATER;
	message->data = route->vector;
}
