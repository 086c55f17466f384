/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Self-tests of several CPUs. Many virtual CPUs may share one real one, so
 * the work of a test is about the same for any number of them.
 */
#include <kernel/arch_smp.h>
#include <kernel/cpu.h>
#include <kernel/errno.h>
#include <kernel/irq.h>
#include <kernel/mm/map.h>
#include <kernel/mm/page.h>
#include <kernel/selftest.h>
#include <kernel/smp.h>
#include <kernel/spinlock.h>
#include <kernel/string.h>
#include <kernel/time.h>

/* Operations of one kind in a test, by all CPUs together. */
#define TEST_OPERATIONS 4096
/* How long something that needs no waiting may take on a slow host. */
#define TEST_TIMEOUT_MS 20000

/* CPUs that are busy at the same time: more would wait for the host. */
#define READERS_MAX 3

static DEFINE_PER_CPU(u64, mark);

static bool wait_until(const unsigned *value, unsigned wanted)
{
	u64 deadline = time_ns() + TEST_TIMEOUT_MS * NSEC_PER_MSEC;

	while (atomic_load_acquire(value) != wanted && time_ns() < deadline)
		cpu_relax();
	return atomic_load_acquire(value) == wanted;
}

static void set_mark(void *arg)
{
	unsigned *masked = arg;

	this_cpu_write(mark, 1000ULL + smp_processor_id());
	if (!local_irq_enabled())
		atomic_fetch_add(masked, 1U);
}

static void test_variables(struct selftest *t)
{
	unsigned cpu, masked = 0;

	smp_call_mask(&cpu_online_mask, set_mark, &masked);
	for_each_online_cpu(cpu)
		if (!EXPECT_EQ(t, per_cpu(mark, cpu), 1000 + cpu))
			return;
	EXPECT_EQ(t, masked, cpumask_count(&cpu_online_mask));
}

static void say_where(void *arg)
{
	unsigned *cpu = arg;

	*cpu = smp_processor_id();
}

static void test_each(struct selftest *t)
{
	unsigned cpu, where;

	for_each_online_cpu(cpu) {
		where = CONFIG_NR_CPUS;
		if (!EXPECT_EQ(t, smp_call(cpu, say_where, &where), 0) ||
		    !EXPECT_EQ(t, where, cpu))
			return;
	}
	EXPECT_EQ(t, smp_call(cpu_count(), say_where, &where), -ENODEV);
	EXPECT_EQ(t, smp_call(CONFIG_NR_CPUS, say_where, &where), -ENODEV);
	EXPECT_EQ(t, smp_call(UINT32_MAX, say_where, &where), -ENODEV);
}

static void test_empty_mask(struct selftest *t)
{
	const struct cpumask none = { 0 };
	unsigned where = CONFIG_NR_CPUS;

	smp_call_mask(&none, say_where, &where);
	EXPECT_EQ(t, where, CONFIG_NR_CPUS);
}

static void count_up(void *arg)
{
	atomic_fetch_add((unsigned *)arg, 1U);
}

static void test_async(struct selftest *t)
{
	static struct smp_call_request requests[2];
	unsigned cpu, n = 0, done = 0;

	for_each_online_cpu(cpu) {
		for (unsigned i = 0; i < ARRAY_SIZE(requests); i++) {
			requests[i].fn = count_up;
			requests[i].arg = &done;
			EXPECT_EQ(t, smp_call_async(cpu, &requests[i]), 0);
		}
		n += ARRAY_SIZE(requests);
		if (!EXPECT(t, wait_until(&done, n)))
			return;
	}
	EXPECT_EQ(t, smp_call_async(CONFIG_NR_CPUS, requests), -ENODEV);
}

static void test_async_pending(struct selftest *t)
{
	unsigned done = 0;
	struct smp_call_request request = { .fn = count_up, .arg = &done };
	unsigned long irq = local_irq_save();

	/* For this CPU: it cannot begin while interrupts are masked. */
	EXPECT_EQ(t, smp_call_async(smp_processor_id(), &request), 0);
	if (irq_available()) {
		EXPECT_EQ(t, smp_call_async(smp_processor_id(), &request),
			  -EBUSY);
		EXPECT_EQ(t, done, 0);
	}
	local_irq_restore(irq);
	EXPECT(t, wait_until(&done, 1));
}

