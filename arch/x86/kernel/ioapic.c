/* SPDX-License-Identifier: BSD-2-Clause */
/* I/O APICs: lines become vectors. */
#define pr_fmt(fmt) "ioapic: " fmt

#include "ioapic.h"
#include <abi/ioapic.h>
#include <asm/apic.h>
#include <asm/vector.h>
#include <kernel/acpi.h>
#include <kernel/errno.h>
#include <kernel/io.h>
#include <kernel/madt.h>
#include <kernel/mm/slab.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <kernel/spinlock.h>

struct ioapic {
	struct spinlock lock; /* of the register window */
	u8 __iomem *window;
	unsigned base; /* its first line */
	unsigned count;
	struct msi_route *routes; /* of lines in use; under their locks */
};

static struct ioapic ioapics[IOAPICS_MAX];
static unsigned ioapic_count;
static struct ioapic_layout layout;

static u32 read_register(const struct ioapic *io, u32 index)
{
	mmio_write32(io->window + IOAPIC_INDEX, index);
	return mmio_read32(io->window + IOAPIC_DATA);
}

static void write_register(const struct ioapic *io, u32 index, u32 value)
{
	mmio_write32(io->window + IOAPIC_INDEX, index);
	mmio_write32(io->window + IOAPIC_DATA, value);
}

static struct ioapic *ioapic_of(unsigned irq)
{
	for (unsigned i = 0; i < ioapic_count; i++)
		if (irq >= ioapics[i].base &&
		    irq - ioapics[i].base < ioapics[i].count)
			return &ioapics[i];
	return NULL;
}

static struct msi_route *route_of(unsigned irq)
{
	struct ioapic *io = ioapic_of(irq);

	return &io->routes[irq - io->base];
}

/* While its halves are written the entry is masked. */
static void write_entry(unsigned irq, u32 low, u32 high)
{
	struct ioapic *io = ioapic_of(irq);
	u32 index = IOAPIC_REDIRECTION(irq - io->base);
	unsigned long state = spin_lock_irqsave(&io->lock);

	write_register(io, index, IOAPIC_MASKED);
	write_register(io, index + 1, high);
	write_register(io, index, low);
	spin_unlock_irqrestore(&io->lock, state);
}

static void change_mask(unsigned irq, u32 clear, u32 set)
{
	struct ioapic *io = ioapic_of(irq);
	u32 index = IOAPIC_REDIRECTION(irq - io->base);
	unsigned long state = spin_lock_irqsave(&io->lock);

	write_register(io, index, (read_register(io, index) & ~clear) | set);
	spin_unlock_irqrestore(&io->lock, state);
}

static void ioapic_mask(unsigned irq)
{
	change_mask(irq, 0, IOAPIC_MASKED);
}

static void ioapic_unmask(unsigned irq)
{
	change_mask(irq, IOAPIC_MASKED, 0);
}

/* The high half of an entry for @cpu. */
static u32 destination(unsigned cpu)
{
	u32 id = vector_apic_id(cpu);

	return (id & MSI_DESTINATION_LOW_MASK) << IOAPIC_DESTINATION_SHIFT |
	       (id >> MSI_DESTINATION_LOW_BITS)
		       << IOAPIC_EXTENDED_DESTINATION_SHIFT;
}

/*
 * What is on a wire is slow, and awaited where it was asked for: messages are
 * spread over the CPUs, these lines are not.
 */
static int route_line(unsigned irq, const struct cpumask *cpus)
{
	struct cpumask here = { 0 };
	unsigned cpu = smp_processor_id();

	cpumask_set(&here, cpu);
	if (cpumask_test(cpus, cpu) &&
	    !arch_msi_route(NULL, irq, 1, &here, route_of(irq)))
		return 0;
	return arch_msi_route(NULL, irq, 1, cpus, route_of(irq));
}

static int ioapic_start(unsigned irq, enum irq_trigger trigger,
			const struct cpumask *cpus)
{
	struct msi_route *route = route_of(irq);
	int ret = route_line(irq, cpus);
	u32 low = 0;

	if (ret)
		return ret;
	if (trigger == IRQ_TRIGGER_LEVEL_HIGH ||
	    trigger == IRQ_TRIGGER_LEVEL_LOW)
		low |= IOAPIC_LEVEL;
	if (trigger == IRQ_TRIGGER_EDGE_FALLING ||
	    trigger == IRQ_TRIGGER_LEVEL_LOW)
		low |= IOAPIC_ACTIVE_LOW;
	write_entry(irq, low | route->vector, destination(route->cpu));
	return (int)route->cpu;
}

