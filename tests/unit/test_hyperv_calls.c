/* SPDX-License-Identifier: BSD-2-Clause */
/* Hyper-V's hypercalls: how they are set up, made, and not believed. */
#include "fake_hyperv.h"
#include "fake_cpus.h"
#include <kernel/arch_smp.h>

void hv_ipi_send_mask(const struct cpumask *mask, enum ipi_kind kind);
void hv_flush_tlb_others(uintptr_t start, uintptr_t end);

#define CPUS   200
#define VECTOR (0x40U + IPI_CALL)

static unsigned native_ipis, native_flushes;
static struct cpumask told; /* whom the hypervisor was told of */

u32 arch_ipi_command(enum ipi_kind kind)
{
	return 0x4000U + 0x40U + kind;
}

int static_call_patch(void *name, const void *fn)
{
	CHECK(name && fn);
	return 0;
}

void ipi_send_mask(const struct cpumask *mask, enum ipi_kind kind)
{
	(void)mask;
	(void)kind;
}

void flush_tlb_others(uintptr_t start, uintptr_t end)
{
	(void)start;
	(void)end;
}

void native_ipi_send_mask(const struct cpumask *mask, enum ipi_kind kind)
{
	(void)mask;
	(void)kind;
	native_ipis++;
}

void native_flush_tlb_mask(const struct cpumask *mask, uintptr_t start,
			   uintptr_t end)
{
	CHECK(!cpumask_empty(mask));
	CHECK(start < end);
	native_flushes++;
}

static void be_cpu(unsigned cpu)
{
	unit_percpu_offset = percpu_offsets[cpu];
}

static bool made;

static __attribute__((destructor)) void end_cpus(void)
{
	be_cpu(0);
	for (unsigned cpu = 1; made && cpu < CPUS; cpu++)
		fake_cpu_end(cpu);
}

/* CPU n is virtual processor @first + n * @distance, as far as it goes. */
static void begin(u32 first, u32 distance)
{
	fake_hyperv_reset();
	cpu_online_mask = (struct cpumask){ 0 };
	for (unsigned cpu = 0; cpu < CPUS; cpu++) {
		if (!made && cpu)
			fake_cpu_enter(cpu);
		be_cpu(cpu);
		FAKE(HV_X64_MSR_VP_INDEX) = first + cpu * distance;
		(void)fake_service(HV_VP_INDEX)->start_cpu();
		cpumask_set(&cpu_online_mask, cpu);
	}
	made = true;
	be_cpu(0);
	CHECK_EQ(fake_start(HV_HYPERCALLS), 0);
	CHECK_EQ(fake_start(HV_CLUSTER_IPI), 0);
	CHECK_EQ(fake_start(HV_REMOTE_FLUSH), 0);
	memset(&fake_calls, 0, sizeof(fake_calls));
	native_ipis = native_flushes = 0;
}

TEST(guest_says_who_it_is_before_the_page_is_enabled)
{
	fake_hyperv_reset();
	FAKE(HV_X64_MSR_HYPERCALL) = 0xff4; /* bits to be preserved */
	CHECK_EQ(fake_start(HV_HYPERCALLS), 0);
	CHECK_EQ(FAKE(HV_X64_MSR_GUEST_OS_ID), hv_guest_os_id());
	CHECK(hv_guest_os_id() >> 63);
	CHECK_EQ(FAKE(HV_X64_MSR_HYPERCALL), 0x123000 | 0xff4 | 1);
	fake_stop(HV_HYPERCALLS);
	CHECK_EQ(FAKE(HV_X64_MSR_HYPERCALL), 0xff4);
	CHECK_EQ(FAKE(HV_X64_MSR_GUEST_OS_ID), 0);
	CHECK_EQ(hv_call_fast(HV_CALL_NOTIFY_LONG_SPIN_WAIT, 0, 0), -ENODEV);
	CHECK(!hv_call_input());
	/* A second stop is none. */
	fake_stop(HV_HYPERCALLS);
}

