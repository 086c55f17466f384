/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Waiting for spinlocks, in a queue of nodes that belong to CPUs.
 *
 * lock->tail names the node of who came last: its CPU, plus 1, and which of
 * the CPU's nodes it is. Each waiter is told by the one before it when it is
 * the first; the first one waits for lock->held to become SPIN_FREE. While
 * there is a tail nobody takes the lock past the queue, since that needs the
 * whole word to be 0.
 *
 * Halting (<kernel/spin_pv.h>). Who waits for its turn changes its node's turn
 * from WAITING to HALTED and then halts; who gives it its turn exchanges that
 * for GRANTED, and kicks if it found HALTED. The first one writes its CPU to
 * lock->halted and then changes lock->held from SPIN_HELD to SPIN_HALTED;
 * who unlocks finds one or the other by compare-and-exchange. In both cases
 * the two sides change one byte by atomic operations, so that one of them
 * comes first: either the waiter sees that it need not halt, or the other one
 * that it has to kick.
 */
#include <kernel/errno.h>
#include <kernel/percpu.h>
#include <kernel/smp.h>
#include <kernel/spin_pv.h>

/*
 * What may wait for a lock on one CPU at a time: a thread, an exception that
 * it made, an interrupt, an exception in that. Not an NMI.
 */
#define NODES	   4
#define NODE_SHIFT 2
_Static_assert((CONFIG_NR_CPUS << NODE_SHIFT) + NODES <= UINT16_MAX,
	       "lock->tail is too small");

/* Policy: rounds of looking before each halt of a waiter, some 10 us. */
#define SPINS_BEFORE_HALT 2000

enum turn {
	TURN_WAITING,
	TURN_HALTED,
	TURN_GRANTED,
};

struct spin_node {
	struct spin_node *next; /* who came after */
	u16 cpu;
	u8 turn; /* enum turn */
};

static DEFINE_PER_CPU(struct spin_node[NODES], spin_nodes);
static DEFINE_PER_CPU(unsigned, spin_depth); /* nodes in use */
static DEFINE_PER_CPU(u64, spin_halts);
static DEFINE_PER_CPU(u64, spin_kicks);

const struct spin_pv_ops *spin_pv;

int spin_pv_init(const struct spin_pv_ops *ops)
{
	/* An unlock that began without them would kick nobody. */
	if (cpumask_count(&cpu_online_mask) != 1)
		return -EBUSY;
	WRITE_ONCE(spin_pv, ops);
	return 0;
}

void spin_pv_counts(u64 *halts, u64 *kicks)
{
	unsigned cpu;

	*halts = 0;
	*kicks = 0;
	for_each_online_cpu(cpu) {
		*halts += READ_ONCE(per_cpu(spin_halts, cpu));
		*kicks += READ_ONCE(per_cpu(spin_kicks, cpu));
	}
}

/* True, and *@looks begins again, when it is time to halt. */
static bool looked_enough(const struct spin_pv_ops *ops, unsigned *looks)
{
	if (!ops || ++*looks < (ops->tries ? ops->tries : SPINS_BEFORE_HALT))
		return false;
	*looks = 0;
	return true;
}

static void halt(const struct spin_pv_ops *ops, const u8 *byte, u8 value)
{
	this_cpu_add(spin_halts, 1);
	ops->wait(byte, value);
}

static void kick(const struct spin_pv_ops *ops, unsigned cpu)
{
	this_cpu_add(spin_kicks, 1);
	ops->kick(cpu);
}

static u16 name_of(unsigned cpu, unsigned index)
{
	return (u16)((cpu + 1) << NODE_SHIFT | index);
}

static struct spin_node *node_of(u16 name)
{
	unsigned cpu = (name >> NODE_SHIFT) - 1U;

	return &per_cpu(spin_nodes, cpu)[name & (NODES - 1)];
}

/* The acquire of TURN_GRANTED pairs with give_turn(). */
static void wait_turn(struct spin_node *node, const struct spin_pv_ops *ops)
{
	unsigned looks = 0;

	while (atomic_load_acquire(&node->turn) != TURN_GRANTED) {
		u8 turn = TURN_WAITING;

		cpu_relax();
		if (!looked_enough(ops, &looks))
			continue;
		if (atomic_cmpxchg(&node->turn, &turn, (u8)TURN_HALTED) ||
		    turn == TURN_HALTED)
			halt(ops, &node->turn, TURN_HALTED);
	}
}

