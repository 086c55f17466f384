/* SPDX-License-Identifier: BSD-2-Clause */
/* Telling an ITS what to do, and waiting until it has done it. */
#define pr_fmt(fmt) "gic: " fmt

#include <abi/arm64/gic_its.h>
#include <kernel/cpu.h>
#include <kernel/errno.h>
#include <kernel/mm/page.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include "its.h"

/*
 * The queue is a page, at an address that is a multiple of 64 KiB: in others
 * the low bits need not be there (12.19.2).
 */
#define QUEUE_ORDER    4
#define QUEUE_COMMANDS (PAGE_SIZE / GITS_COMMAND_SIZE)
_Static_assert(ITS_BATCH_MAX < QUEUE_COMMANDS, "a full queue looks empty");

static u64 device_word(u8 command, u32 device)
{
	return command | (u64)device << 32;
}

struct its_command its_mapd(u32 device, phys_addr_t table, unsigned bits,
			    bool valid)
{
	return (struct its_command){ {
		device_word(GITS_MAPD, device),
		bits - 1,
		table | (valid ? GITS_VALID : 0),
	} };
}

struct its_command its_mapc(u16 collection, u64 target)
{
	return (struct its_command){ { GITS_MAPC, 0,
				       GITS_VALID | target | collection } };
}

struct its_command its_mapti(u32 device, u32 event, u32 lpi, u16 collection)
{
	return (struct its_command){ { device_word(GITS_MAPTI, device),
				       event | (u64)lpi << 32, collection } };
}

struct its_command its_movi(u32 device, u32 event, u16 collection)
{
	return (struct its_command){ { device_word(GITS_MOVI, device), event,
				       collection } };
}

struct its_command its_inv(u32 device, u32 event)
{
	return (struct its_command){ { device_word(GITS_INV, device), event } };
}

struct its_command its_discard(u32 device, u32 event)
{
	return (struct its_command){ { device_word(GITS_DISCARD, device),
				       event } };
}

struct its_command its_sync(u64 target)
{
	return (struct its_command){ { GITS_SYNC, 0, target } };
}

int its_queue_init(struct its *its)
{
	phys_addr_t queue = alloc_pages(QUEUE_ORDER, 0);
	u64 wanted = queue | GITS_VALID | GITS_TABLE_WRITE_BACK |
		     GIC_TABLE_SHARED_INNER;

	if (!queue)
		return -ENOMEM;
	its->queue = phys_to_virt(queue);
	mmio_write64(its->registers + GITS_CBASER, wanted);
	mmio_write64(its->registers + GITS_CWRITER, 0);
	if (mmio_read64(its->registers + GITS_CBASER) & GIC_TABLE_SHARED_MASK)
		return 0;
	pr_warn("ITS at %#lx does not see caches: not used", its->base);
	return -EOPNOTSUPP;
}

/* -EAGAIN: not all is done yet. */
static int progress(const struct its *its, u64 end)
{
	u64 at = mmio_read64(its->registers + GITS_CREADR);

	if (at & GITS_CREADR_STALLED)
		return -EIO;
	return at == end ? 0 : -EAGAIN;
}

/* The last look is after the deadline: the host may have kept this CPU. */
static int wait_until(const struct its *its, u64 end)
{
	u64 deadline = time_ns() + ITS_TIMEOUT_MS * NSEC_PER_MSEC;
	bool late;
	int ret;

	do {
		late = time_ns() > deadline;
		ret = progress(its, end);
		cpu_relax();
	} while (ret == -EAGAIN && !late);
	return ret;
}

static void give_up(struct its *its, u64 end)
{
	u64 at = mmio_read64(its->registers + GITS_CREADR);

	pr_err("ITS at %#lx %s command %#lx, those before %#lx are due: "
	       "it gets no more",
	       its->base,
	       at & GITS_CREADR_STALLED ? "refuses" : "does not carry out",
	       at / GITS_COMMAND_SIZE, end / GITS_COMMAND_SIZE);
	its->broken = true;
}

int its_do(struct its *its, const struct its_command *commands, unsigned count)
{
	u64 end;

	if (its->broken)
		return -EIO;
	for (unsigned i = 0; i < count; i++) {
		memcpy(its->queue + its->next * 4UL, &commands[i],
		       GITS_COMMAND_SIZE);
		its->next = (its->next + 1) % (unsigned)QUEUE_COMMANDS;
	}
	end = (u64)its->next * GITS_COMMAND_SIZE;
	/* Writing to a device is ordered after the commands. */
	mmio_write64(its->registers + GITS_CWRITER, end);
	if (!wait_until(its, end))
		return 0;
	give_up(its, end);
	return -EIO;
}