TEST(page_that_is_not_filled_in_is_not_called_again)
{
	fake_hyperv_reset();
	fake_calls.result = HYPERV_CALL_UNSEEN;
	CHECK_EQ(fake_start(HV_HYPERCALLS), -ENOSYS);
	CHECK_EQ(FAKE(HV_X64_MSR_GUEST_OS_ID), 0);
	CHECK_EQ(hv_call_fast(1, 0, 0), -ENODEV);
	CHECK_EQ(fake_calls.count, 1);
}

TEST(register_that_is_locked_or_refuses_is_given_up)
{
	fake_hyperv_reset();
	FAKE(HV_X64_MSR_HYPERCALL) = 2;
	CHECK_EQ(fake_start(HV_HYPERCALLS), -EBUSY);
	fake_hyperv_reset();
	fake_no_write[fake_index(HV_X64_MSR_HYPERCALL)] = true;
	CHECK_EQ(fake_start(HV_HYPERCALLS), -EIO);
	fake_hyperv_reset();
	fake_no_msr[fake_index(HV_X64_MSR_GUEST_OS_ID)] = true;
	CHECK_EQ(fake_start(HV_HYPERCALLS), -EIO);
	CHECK_EQ(fake_calls.count, 0);
}

TEST(results_become_errors)
{
	begin(0, 1);
	CHECK_EQ(hv_call_fast(8, 1, 2), 0);
	CHECK_EQ(fake_calls.control[0], 8 | HV_HYPERCALL_FAST);
	CHECK_EQ(fake_calls.a[0], 1);
	CHECK_EQ(fake_calls.b[0], 2);
	fake_calls.result = HV_STATUS_INVALID_HYPERCALL_CODE;
	CHECK_EQ(hv_call_fast(8, 0, 0), -ENOSYS);
	fake_calls.result = HV_STATUS_ACCESS_DENIED;
	CHECK_EQ(hv_call(8, 0), -EIO);
	CHECK_EQ(hv_call_list(8, 0, 3), -EIO);
	CHECK_EQ(hv_call_failures() >= 3, 1);
}

TEST(list_is_called_on_until_all_is_done)
{
	begin(0, 1);
	fake_calls.at_once = 3;
	CHECK_EQ(hv_call_list(3, 2, 10), 0);
	CHECK_EQ(fake_calls.count, 4);
	for (unsigned i = 0; i < 4; i++)
		CHECK_EQ(fake_calls.control[i],
			 3 | 2ULL << HV_HYPERCALL_VARHEAD_SHIFT |
				 10ULL << HV_HYPERCALL_REP_COUNT |
				 3ULL * i << HV_HYPERCALL_REP_START);
}

TEST(list_without_progress_or_with_too_much_is_given_up)
{
	begin(0, 1);
	fake_calls.result = 4ULL << HV_RESULT_REPS_SHIFT;
	CHECK_EQ(hv_call_list(3, 0, 10), -EIO);
	CHECK_EQ(fake_calls.count, 2); /* the second did nothing more */
	fake_calls.result = 11ULL << HV_RESULT_REPS_SHIFT;
	CHECK_EQ(hv_call_list(3, 0, 10), -EIO);
	fake_calls.result = 1; /* a status with nothing done */
	CHECK_EQ(hv_call_list(3, 0, 10), -EIO);
}

/* Which virtual processors the call meant. */
static bool means(u32 index)
{
	return index < CONFIG_NR_CPUS && cpumask_test(&told, index);
}

static void take_set(const struct hv_vp_set *set)
{
	unsigned word = 0;

	told = (struct cpumask){ 0 };
	CHECK_EQ(set->format, HV_VP_SET_SPARSE_4K);
	for (unsigned bank = 0; bank < HV_VP_SET_BANKS; bank++) {
		if (!(set->valid_banks >> bank & 1))
			continue;
		CHECK(set->bank_contents[word]);
		if (bank < CPUMASK_WORDS)
			told.bits[bank] = set->bank_contents[word];
		word++;
	}
}

static void take_ipi_set(const void *input)
{
	const struct hv_send_ipi_ex *ipi = input;

	CHECK_EQ(ipi->vector, VECTOR);
	take_set(&ipi->vp_set);
}

