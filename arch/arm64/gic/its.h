/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Between the files of the Interrupt Translation Service: IHI 0069, chapter 5.
 * A device writes the number of an event; the ITS finds the device in one
 * table and the event in the device's own, which name an LPI and a collection,
 * which is a CPU. Tables are changed by commands only.
 */
#pragma once

#include <kernel/cpumask.h>
#include <kernel/msi.h>
#include <kernel/spinlock.h>
#include "gic.h"

/*
 * How long it may take to carry commands out. They take microseconds, unless
 * the host has something else to do.
 */
#define ITS_TIMEOUT_MS 1000

/* Most commands at a time. */
#define ITS_BATCH_MAX (3 * MSI_ROUTE_MAX)

/* Policy: tables up to this size are flat. */
#define ITS_FLAT_MAX 0x10000U
/* ... and none, or its first level, gets more than this. */
#define ITS_TABLE_MAX 0x100000U

struct its_command {
	u64 word[4];
};

/* A table of the ITS's, in one level or two. */
struct its_table {
	void *memory;	/* NULL: the ITS needs none */
	u64 entries;	/* it has, at most */
	u32 entry_size; /* bytes */
	u32 page_size;
	bool indirect; /* memory has the addresses of pages */
};

struct its {
	phys_addr_t base;
	char __iomem *registers;
	u32 id;		      /* in the MADT */
	int fdt_node;	      /* or 0 */
	u64 type;	      /* GITS_TYPER */
	struct spinlock lock; /* of what follows */
	bool broken;	      /* it does not answer any more */
	u64 *queue;
	unsigned next; /* the next command's place */
	struct its_table devices;
	u64 collections; /* CPUs below this number can be reached */
	struct cpumask mapped;
	struct msi_device *first;
};

/* Commands (its_queue.c): 5.3. @target is what lpi_target() says. */
struct its_command its_mapd(u32 device, phys_addr_t table, unsigned bits,
			    bool valid);
struct its_command its_mapc(u16 collection, u64 target);
struct its_command its_mapti(u32 device, u32 event, u32 lpi, u16 collection);
struct its_command its_movi(u32 device, u32 event, u16 collection);
struct its_command its_inv(u32 device, u32 event);
struct its_command its_discard(u32 device, u32 event);
struct its_command its_sync(u64 target);

/** Allocate the queue and tell the ITS, which is off. 0 or -errno. */
int its_queue_init(struct its *its);

/**
 * Have up to ITS_BATCH_MAX commands carried out. 0, or -EIO: the ITS is
 * broken, after one message. Under its lock.
 */
int its_do(struct its *its, const struct its_command *commands, unsigned count);

/**
 * Give the ITS, which is off, the tables it wants (its_table.c). 0 or -errno
 * after a message.
 */
int its_tables_init(struct its *its);

/** Make entry @index of @table exist. 0, -ERANGE or -ENOMEM. */
int its_table_reach(struct its_table *table, u64 index);

/** Any ITS that works, from level IRQ on. */
bool its_present(void);

/** The ITS meant for @who, and what it knows it by, or NULL. */
struct its *its_for(const struct msi_requester *who, u32 *device);

/*
 * LPIs (lpi.c).
 */

/** Tables for LPIs. 0, -ENODEV (the GIC has none) or -ENOMEM. */
int lpi_init(void);
/**
 * Let them interrupt this CPU. 0; -ENODEV (its redistributor has none, or
 * there is no memory), -EBUSY (they are on, with others' tables) or
 * -EOPNOTSUPP (tables would have to be uncached).
 */
int lpi_init_cpu(void);
/** What an ITS calls CPU @cpu, which takes LPIs: in place for commands. */
u64 lpi_target(const struct its *its, unsigned cpu);
/** An LPI for line @irq, enabled, or -ENOSPC. */
int lpi_take(unsigned irq);
/** Give it back; not if it @may_come still. */
void lpi_give_back(unsigned lpi, bool may_come);
