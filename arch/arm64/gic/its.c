/* SPDX-License-Identifier: BSD-2-Clause */
/* Which Interrupt Translation Services there are, and starting them. */
#define pr_fmt(fmt) "gic: " fmt

#include <abi/arm64/gic_its.h>
#include <kernel/acpi.h>
#include <kernel/errno.h>
#include <kernel/iort.h>
#include <kernel/mm/slab.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <kernel/time.h>
#include "its.h"

/* Versions of the architecture, as GITS_PIDR2 has them. */
#define ARCH_V3 3
#define ARCH_V4 4

static struct {
	struct its *its; /* those that work */
	unsigned count;
} itss;

bool its_present(void)
{
	return itss.count;
}

/* A collection for each CPU, which has its number. */
static int map_cpu(struct its *its, unsigned cpu)
{
	u64 target = lpi_target(its, cpu);
	struct its_command commands[] = { its_mapc((u16)cpu, target),
					  its_sync(target) };
	unsigned long state;
	int ret;

	if (cpu >= its->collections)
		return -ERANGE;
	state = spin_lock_irqsave(&its->lock);
	ret = its_do(its, commands, ARRAY_SIZE(commands));
	spin_unlock_irqrestore(&its->lock, state);
	if (!ret)
		cpumask_set_atomic(&its->mapped, cpu);
	return ret;
}

void its_init_cpu(void)
{
	unsigned cpu = smp_processor_id();
	int ret = itss.count ? lpi_init_cpu() : 0;

	if (ret)
		pr_warn("CPU %u takes no messages: error %d", cpu, -ret);
	for (unsigned i = 0; !ret && i < itss.count; i++)
		map_cpu(&itss.its[i], cpu);
}

static bool is_its(const struct its *its)
{
	u32 version = GITS_PIDR2_ARCH(mmio_read32(its->registers + GITS_PIDR2));

	return version == ARCH_V3 || version == ARCH_V4;
}

/* Firmware may have left it on. */
static bool stop(const struct its *its)
{
	u64 deadline = time_ns() + GIC_WAIT_MS * NSEC_PER_MSEC;
	bool late;

	mmio_write32(its->registers + GITS_CTLR, 0);
	do {
		late = time_ns() > deadline;
		if (mmio_read32(its->registers + GITS_CTLR) &
		    GITS_CTLR_QUIESCENT)
			return true;
	} while (!late);
	return false;
}

static int start(struct its *its)
{
	int ret;

	if (!is_its(its) || !stop(its)) {
		pr_warn("no ITS answers at %#lx", its->base);
		return -ENODEV;
	}
	its->type = mmio_read64(its->registers + GITS_TYPER);
	if (!(its->type & GITS_TYPER_PHYSICAL))
		return -ENODEV;
	ret = its_tables_init(its);
	if (!ret)
		ret = its_queue_init(its);
	if (!ret)
		mmio_write32(its->registers + GITS_CTLR, GITS_CTLR_ENABLED);
	return ret;
}

static void add(const struct gic_its_place *place)
{
	struct its *its = &itss.its[itss.count];

	*its = (struct its){
		.base = place->base,
		.id = place->id,
		.fdt_node = place->fdt_node,
		.registers = ioremap(place->base, GITS_SIZE),
	};
	if (its->registers && !start(its))
		itss.count++;
}

/* Only if this CPU takes LPIs: then there is one that does. */
void its_init(const struct gic_place *place)
{
	int ret = lpi_init();

	itss.its = kzalloc(place->itss * sizeof(*itss.its));
	if (ret || !itss.its) {
		pr_warn("messages by the ITS are not used: error %d",
			-(ret ?: -ENOMEM));
		return;
	}
	for (unsigned i = 0; i < place->itss; i++)
		add(&place->its[i]);
	its_init_cpu();
	for (unsigned i = 0; i < itss.count; i++)
		if (!cpumask_empty(&itss.its[i].mapped))
			pr_info("ITS at %#lx: messages of %lu devices",
				itss.its[i].base, itss.its[i].devices.entries);
}

void its_shutdown(void)
{
	for (unsigned i = 0; i < itss.count; i++)
		mmio_write32(itss.its[i].registers + GITS_CTLR, 0);
}

static int find_by_fdt(const struct msi_requester *who, u32 *device)
{
	int node = fdt_msi_controller(fdt_machine(), who->fdt_node, who->id,
				      device);

	for (unsigned i = 0; node != FDT_NONE && i < itss.count; i++)
		if (itss.its[i].fdt_node == node)
			return (int)i;
	return -ENOENT;
}

static int find_by_acpi(const struct msi_requester *who, u32 *device)
{
	const struct acpi_sdt_header *iort = acpi_find(ACPI_IORT_SIGNATURE, 0);
	u32 id;
	int ret;

	if (!iort)
		return -ENOENT;
	ret = iort_find_its(iort, who->segment, who->id, &id, device);
	for (unsigned i = 0; !ret && i < itss.count; i++)
		if (itss.its[i].id == id)
			return (int)i;
	return ret ?: -ENOENT;
}

struct its *its_for(const struct msi_requester *who, u32 *device)
{
	int i = who->fdt_node ? find_by_fdt(who, device)
			      : find_by_acpi(who, device);

	return i < 0 || itss.its[i].broken ? NULL : &itss.its[i];
}