/*
 * Everybody calls somebody at the same time. Calls that wait need unmasked
 * interrupts, which functions that were called do not have: those that they
 * make do not wait.
 */
#define RELAY_HOPS 512 /* for each the host may have to change the CPU */

struct relay {
	struct smp_call_request request;
	unsigned hops, *finished;
};
static DEFINE_PER_CPU(struct relay, relay);

static unsigned next_cpu(void)
{
	return cpumask_next_cyclic(&cpu_online_mask, smp_processor_id());
}

static void pass_on(void *arg)
{
	struct relay *r = arg;

	if (r->hops-- == 0)
		atomic_fetch_add(r->finished, 1U);
	else
		smp_call_async(next_cpu(), &r->request);
}

static void start_relay(void *arg)
{
	unsigned cpus = cpumask_count(&cpu_online_mask);
	struct relay *r = this_cpu_ptr(relay);

	*r = (struct relay){
		.request = { .fn = pass_on, .arg = r },
		.hops = RELAY_HOPS / cpus,
		.finished = arg,
	};
	smp_call_async(next_cpu(), &r->request);
}

static void test_relay(struct selftest *t)
{
	static unsigned finished;

	atomic_write(&finished, 0U);
	smp_call_mask(&cpu_online_mask, start_relay, &finished);
	EXPECT(t, wait_until(&finished, cpumask_count(&cpu_online_mask)));
}

/*
 * Two CPUs at a time, until each had its turn: in a longer queue for a lock
 * each waits for the host to run all before it.
 */
#define CONTENTION_ROUNDS     4096 /* of all pairs together */
#define CONTENTION_ROUNDS_MIN 4
#define CONTENTION_HOLD	      100

/* A lock that fails lets two increments meet, and one is lost. */
struct contest {
	struct spinlock lock;
	u64 sum;
	unsigned contenders, ready, rounds;
};

static void contend(void *arg)
{
	struct contest *c = arg;

	/* All were asked to come, and none can be kept from it. */
	atomic_fetch_add(&c->ready, 1U);
	while (atomic_read(&c->ready) < c->contenders)
		cpu_relax();
	for (unsigned i = 0; i < c->rounds; i++) {
		u64 sum;

		spin_lock(&c->lock);
		sum = READ_ONCE(c->sum);
		/* Time for another one to come in. */
		for (unsigned n = 0; n < CONTENTION_HOLD; n++)
			barrier();
		WRITE_ONCE(c->sum, sum + 1);
		spin_unlock(&c->lock);
	}
}

static void hold_contest(struct selftest *t, unsigned a, unsigned b)
{
	unsigned pairs = cpumask_count(&cpu_online_mask) / 2 + 1;
	struct contest c = { .lock = SPINLOCK_INIT };
	struct cpumask mask = { 0 };

	cpumask_set(&mask, a);
	cpumask_set(&mask, b);
	c.contenders = cpumask_count(&mask);
	c.rounds = MAX(CONTENTION_ROUNDS / pairs, CONTENTION_ROUNDS_MIN);
	smp_call_mask(&mask, contend, &c);
	EXPECT_EQ(t, c.sum, (u64)c.contenders * c.rounds);
}

static void test_spinlock(struct selftest *t)
{
	unsigned a = cpumask_next(&cpu_online_mask, 0), b;

	do {
		b = cpumask_next(&cpu_online_mask, a + 1);
		hold_contest(t, a, b < CONFIG_NR_CPUS ? b : a);
		a = cpumask_next(&cpu_online_mask, b + 1);
	} while (a < CONFIG_NR_CPUS && !selftest_failed(t));
}

/*
 * The same address leads to one page after the other, each of which holds its
 * number. Who knows that page n is there must not see one before it.
 */
