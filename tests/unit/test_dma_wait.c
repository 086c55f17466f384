/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Waiting for a pool in which there is no room, in every order in which the
 * steps of a few CPUs can come: a step goes from one lock or unlock to the
 * next. In an order in which somebody waits for ever a wake-up was lost.
 */
#include <ucontext.h>
#include <kernel/mm/map.h>
#include <kernel/mm/page.h>
#include <kernel/mm/slab.h>
#include <kernel/printk.h>
#include <kernel/string.h>
#include <kernel/time.h>
#include "../../kernel/dma/pool.h"
#include "unit.h"

#define ACTORS_MAX  4
#define STACK_BYTES 65536
#define STEPS_MAX   200 /* more than any order has: somebody runs in a circle */

/* A CPU. One of them runs at a time; the others stand before a step. */
struct actor {
	void (*fn)(struct actor *self);
	ucontext_t context;
	bool done;
	const struct spinlock *wants; /* it goes on when that is free */
	bool (*until)(const struct actor *actor); /* and that is true */
	struct dma_waiter waiter;
	bool called, gave_up;
	unsigned calls;
};

static struct actor actors[ACTORS_MAX];
static unsigned actor_count;
static ucontext_t scheduler;
static struct actor *self; /* who runs; NULL: the scheduler */
static _Alignas(16) char stacks[ACTORS_MAX][STACK_BYTES];

static struct dma_pool pool;
static struct device dev = { .dma_pool = &pool };
static struct dma_area areas[2];
static u32 tags[8];
static void *data[8];
static char memory[8 * DMA_SLOT_BYTES];
static dma_addr_t held;	       /* what is to be given back */
static unsigned free_at_begin; /* 1: that was given back already */
static bool work_queued;

/* Which of those that can go on went on, at each step, and of how many. */
static unsigned char choice[STEPS_MAX], choices[STEPS_MAX];
static unsigned step_count, orders;

/* Policy: longer stories in all orders with no more interruptions than this. */
#define INTERRUPTIONS_MAX 4
#define ALL_ORDERS	  STEPS_MAX

static unsigned interruptions_max, interruptions;
static struct actor *latest; /* who went on last */

static void step(const struct spinlock *wants,
		 bool (*until)(const struct actor *actor))
{
	if (!self)
		return;
	self->wants = wants;
	self->until = until;
	swapcontext(&self->context, &scheduler);
}

bool lock_debug_take(const void *lock, struct lock_debug *debug, unsigned flags,
		     uintptr_t site)
{
	step(lock, NULL);
	return false;
}

void lock_debug_taken(const void *lock, struct lock_debug *debug,
		      uintptr_t site)
{
}

enum lock_release lock_debug_release(const void *lock, struct lock_debug *debug,
				     uintptr_t site)
{
	return LOCK_RELEASE;
}

void lock_debug_count(enum lock_mistake mistake)
{
}

bool work_queue(struct work *work)
{
	CHECK(work == &pool.wake.work);
	work_queued = true;
	return true;
}

static bool is_quiet(const struct actor *a)
{
	return !pool.running;
}

unsigned long unit_irq_save(void)
{
	return 0;
}

/* Behind an unlock. */
void unit_irq_restore(unsigned long state)
{
	step(NULL, NULL);
}

/* Who cancels waits for a function that runs. */
void unit_relax(void)
{
	step(NULL, is_quiet);
}

int work_queue_at(struct delayed_work *work, u64 due_ns)
{
	CHECK_EQ(due_ns, pool.woken_ns + 200 * NSEC_PER_USEC);
	work_queue(&work->work);
	return 0;
}

bool work_cancel_delayed(struct delayed_work *work)
{
	return false;
}

/* Now it is time, now it is not. */
u64 time_ns(void)
{
	static u64 now;

	return now += 150 * NSEC_PER_USEC;
}

void *phys_to_virt(phys_addr_t phys)
{
	return memory + phys;
}

phys_addr_t virt_to_phys(const void *virt)
{
	return (phys_addr_t)((const char *)virt - memory);
}

phys_addr_t alloc_pages(unsigned order, unsigned flags)
{
	return 0;
}

int free_pages(phys_addr_t phys, unsigned order)
{
	return 0;
}

unsigned page_order_for(u64 bytes)
{
	return 0;
}

void *kzalloc(size_t size)
{
	return NULL;
}

void kfree(const void *object)
{
}

void printk(enum log_level level, unsigned flags, const char *fmt, ...)
{
	CHECK(!"nothing to be said");
}

static void run_actor(void)
{
	self->fn(self);
	self->done = true;
}

static void prepare(struct actor *a, char *stack)
{
	*a = (struct actor){ .fn = a->fn };
	getcontext(&a->context);
	a->context.uc_stack.ss_sp = stack;
	a->context.uc_stack.ss_size = STACK_BYTES;
	a->context.uc_link = &scheduler;
	makecontext(&a->context, run_actor, 0);
}

static bool can_go_on(const struct actor *a)
{
	return !a->done && (!a->wants || !spin_is_locked(a->wants)) &&
	       (!a->until || a->until(a));
}

/* All but the worker, which waits for work at the end. */
static bool all_done(void)
{
	for (unsigned i = 1; i < actor_count; i++)
		if (!actors[i].done)
			return false;
	return true;
}

/* The actor whose step is next, as choice[] says; NULL: nobody can go on. */
static struct actor *choose(void)
{
	struct actor *can[ACTORS_MAX];
	bool interrupted = latest && can_go_on(latest);
	unsigned n = 0;

