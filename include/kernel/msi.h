/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupts that are messages: a device writes some data to an address, and
 * the architecture's controller makes an interrupt of it. What a controller of
 * messages (PCI's MSI and MSI-X) needs of the architecture.
 */
#pragma once

#include <kernel/cpumask.h>

struct msi_message {
	u64 address;
	u32 data;
};

/* Who sends messages, as controllers tell devices apart. */
struct msi_requester {
	int fdt_node; /* of its host bridge in the machine's tree; 0: none */
	u16 segment;
	u16 id;	     /* bus << 8 | devfn, as it arrives at the host bridge */
	bool shared; /* so do the messages of others */
};

/* A device that may send messages; the architecture's. */
struct msi_device;

/* Where lines arrive: @count neighbouring vectors of one CPU. */
struct msi_route {
	struct msi_device *device;
	unsigned cpu;
	unsigned vector; /* the first one: the architecture's number */
	unsigned count;	 /* 0: no route */
};

/* MSI changes only the data's low bits, of which it has so many. */
#define MSI_ROUTE_MAX 32

/**
 * Let the device @who send up to @messages different messages. 0, with what
 * arch_msi_route() wants in *@device, which may be NULL, until
 * arch_msi_close(); -ENODEV (no controller of messages is meant for it, or it
 * does not answer), -ENOSPC (not so many) or -ENOMEM. In a thread.
 */
int arch_msi_open(const struct msi_requester *who, unsigned messages,
		  struct msi_device **device);

/** Undo it; there are no routes any more. In a thread. */
void arch_msi_close(struct msi_device *device);

/**
 * Vectors for lines [@irq, @irq + @count) of @device on one of @cpus, the one
 * with the most room. @count is a power of two up to MSI_ROUTE_MAX, and the
 * first vector a multiple of it. 0; -ENOSPC, -EINVAL (messages reach none of
 * @cpus) or -ENODEV (no such controller). Any context but NMI.
 */
int arch_msi_route(struct msi_device *device, unsigned irq, unsigned count,
		   const struct cpumask *cpus, struct msi_route *route);

/**
 * The same vectors on another of @cpus, so that of the message at most the low
 * half of the address differs. Interrupts by the old route still arrive for
 * some time. 0 and *@route is the new one, -EINVAL, or -EBUSY (the vectors
 * are in use there).
 */
int arch_msi_reroute(unsigned irq, const struct cpumask *cpus,
		     struct msi_route *route);

/** Give the vectors up. An interrupt on its way is counted as unhandled. */
void arch_msi_unroute(struct msi_route *route);

/** What the device writes for the first line of @route. */
void arch_msi_compose(const struct msi_route *route,
		      struct msi_message *message);
