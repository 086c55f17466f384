/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which vector of which CPU belongs to which line.
 *
 * A vector that was given up still leads to its line until it is given out
 * again, and that is done as late as possible: whoever is interrupted by a
 * message that was on its way knows what it was about.
 */
#include <asm/apic.h>
#include <asm/vector.h>
#include <kernel/errno.h>
#include <kernel/init.h>
#include <kernel/smp.h>
#include <kernel/spinlock.h>

#define VECTORS (VECTOR_LINE_LAST - VECTOR_LINE_FIRST + 1)

/* What vector_lines[] holds: line + 1, or 0: never used. */
#define VECTOR_FREED 0x8000U
_Static_assert(IRQ_LINES_MAX < VECTOR_FREED, "a line + 1 and a flag");

struct cpu_vectors {
	u16 line[VECTORS];
	u16 used;
	bool ready; /* it takes interrupts from devices */
	u32 id;	    /* its APIC's */
};

static DEFINE_PER_CPU(struct cpu_vectors, vectors);
static struct spinlock lock = SPINLOCK_INIT; /* of writers */
static unsigned next; /* where to look: not the one that was just given up */
static u32 id_max = MSI_DESTINATION_MAX;

void vector_init_cpu(void)
{
	struct cpu_vectors *v = this_cpu_ptr(vectors);

	v->id = apic_id();
	atomic_store_release(&v->ready, true);
}

void vector_use_extended_ids(void)
{
	atomic_write(&id_max, MSI_EXTENDED_DESTINATION_MAX);
}

u32 vector_apic_id(unsigned cpu)
{
	return per_cpu(vectors, cpu).id;
}

/* True if messages reach @cpu. */
static bool is_reachable(unsigned cpu)
{
	const struct cpu_vectors *v;

	if (cpu >= cpu_count())
		return false;
	v = &per_cpu(vectors, cpu);
	return atomic_load_acquire(&v->ready) && v->id <= id_max;
}

static bool is_free(const struct cpu_vectors *v, unsigned at)
{
	return !v->line[at] || v->line[at] & VECTOR_FREED;
}

static bool are_free(const struct cpu_vectors *v, unsigned at, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (at + i >= VECTORS || !is_free(v, at + i))
			return false;
	return true;
}

/* A free place for @count on @v, from `next` on and around, or -ENOSPC. */
static int find_place(const struct cpu_vectors *v, unsigned count)
{
	for (unsigned n = 0; n < VECTORS; n++) {
		unsigned at = (next + n) % VECTORS;

		if ((VECTOR_LINE_FIRST + at) % count == 0 &&
		    are_free(v, at, count))
			return (int)at;
	}
	return -ENOSPC;
}

static void take(unsigned cpu, unsigned at, unsigned irq, unsigned count)
{
	struct cpu_vectors *v = &per_cpu(vectors, cpu);

	for (unsigned i = 0; i < count; i++)
		WRITE_ONCE(v->line[at + i], (u16)(irq + i + 1));
	v->used = (u16)(v->used + count);
}

static void give_up(const struct msi_route *route)
{
	struct cpu_vectors *v = &per_cpu(vectors, route->cpu);
	unsigned at = route->vector - VECTOR_LINE_FIRST;

	for (unsigned i = 0; i < route->count; i++)
		WRITE_ONCE(v->line[at + i],
			   (u16)(v->line[at + i] | VECTOR_FREED));
	v->used = (u16)(v->used - route->count);
}

/*
 * The reachable one of @cpus with the fewest vectors in use where @fits holds
 * of vectors at @at, or of any if that is VECTORS. -EINVAL: none is reachable.
 */
static int choose_cpu(const struct cpumask *cpus, unsigned at, unsigned count)
{
	int best = -EINVAL;
	unsigned cpu;

	for_each_cpu(cpu, cpus) {
		const struct cpu_vectors *v;
		bool fits;

		if (!is_reachable(cpu))
			continue;
		v = &per_cpu(vectors, cpu);
		fits = at == VECTORS ? find_place(v, count) >= 0
				     : are_free(v, at, count);
		if (!fits)
			best = best < 0 ? -ENOSPC : best;
		else if (best < 0 ||
			 v->used < per_cpu(vectors, (unsigned)best).used)
			best = (int)cpu;
	}
	return best;
}

/* The local APICs take messages of anybody. */
int arch_msi_open(const struct msi_requester *who __unused,
		  unsigned messages __unused, struct msi_device **device)
{
	*device = NULL;
	return irq_available() ? 0 : -ENODEV;
}

void arch_msi_close(struct msi_device *device __unused)
{
}

int arch_msi_route(struct msi_device *device, unsigned irq, unsigned count,
		   const struct cpumask *cpus, struct msi_route *route)
{
	unsigned long state;
	int cpu, at;

	if (!irq_available())
		return -ENODEV;
	state = spin_lock_irqsave(&lock);
	cpu = choose_cpu(cpus, VECTORS, count);
	if (cpu >= 0) {
		at = find_place(&per_cpu(vectors, (unsigned)cpu), count);
		take((unsigned)cpu, (unsigned)at, irq, count);
		next = (unsigned)at + count;
		*route = (struct msi_route){
			.device = device,
			.cpu = (unsigned)cpu,
			.vector = VECTOR_LINE_FIRST + (unsigned)at,
			.count = count,
		};
	}
	spin_unlock_irqrestore(&lock, state);
	return cpu < 0 ? cpu : 0;
}

int arch_msi_reroute(unsigned irq, const struct cpumask *cpus,
		     struct msi_route *route)
{
	unsigned at = route->vector - VECTOR_LINE_FIRST;
	unsigned long state = spin_lock_irqsave(&lock);
	int cpu = choose_cpu(cpus, at, route->count);

	if (cpu >= 0) {
		take((unsigned)cpu, at, irq, route->count);
		give_up(route);
		route->cpu = (unsigned)cpu;
	}
	spin_unlock_irqrestore(&lock, state);
	if (cpu >= 0)
		return 0;
	return cpu == -ENOSPC ? -EBUSY : cpu;
}

void arch_msi_unroute(struct msi_route *route)
{
	unsigned long state = spin_lock_irqsave(&lock);

	if (route->count)
		give_up(route);
	route->count = 0;
	spin_unlock_irqrestore(&lock, state);
}

/* Intel SDM 3A, 11.11: address and data of a fixed, edge-triggered message. */
void arch_msi_compose(const struct msi_route *route,
		      struct msi_message *message)
{
	u32 id = vector_apic_id(route->cpu);

	message->address = MSI_ADDRESS | (id & MSI_DESTINATION_LOW_MASK)
						 << MSI_DESTINATION_SHIFT;
	message->address |= (id >> MSI_DESTINATION_LOW_BITS)
			    << MSI_EXTENDED_DESTINATION_SHIFT;
	message->data = route->vector;
}

int vector_irq(unsigned vector)
{
	unsigned value;

	if (vector < VECTOR_LINE_FIRST || vector > VECTOR_LINE_LAST)
		return -ENOENT;
	value = this_cpu_read(vectors.line[vector - VECTOR_LINE_FIRST]);
	return value ? (int)(value & ~VECTOR_FREED) - 1 : -ENOENT;
}

static int vectors_init_secondary(void)
{
	vector_init_cpu();
	return 0;
}
initcall_cpu(INIT_IRQ, vectors_init_secondary);
