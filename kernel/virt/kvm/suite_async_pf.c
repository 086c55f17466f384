/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Self-test of asynchronous page faults: it reads memory that the host may
 * have to fetch, while another thread of the same CPU has something to do.
 */
#include <kernel/mm/map.h>
#include <kernel/mm/page.h>
#include <kernel/sched.h>
#include <kernel/selftest.h>
#include <kernel/smp.h>
#include <kernel/time.h>
#include <kernel/virt/service.h>
#include "internal.h"
#include "suite.h"

#define BLOCKS	      16 /* of 2 MiB */
#define READ_LIMIT_NS (5 * NSEC_PER_SEC)
#define WAITS_WANTED  20

static struct {
	bool end;
	u64 progress; /* of the other thread */
	u64 waits;
	u64 worst_ns; /* the longest read */
	u64 progress_in_waits;
	u32 sum; /* so that the reads are made */
} reading;

static void make_progress(void *arg __unused)
{
	while (!atomic_read(&reading.end)) {
		atomic_write(&reading.progress, reading.progress + 1);
		/* What else runs here is more urgent. */
		thread_yield();
	}
}

static void read_page(const u8 *page)
{
	u64 waits = kvm_apf_waits(), progress = atomic_read(&reading.progress);
	u64 start = time_ns();

	reading.sum += READ_ONCE(*page);
	reading.worst_ns = MAX(reading.worst_ns, time_ns() - start);
	if (kvm_apf_waits() == waits)
		return;
	reading.waits++;
	reading.progress_in_waits += atomic_read(&reading.progress) - progress;
}

static void read_block(const u8 *block, u64 until)
{
	for (u64 at = 0; at < PAGE_SIZE << PAGE_ORDER_2M; at += PAGE_SIZE) {
		if (time_ns() > until || reading.waits >= WAITS_WANTED)
			return;
		read_page(block + at);
	}
}

static void read_memory(void *arg __unused)
{
	u64 until = time_ns() + READ_LIMIT_NS;
	phys_addr_t blocks[BLOCKS];

	/* All at first: what is freed is given out again. */
	for (unsigned i = 0; i < BLOCKS; i++)
		blocks[i] = alloc_pages(PAGE_ORDER_2M, 0);
	for (unsigned i = 0; i < BLOCKS; i++) {
		if (!blocks[i])
			continue;
		read_block(phys_to_virt(blocks[i]), until);
		free_pages(blocks[i], PAGE_ORDER_2M);
	}
	atomic_write(&reading.end, true);
}

/* On one CPU: the reader, and who runs when it does not. */
static void read_beside_another(struct selftest *t)
{
	struct thread_attr high = { .bound = true,
				    .priority = THREAD_PRIORITY_HIGH };
	struct thread_attr low = { .bound = true,
				   .priority = THREAD_PRIORITY_LOW };
	struct thread *other, *reader;

	high.cpu = low.cpu =
		cpumask_next_cyclic(&cpu_online_mask, smp_processor_id());
	other = thread_create("progress", make_progress, NULL, &low);
	reader = thread_create("reader", read_memory, NULL, &high);
	if (!reader)
		atomic_write(&reading.end, true);
	if (EXPECT(t, reader))
		thread_join(reader);
	if (EXPECT(t, other))
		thread_join(other);
}

static void test_others_run(struct selftest *t)
{
	if (!kvm_test_runs(t, KVM_ASYNC_PF_INT))
		return;
	reading.end = false;
	reading.progress = reading.waits = reading.worst_ns = 0;
	reading.progress_in_waits = 0;
	read_beside_another(t);
	selftest_note(t,
		      "%llu waits, the longest %llu us, %llu steps meanwhile",
		      (unsigned long long)reading.waits,
		      (unsigned long long)(reading.worst_ns / NSEC_PER_USEC),
		      (unsigned long long)reading.progress_in_waits);
	if (!reading.waits)
		selftest_skip(t, "the host has all of this guest's memory");
	else if (EXPECT(t, reading.progress_in_waits > 0))
		virt_service_verified(HYPERV_TYPE_KVM, KVM_ASYNC_PF_INT);
}

static const struct selftest_case async_pf_cases[] = {
	{ .name = "others-run-while-a-page-is-fetched",
	  .run = test_others_run },
	{},
};
SELFTEST_SUITE(kvm_async_pf, "kvm-async-pf", async_pf_cases, 0);