/* Releases what this CPU did: the next one is the first from now on. */
static void give_turn(struct spin_node *node, const struct spin_pv_ops *ops)
{
	unsigned cpu = node->cpu;

	if (!ops)
		atomic_store_release(&node->turn, TURN_GRANTED);
	/* Afterwards the node is not used here: its owner may be gone. */
	else if (atomic_xchg(&node->turn, (u8)TURN_GRANTED) == TURN_HALTED)
		kick(ops, cpu);
}

/*
 * As the first of the queue, until nobody holds it. The acquire pairs with the
 * release of who gave it up. It is the word that is read: the tail in it is
 * used for the next step.
 */
static u32 wait_free(struct spinlock *lock, const struct spin_pv_ops *ops)
{
	unsigned looks = 0;
	u32 word;

	for (;;) {
		u8 held = SPIN_HELD;

		word = atomic_load_acquire(&lock->word);
		if ((word & 0xff) == SPIN_FREE)
			return word;
		cpu_relax();
		if (!looked_enough(ops, &looks))
			continue;
		atomic_write(&lock->halted, (u16)(smp_processor_id() + 1));
		/* Releases that to who finds SPIN_HALTED. */
		if (atomic_cmpxchg(&lock->held, &held, (u8)SPIN_HALTED) ||
		    held == SPIN_HALTED)
			halt(ops, &lock->held, SPIN_HALTED);
	}
}

/* The first of the queue takes the lock, which is free, and leaves. */
static void take(struct spinlock *lock, struct spin_node *node, u16 name,
		 u32 word, const struct spin_pv_ops *ops)
{
	struct spin_node *next;

	/*
	 * Alone: then there is no tail any more. Everything that matters was
	 * acquired in wait_free().
	 */
	if (word == (u32)name << 16 &&
	    atomic_cmpxchg_acquire(&lock->word, &word, (u32)SPIN_HELD))
		return;
	/* Nobody else stores here as long as it is free and has a queue. */
	atomic_write(&lock->held, SPIN_HELD);
	/* Who has replaced the tail is about to link itself to this node. */
	while (!(next = atomic_load_acquire(&node->next)))
		cpu_relax();
	give_turn(next, ops);
}

static void queue_up(struct spinlock *lock, unsigned index,
		     const struct spin_pv_ops *ops)
{
	unsigned cpu = smp_processor_id();
	struct spin_node *node = &(*this_cpu_ptr(spin_nodes))[index];
	u16 name = name_of(cpu, index), before;

	node->next = NULL;
	node->cpu = (u16)cpu;
	node->turn = TURN_WAITING;
	/*
	 * Releases the node's contents to who reads this tail, and acquires
	 * those of the one that was the tail before.
	 */
	before = atomic_xchg(&lock->tail, name);
	if (before) {
		/* Releases the node to the other, which reads next. */
		atomic_store_release(&node_of(before)->next, node);
		wait_turn(node, ops);
	}
	take(lock, node, name, wait_free(lock, ops), ops);
}

static void lock_slowly(struct spinlock *lock, const struct spin_pv_ops *ops)
{
	/* Interrupts in between give back what they take. */
	unsigned index = this_cpu_read(spin_depth);

	this_cpu_write(spin_depth, index + 1);
	barrier();
	if (index < NODES) {
		queue_up(lock, index, ops);
	} else {
		/* Deeper than thought possible: past the end of the queue. */
		while (!raw_spin_trylock(lock))
			cpu_relax();
	}
	barrier();
	this_cpu_write(spin_depth, index);
}

static void unlock_and_kick(struct spinlock *lock,
			    const struct spin_pv_ops *ops)
{
	u8 held = SPIN_HELD;
	unsigned cpu;

	if (atomic_cmpxchg_release(&lock->held, &held, (u8)SPIN_FREE))
		return;
	/* Acquires lock->halted, which was stored before SPIN_HALTED. */
	fence_acquire();
	cpu = atomic_read(&lock->halted) - 1U;
	/* After this the lock's memory may be gone. */
	atomic_store_release(&lock->held, SPIN_FREE);
	kick(ops, cpu);
}

void spin_lock_wait(struct spinlock *lock)
{
	lock_slowly(lock, READ_ONCE(spin_pv));
}

void spin_unlock_kick(struct spinlock *lock)
{
	unlock_and_kick(lock, READ_ONCE(spin_pv));
}

void spin_lock_with(struct spinlock *lock, const struct spin_pv_ops *ops)
{
	preempt_disable();
	if (!raw_spin_trylock(lock))
		lock_slowly(lock, ops);
}

void spin_unlock_with(struct spinlock *lock, const struct spin_pv_ops *ops)
{
	unlock_and_kick(lock, ops);
	preempt_enable();
}