#define REMAP_PAGES	32U
#define REMAP_PAGES_MIN 6U
#define REMAP_ORDER	5
#define REMAP_CALLS	512 /* of one CPU, in the whole test */

struct remap {
	const volatile u8 *va;
	phys_addr_t pages;
	unsigned current; /* what readers must see at least */
	unsigned count;	  /* how many of the pages are used */
	unsigned readers, stop, old;
	u64 reads;
};

static void read_mapping(struct remap *r)
{
	unsigned at_least = atomic_load_acquire(&r->current);
	u8 number;

	/* While it is changed nothing is mapped there. */
	if (probe_read8((const u8 *)r->va, &number))
		return;
	atomic_fetch_add_relaxed(&r->reads, (u64)1);
	if (number < at_least)
		atomic_fetch_add(&r->old, 1U);
}

/* Called like an interrupt handler, but must itself be interrupted. */
static void keep_reading(void *arg)
{
	struct remap *r = arg;

	local_irq_enable();
	atomic_fetch_add(&r->readers, 1U);
	while (!atomic_read(&r->stop))
		read_mapping(r);
	local_irq_disable();
	atomic_fetch_add(&r->readers, -1U);
}

static void read_once(void *arg)
{
	read_mapping(arg);
}

static void remap_all(struct remap *r)
{
	uintptr_t va = (uintptr_t)r->va;

	for (unsigned i = 1; i < r->count; i++) {
		smp_call_mask(&cpu_online_mask, read_once, r);
		arch_unmap(va, PAGE_SIZE);
		tlb_flush_kernel_range(va, va + PAGE_SIZE);
		if (arch_map(va, r->pages + i * PAGE_SIZE, PAGE_SIZE,
			     MEMORY_WB))
			return;
		atomic_store_release(&r->current, i);
	}
	smp_call_mask(&cpu_online_mask, read_once, r);
}

static unsigned start_readers(struct remap *r,
			      struct smp_call_request requests[READERS_MAX])
{
	unsigned cpu, n = 0;

	for_each_online_cpu(cpu) {
		if (cpu == smp_processor_id() || n == READERS_MAX)
			continue;
		requests[n].fn = keep_reading;
		requests[n].arg = r;
		n += smp_call_async(cpu, &requests[n]) == 0;
	}
	return n;
}

static void run_remap(struct selftest *t, struct remap *r)
{
	struct smp_call_request requests[READERS_MAX] = { 0 };
	unsigned readers = start_readers(r, requests);

	EXPECT(t, wait_until(&r->readers, readers));
	remap_all(r);
	atomic_write(&r->stop, 1U);
	/* They use our memory. */
	while (atomic_load_acquire(&r->readers))
		cpu_relax();
	EXPECT_EQ(t, r->current, r->count - 1);
	EXPECT_EQ(t, r->old, 0);
	EXPECT(t, r->reads >= r->count);
}

static void test_tlb(struct selftest *t)
{
	unsigned rounds = REMAP_CALLS / cpumask_count(&cpu_online_mask);
	struct remap r = {
		.pages = alloc_pages(REMAP_ORDER, 0),
		.count = MIN(MAX(rounds, REMAP_PAGES_MIN), REMAP_PAGES),
	};

	if (!EXPECT(t, r.pages))
		return;
	for (unsigned i = 0; i < REMAP_PAGES; i++)
		*(u8 *)phys_to_virt(r.pages + i * PAGE_SIZE) = (u8)i;
	r.va = memremap(r.pages, PAGE_SIZE, MEMORY_WB);
	if (EXPECT(t, r.va))
		run_remap(t, &r);
	memunmap((const u8 *)r.va);
	EXPECT_EQ(t, free_pages(r.pages, REMAP_ORDER), 0);
}

/*
 * Every CPU allocates pages, puts each into a place that all share, and frees
 * what was there before: mostly another CPU's. A page that is given out twice
 * does not carry its own address any more when it is freed.
 */
#define SHARED_PAGES 64
#define SHARED_ORDER 1 /* every fourth block */
#define LOAD_GROUP   4
#define PAGE_BURST   40 /* more than a CPU keeps */
#define ORDER_BITS   3	/* of a place: below the address */