TEST(vp_indices_need_not_be_cpu_numbers)
{
	struct cpumask mask = { 0 };

	begin(7, 1);
	CHECK_EQ(hv_vp_index(0), 7);
	CHECK_EQ(hv_vp_index(5), 12);
	cpumask_set(&mask, 2);
	cpumask_set(&mask, 40);
	hv_ipi_send_mask(&mask, IPI_CALL);
	CHECK_EQ(fake_calls.count, 1);
	CHECK_EQ(fake_calls.control[0] & HV_HYPERCALL_CODE_MASK,
		 HV_CALL_SEND_SYNTHETIC_CLUSTER_IPI);
	CHECK(fake_calls.control[0] & HV_HYPERCALL_FAST);
	CHECK_EQ(fake_calls.a[0], VECTOR);
	CHECK_EQ(fake_calls.b[0], BIT64(9) | BIT64(47));
	CHECK_EQ(native_ipis, 0);
}

TEST(indices_above_63_take_a_sparse_set)
{
	static const unsigned steps[] = { 1, 2, 3, 63, 64, 65, 150 };

	begin(3, 1);
	fake_calls.seen = take_ipi_set;
	for (unsigned i = 0; i < ARRAY_SIZE(steps); i++) {
		struct cpumask mask = { 0 };

		cpumask_set(&mask, CPUS - 1);
		for (unsigned cpu = 1; cpu < CPUS; cpu += steps[i])
			cpumask_set(&mask, cpu);
		hv_ipi_send_mask(&mask, IPI_CALL);
		for (unsigned cpu = 0; cpu < CPUS; cpu++)
			CHECK_EQ(means(cpu + 3), cpumask_test(&mask, cpu));
		CHECK(!means(0) && !means(1) && !means(2));
	}
	CHECK_EQ(native_ipis, 0);
	CHECK_EQ(fake_calls.count, ARRAY_SIZE(steps));
}

TEST(absurd_and_repeated_indices_are_not_used)
{
	struct cpumask mask = { 0 };

	begin(0, 1);
	be_cpu(3);
	FAKE(HV_X64_MSR_VP_INDEX) = HV_VP_INDEX_MAX + 1;
	CHECK_EQ(fake_service(HV_VP_INDEX)->start_cpu(), -ERANGE);
	FAKE(HV_X64_MSR_VP_INDEX) = UINT64_MAX;
	CHECK_EQ(fake_service(HV_VP_INDEX)->start_cpu(), -ERANGE);
	FAKE(HV_X64_MSR_VP_INDEX) = 4; /* CPU 4's */
	CHECK_EQ(fake_service(HV_VP_INDEX)->start_cpu(), -ERANGE);
	FAKE(HV_X64_MSR_VP_INDEX) = HV_VP_INDEX_MAX;
	CHECK_EQ(fake_service(HV_VP_INDEX)->start_cpu(), 0);
	CHECK_EQ(hv_vp_index(3), HV_VP_INDEX_MAX);
	be_cpu(0);
	cpumask_set(&mask, 3);
	hv_ipi_send_mask(&mask, IPI_CALL);
	CHECK_EQ(native_ipis, 0);
	/* Banks 0 and 63 are one word each. */
	cpumask_set(&mask, 1);
	hv_ipi_send_mask(&mask, IPI_CALL);
	CHECK_EQ(fake_calls.control[1] >> HV_HYPERCALL_VARHEAD_SHIFT & 0x3ff,
		 2);
}

TEST(cpu_without_an_index_is_interrupted_and_flushed_without_hypercalls)
{
	struct cpumask mask = { { BIT64(1) | BIT64(2) } };

	begin(HV_VP_INDEX_MAX, 1); /* CPU 0 alone has one */
	CHECK_EQ(hv_vp_index(1), HV_VP_NONE);
	hv_ipi_send_mask(&mask, IPI_CALL);
	hv_flush_tlb_others(0x1000, 0x2000);
	CHECK_EQ(native_ipis, 1);
	CHECK_EQ(native_flushes, 1);
	CHECK_EQ(fake_calls.count, 0);
}