	if (interrupted)
		can[n++] = latest;
	for (unsigned i = 0; i < actor_count; i++)
		if (can_go_on(&actors[i]) && &actors[i] != latest &&
		    (!interrupted || interruptions < interruptions_max))
			can[n++] = &actors[i];
	if (!n || step_count == STEPS_MAX)
		return NULL;
	choices[step_count] = (unsigned char)n;
	interruptions += interrupted && choice[step_count];
	latest = can[choice[step_count++]];
	return latest;
}

static void begin(void)
{
	memset(&pool, 0, sizeof(pool));
	memset(tags, 0, sizeof(tags));
	pool.size = sizeof(memory);
	pool.memory = memory;
	pool.area = areas;
	pool.tag = tags;
	pool.data = data;
	pool.wake.work.fn = dma_pool_wake_work;
	work_queued = false;
	step_count = 0;
	interruptions = 0;
	latest = NULL;
	for (unsigned i = 0; i < actor_count; i++)
		prepare(&actors[i], stacks[i]);
}

/* Full, but for what the actors give back. */
static void fill(unsigned slots)
{
	dma_addr_t address;

	pool.slots = slots;
	pool.map_max = 4;
	pool.area_shift = 0;
	pool.areas = slots;
	pool.stride = 1;
	dma_slots_init(&pool);
	while (!dma_map(&dev, memory, 1, DMA_TO_DEVICE, &address))
		held = address;
	pool.failed = 0;
	if (free_at_begin)
		dma_unmap(&dev, held, 1, DMA_TO_DEVICE);
}

/* One order. False: the actors never came to an end. */
static bool run_order(unsigned slots)
{
	begin();
	fill(slots);
	while ((self = choose()))
		swapcontext(&scheduler, &self->context);
	return all_done() && step_count < STEPS_MAX;
}

/* The next order, if there is one: as far as possible like this one. */
static bool next_order(void)
{
	while (step_count > 0) {
		step_count--;
		if (++choice[step_count] < choices[step_count])
			return true;
		choice[step_count] = 0;
	}
	return false;
}

/* Orders of steps of the worker and two others; areas have one slot each. */
static void run_all(unsigned slots, unsigned most_interruptions)
{
	actor_count = 3;
	interruptions_max = most_interruptions;
	orders = 0;
	memset(choice, 0, sizeof(choice));
	do {
		orders++;
		if (!CHECK(run_order(slots)))
			return;
		for (unsigned i = 1; i < actor_count; i++)
			CHECK(!actors[i].waiter.waiting);
	} while (next_order());
	CHECK(!pool.first_waiter && !pool.last_waiter && !pool.running);
}

static bool has_work(const struct actor *a)
{
	return work_queued;
}

static void work(struct actor *a)
{
	for (;;) {
		step(NULL, has_work);
		work_queued = false;
		pool.wake.work.fn(&pool.wake.work);
	}
}

static void note_call(struct dma_waiter *waiter)
{
	struct actor *a = container_of(waiter, struct actor, waiter);

	step(NULL, NULL);
	CHECK(!waiter->waiting && !a->gave_up);
	a->called = true;
	a->calls++;
}

static bool was_called(const struct actor *a)
{
	return a->called;
}

/* A driver that must get something mapped. */
static dma_addr_t map_at_last(struct actor *a)
{
	dma_addr_t address;

	a->waiter.fn = note_call;
	while (dma_map(&dev, memory, 1, DMA_TO_DEVICE, &address)) {
		a->called = false;
		dma_wait(&dev, &a->waiter);
		step(NULL, was_called);
	}
	/* Once for what came back, and perhaps once for nothing. */
	CHECK(a->calls <= 2);
	return address;
}

static void map(struct actor *a)
{
	map_at_last(a);
}

static void map_and_unmap(struct actor *a)
{
	dma_addr_t address = map_at_last(a);

	dma_unmap(&dev, address, 1, DMA_TO_DEVICE);
}

static void give_back(struct actor *a)
{
	dma_unmap(&dev, held, 1, DMA_TO_DEVICE);
}

static void wait_and_give_up(struct actor *a)
{
	a->waiter.fn = note_call;
	dma_wait(&dev, &a->waiter);
	dma_wait_cancel(&dev, &a->waiter);
	a->gave_up = true;
}

TEST(who_waits_is_called_in_every_order)
{
	actors[0].fn = work;
	actors[1].fn = map;
	actors[2].fn = give_back;
	run_all(1, ALL_ORDERS);
	CHECK(orders > 200000);
}

TEST(who_waits_is_called_wherever_the_room_is)
{
	actors[0].fn = work;
	actors[1].fn = map;
	actors[2].fn = give_back;
	run_all(2, INTERRUPTIONS_MAX);
	CHECK(orders > 10000);
}

TEST(who_gives_up_is_not_called_later)
{
	actors[0].fn = work;
	actors[1].fn = wait_and_give_up;
	actors[2].fn = give_back;
	run_all(1, INTERRUPTIONS_MAX);
	CHECK(orders > 5000);
}

/* One gives back what the other waits for. */
TEST(those_who_want_the_same_all_get_it)
{
	actors[0].fn = work;
	actors[1].fn = map_and_unmap;
	actors[2].fn = map_and_unmap;
	free_at_begin = 1;
	run_all(1, INTERRUPTIONS_MAX);
	free_at_begin = 0;
	CHECK(orders > 30000);
}