static void ioapic_stop(unsigned irq)
{
	write_entry(irq, IOAPIC_MASKED, 0);
	arch_msi_unroute(route_of(irq));
}

/*
 * The vector stays, so only the half with the destination is written, and an
 * EOI for a level that the old CPU still handles is recognised by its vector.
 */
static int ioapic_move(unsigned irq, const struct cpumask *cpus)
{
	struct ioapic *io = ioapic_of(irq);
	struct msi_route *route = route_of(irq);
	unsigned long state;
	int ret;

	if (cpumask_test(cpus, route->cpu))
		return (int)route->cpu;
	ret = arch_msi_reroute(irq, cpus, route);
	if (ret)
		return ret;
	state = spin_lock_irqsave(&io->lock);
	write_register(io, IOAPIC_REDIRECTION(irq - io->base) + 1,
		       destination(route->cpu));
	spin_unlock_irqrestore(&io->lock, state);
	return (int)route->cpu;
}

static const struct irq_chip ioapic_chip = {
	.name = "I/O APIC",
	.start = ioapic_start,
	.stop = ioapic_stop,
	.mask = ioapic_mask,
	.unmask = ioapic_unmask,
	.move = ioapic_move,
};

static void mask_all(const struct ioapic *io)
{
	for (unsigned i = 0; i < io->count; i++)
		write_register(io, IOAPIC_REDIRECTION(i), IOAPIC_MASKED);
}

static void add(const struct ioapic_place *place)
{
	struct ioapic *io = &ioapics[ioapic_count];
	u32 version;

	io->window = ioremap(place->address, IOAPIC_SIZE);
	if (!io->window)
		return;
	version = read_register(io, IOAPIC_VERSION);
	io->base = place->gsi_base;
	io->count = IOAPIC_VERSION_LAST(version) + 1;
	if (io->count > IOAPIC_REDIRECTIONS_MAX || !version) {
		pr_warn("%u at %#llx: version %#x cannot be: not used",
			place->id, (unsigned long long)place->address, version);
		return;
	}
	mask_all(io);
	io->count = MIN(io->count, IRQ_GSIS - io->base);
	io->routes = kzalloc(io->count * sizeof(*io->routes));
	if (!io->routes)
		return;
	/* What PCI and the SCI use; a PC's own lines are said below. */
	if (irq_add_lines(&ioapic_chip, io->base, io->count,
			  IRQ_TRIGGER_LEVEL_LOW)) {
		pr_warn("%u: lines %u to %u are another's already: not used",
			place->id, io->base, io->base + io->count - 1);
		kfree(io->routes);
		return;
	}
	ioapic_count++;
	pr_info("%u at %#llx: lines %u to %u", place->id,
		(unsigned long long)place->address, io->base,
		io->base + io->count - 1);
}

int irq_from_isa(unsigned line)
{
	int irq = line < ISA_LINES && ioapic_count ? layout.isa[line] : -ENODEV;

	return irq >= 0 && ioapic_of((unsigned)irq) ? irq : -ENODEV;
}

int ioapic_init(void)
{
	const struct acpi_sdt_header *madt = acpi_find(ACPI_MADT_SIGNATURE, 0);
	int irq;

	if (!madt)
		return -ENODEV;
	ioapic_layout_read(madt, &layout);
	for (unsigned i = 0; i < layout.count; i++)
		add(&layout.ioapic[i]);
	for (unsigned i = 0; i < ISA_LINES; i++) {
		irq = irq_from_isa(i);
		if (irq >= 0)
			irq_set_default_trigger((unsigned)irq,
						layout.trigger[i]);
	}
	return ioapic_count ? 0 : -ENODEV;
}

/* Without locks: it may be called from where one is held. */
void ioapic_shutdown(void)
{
	for (unsigned i = 0; i < ioapic_count; i++)
		mask_all(&ioapics[i]);
}