TEST(what_the_hypervisor_refuses_is_done_without_it)
{
	struct cpumask mask = { { BIT64(1) } };

	begin(0, 1);
	fake_calls.result = HV_STATUS_INVALID_PARAMETER;
	hv_ipi_send_mask(&mask, IPI_CALL);
	hv_flush_tlb_others(0x1000, 0x2000);
	CHECK_EQ(native_ipis, 1);
	CHECK_EQ(native_flushes, 1);
	fake_calls.result = 0;
	hv_ipi_send_mask(&mask, IPI_NMI);
	CHECK_EQ(native_ipis, 2);
}

TEST(sparse_sets_are_not_used_where_the_host_does_not_know_them)
{
	struct cpumask mask = { 0 };

	begin(0, 1);
	fake_missing = "ex-processor-masks";
	CHECK_EQ(fake_start(HV_CLUSTER_IPI), 0);
	CHECK_EQ(fake_start(HV_REMOTE_FLUSH), 0);
	cpumask_set(&mask, 64);
	hv_ipi_send_mask(&mask, IPI_CALL);
	hv_flush_tlb_others(0x1000, 0x2000);
	CHECK_EQ(native_ipis, 1);
	CHECK_EQ(native_flushes, 1);
	CHECK_EQ(fake_calls.count, 0);
}

static unsigned flushed_pages;

static void take_flush(const void *input)
{
	const struct hv_flush_ex *flush = input;
	u64 control = fake_calls.control[fake_calls.count - 1];
	unsigned banks = control >> HV_HYPERCALL_VARHEAD_SHIFT & 0x3ff;
	unsigned count =
		control >> HV_HYPERCALL_REP_COUNT & HV_HYPERCALL_REP_MASK;
	const u64 *list = flush->vp_set.bank_contents + banks;

	CHECK_EQ(flush->flags, HV_FLUSH_ALL_VIRTUAL_ADDRESS_SPACES);
	take_set(&flush->vp_set);
	flushed_pages = 0;
	for (unsigned i = 0; i < count; i++)
		flushed_pages += (list[i] & 0xfff) + 1;
	if (count)
		CHECK_EQ(list[0] & ~0xfffULL, 0xffff800000001000);
}

static void check_flush(u64 pages, u16 code)
{
	uintptr_t start = 0xffff800000001000;

	hv_flush_tlb_others(start, start + pages * 4096);
	CHECK_EQ(fake_calls.control[(fake_calls.count - 1) % 64] &
			 HV_HYPERCALL_CODE_MASK,
		 code);
}

TEST(flush_names_the_pages_and_everybody_else)
{
	static const u64 pages[] = { 1, 2, 4095, 4096, 4097, 65536 };

	begin(0, 1);
	fake_calls.seen = take_flush;
	for (unsigned i = 0; i < ARRAY_SIZE(pages); i++) {
		check_flush(pages[i], HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST_EX);
		CHECK_EQ(flushed_pages, pages[i]);
		CHECK(!means(0));
		for (unsigned cpu = 1; cpu < CPUS; cpu++)
			CHECK(means(cpu));
	}
	check_flush(65537, HV_CALL_FLUSH_VIRTUAL_ADDRESS_SPACE_EX);
	CHECK_EQ(native_flushes, 0);
}

static void take_small_flush(const void *input)
{
	const struct hv_flush *flush = input;

	CHECK_EQ(flush->flags, HV_FLUSH_ALL_VIRTUAL_ADDRESS_SPACES);
	CHECK_EQ(flush->processor_mask, BIT64(1) | BIT64(2));
}

TEST(flush_of_few_takes_bits)
{
	begin(0, 1);
	cpu_online_mask = (struct cpumask){ { 7 } };
	fake_calls.seen = take_small_flush;
	check_flush(1, HV_CALL_FLUSH_VIRTUAL_ADDRESS_LIST);
	check_flush(1U << 20, HV_CALL_FLUSH_VIRTUAL_ADDRESS_SPACE);
}