struct page_load {
	phys_addr_t place[SHARED_PAGES];
	unsigned rounds, damaged, refused;
};

static void free_shared(struct page_load *load, phys_addr_t block)
{
	unsigned order = (unsigned)block & ORDER_BITS;
	phys_addr_t phys = block & ~(phys_addr_t)ORDER_BITS;

	if (!phys)
		return;
	if (*(phys_addr_t *)phys_to_virt(phys) != phys)
		atomic_fetch_add(&load->damaged, 1U);
	if (free_pages(phys, order))
		atomic_fetch_add(&load->refused, 1U);
}

static phys_addr_t alloc_shared(unsigned order)
{
	phys_addr_t phys = alloc_pages(order, 0);

	if (!phys)
		return 0;
	*(phys_addr_t *)phys_to_virt(phys) = phys;
	return phys | order;
}

static void load_pages(void *arg)
{
	struct page_load *load = arg;
	unsigned at = smp_processor_id();
	phys_addr_t burst[PAGE_BURST];

	for (unsigned i = 0; i < load->rounds; i += PAGE_BURST) {
		for (unsigned n = 0; n < PAGE_BURST; n++)
			burst[n] = alloc_shared(n % 4 ? 0 : SHARED_ORDER);
		for (unsigned n = 0; n < PAGE_BURST; n++) {
			at = (at * 5 + 3) % SHARED_PAGES;
			free_shared(load,
				    atomic_xchg(&load->place[at], burst[n]));
		}
	}
}

/* Some CPUs at a time, for the same reason as above. */
static void load_in_groups(struct page_load *load)
{
	struct cpumask group = { 0 };
	unsigned cpu, n = 0;

	for_each_online_cpu(cpu) {
		cpumask_set(&group, cpu);
		if (++n % LOAD_GROUP)
			continue;
		smp_call_mask(&group, load_pages, load);
		group = (struct cpumask){ 0 };
	}
	smp_call_mask(&group, load_pages, load);
}

static void test_pages(struct selftest *t)
{
	struct page_stats before, after;
	struct page_load load = {
		.rounds = TEST_OPERATIONS / cpumask_count(&cpu_online_mask),
	};

	page_get_stats(&before);
	load_in_groups(&load);
	for (unsigned i = 0; i < SHARED_PAGES; i++)
		free_shared(&load, load.place[i]);
	EXPECT_EQ(t, load.damaged, 0);
	EXPECT_EQ(t, load.refused, 0);
	page_get_stats(&after);
	EXPECT_EQ(t, after.allocated - before.allocated,
		  after.freed - before.freed);
	/* No page is lost or kept, and all blocks are joined as before. */
	EXPECT(t, !memcmp(before.zone, after.zone, sizeof(before.zone)));
}

static void test_ids(struct selftest *t)
{
	for (unsigned a = 0; a < cpu_count(); a++)
		for (unsigned b = 0; b < a; b++)
			if (!EXPECT(t, arch_cpu_id(a) != arch_cpu_id(b)))
				return;
	EXPECT(t, cpumask_count(&cpu_online_mask) <= cpu_count());
	EXPECT(t, cpu_is_online(smp_processor_id()));
}

static const struct selftest_case smp_cases[] = {
	{ .name = "cpus-have-their-own-ids", .run = test_ids },
	{ .name = "variables-are-each-cpus-own", .run = test_variables },
	{ .name = "calls-run-where-they-should", .run = test_each },
	{ .name = "nobody-can-be-called", .run = test_empty_mask },
	{ .name = "calls-without-waiting-run-once", .run = test_async },
	{ .name = "call-in-use-is-refused", .run = test_async_pending },
	{ .name = "all-call-at-once", .run = test_relay },
	{ .name = "unmapped-is-unmapped-everywhere", .run = test_tlb },
	{ .name = "pages-under-load-of-all", .run = test_pages },
	{ .name = "spinlock-holds-others-off", .run = test_spinlock },
	{},
};
SELFTEST_SUITE(smp, "smp", smp_cases, 0);
